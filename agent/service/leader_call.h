// SPDX-License-Identifier: Apache-2.0
// A request that only the leader may do: done here, or passed on to who leads.
//
// It travels as it is, with who asked, and the leader validates, authorizes and
// plans it; its answer comes back. At most one hop: who was asked by another
// member passes nothing on, and the member that a person has asked finds the
// new leader. Functions without state; thread-safe.
#ifndef MICROOVN_AGENT_SERVICE_LEADER_CALL_H_
#define MICROOVN_AGENT_SERVICE_LEADER_CALL_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "agent/cluster/membership.h"
#include "agent/cluster/peer_client.h"
#include "google/protobuf/message.h"

namespace microovn::agent {

struct LeaderCall {
  PassedRequest passed;
  // Borrowed; also `here` writes it.
  google::protobuf::Message* response = nullptr;
  // The caller's.
  absl::Time deadline = absl::InfiniteFuture();
  // Another member has passed it on already.
  bool came_passed_on = false;
};

// Longer than an election takes: so long it is tried again after the first
// time that was in vain.
inline constexpr absl::Duration kLeaderPatience = absl::Seconds(5);

// NO_QUORUM when nobody could do it. NOT_LEADER says that nothing was done. A
// request with a request_id is tried again also when it may have been done: the
// second time is answered like the first.
absl::Status CallLeader(Membership& member, const LeaderCall& call,
                        const std::function<absl::Status()>& here);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_LEADER_CALL_H_
