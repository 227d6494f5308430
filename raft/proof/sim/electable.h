// SPDX-License-Identifier: Apache-2.0
// Whether a set of members can elect a leader at all. A pure function.
//
// A quorum of every configuration that may decide is not enough. A
// configuration is in force when it is appended (thesis 4.1), so a member may
// need the vote of one that is a learner to everybody else; and that learner
// may have entries of a later leader, who is gone, and refuse. It cannot lead
// itself. Until that leader comes back there is none, in this as in any Raft of
// that kind.
#ifndef MICROOVN_RAFT_PROOF_SIM_ELECTABLE_H_
#define MICROOVN_RAFT_PROOF_SIM_ELECTABLE_H_

#include <vector>

#include "raft/core/values/configuration.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

struct LogEnd {
  MemberId member;
  LogPosition last;
  // In force for it.
  Configuration configuration;
};

// Whether one of the members, which reach each other and nobody else, would get
// the votes that its own configuration asks for.
bool SomebodyCanWin(const std::vector<LogEnd>& members);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_PROOF_SIM_ELECTABLE_H_
