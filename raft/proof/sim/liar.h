// SPDX-License-Identifier: Apache-2.0
// What a learner says that lies: it has the certificate of a member, knows all
// logs, terms and ids, and may send any message in its own name. Pure: all
// chance from the random source that is passed in.
#ifndef MICROOVN_RAFT_PROOF_SIM_LIAR_H_
#define MICROOVN_RAFT_PROOF_SIM_LIAR_H_

#include "base/crypto/random.h"
#include "raft/core/raft_core.h"
#include "raft/core/values/message.h"
#include "raft/core/values/recovered.h"

namespace microovn::raft {

// To `target`, near what it could believe: terms and indices around its own,
// entries that fit its log, snapshots and votes that would win.
Message DrawLie(const Identity& liar, const RaftCore& target,
                SeededRandom& random);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_PROOF_SIM_LIAR_H_
