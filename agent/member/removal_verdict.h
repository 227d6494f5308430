// SPDX-License-Identifier: Apache-2.0
// Whether this member was removed from its cluster: pure.
#ifndef MICROOVN_AGENT_MEMBER_REMOVAL_VERDICT_H_
#define MICROOVN_AGENT_MEMBER_REMOVAL_VERDICT_H_

#include <cstddef>
#include <vector>

#include "absl/status/status.h"

namespace microovn::agent {

struct OwnView {
  // There is a state at all.
  bool bootstrapped = false;
  // The log says that this member was removed.
  bool tombstone = false;
  // This member is listed, and not as one that leaves.
  bool stays = false;
  bool leader_speaks = false;
};

enum class RemovalVerdict { kMember, kRemoved, kAskOthers };

// From what is known here. The entry that removes a member may never reach it;
// while a leader speaks to it, it is a member still, unless it is about to go.
RemovalVerdict JudgeByOwnView(const OwnView& view);

// From what the other voters that this member knows, `voters` in number,
// answered to a question that only members may ask: whether most of them say
// that it was removed. One member that lies must not make others erase
// themselves.
// Nothing but the word MEMBER_REMOVED counts: a peer that is off, without a
// leader, too old or not trusted says nothing of this member. Who answers at
// all has shown a certificate of this cluster that is valid: the channel
// refuses every other.
bool MostAreWitnesses(size_t voters, const std::vector<absl::Status>& answers);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_REMOVAL_VERDICT_H_
