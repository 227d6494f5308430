// SPDX-License-Identifier: Apache-2.0
// Who can be counted on, as a leader sees it: with hysteresis, so that a lost
// packet moves nobody.
//
// Fed by whoever asks, with its own clock. Thread-compatible; a value.
#ifndef MICROOVN_AGENT_OPERATIONS_MEMBER_HEALTH_H_
#define MICROOVN_AGENT_OPERATIONS_MEMBER_HEALTH_H_

#include <map>
#include <string>

#include "absl/time/time.h"
#include "agent/operations/raft_control.h"
#include "agent/state/values/cluster_state.h"

namespace microovn::agent {

// What the cluster is configured to call silent for too long.
absl::Duration DownAfter(const ClusterState& state);

class MemberHealth {
 public:
  // Heard from within this long: in contact.
  static constexpr absl::Duration kContact = absl::Seconds(3);
  // In contact again for this long: not down any more.
  static constexpr absl::Duration kUpAfter = absl::Seconds(5);

  // `now` is monotonic time; not heard from for `down_after`: down. Without
  // leading nothing is known: all is forgotten.
  void Observe(const RaftView& view, absl::Duration now,
               absl::Duration down_after);

  // Whether it was in contact when last observed; the leader itself always is,
  // a member that is not a part of the log never.
  bool InContact(const std::string& member_id) const;
  bool Down(const std::string& member_id) const;
  // For how long it has been out of contact at `now`, as this leader has seen
  // it: zero when it is in contact, a moment for one that is not a part of the
  // log.
  absl::Duration SilentFor(const std::string& member_id,
                           absl::Duration now) const;

 private:
  struct Peer {
    bool contact = false;
    // Of the last change of `contact`.
    absl::Duration since;
    bool down = false;
  };

  std::string self_id_;
  std::map<std::string, Peer> peers_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OPERATIONS_MEMBER_HEALTH_H_
