// SPDX-License-Identifier: Apache-2.0
// The arithmetic of majorities. Under joint consensus a decision needs a
// majority of the new and a majority of the old voters (Raft section 6).
// Pure functions.
#ifndef MICROOVN_RAFT_CORE_VALUES_QUORUM_H_
#define MICROOVN_RAFT_CORE_VALUES_QUORUM_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "raft/core/values/configuration.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

constexpr size_t MajorityOf(size_t voters) { return voters / 2 + 1; }

// Whether those for whom `agrees` is true decide. Each voter is asked once,
// so an answer that arrives twice cannot count twice. No voters decide
// nothing.
bool HasQuorum(const Configuration& configuration,
               absl::FunctionRef<bool(MemberId)> agrees);

// The largest value that a quorum has reached.
// 0 for a configuration without voters. In a joint one the lesser of both
// sides, and each side by its own voters: a large majority of one does not make
// up for the other.
uint64_t QuorumValue(const Configuration& configuration,
                     absl::FunctionRef<uint64_t(MemberId)> value_of);

enum class VoteResult { kPending, kWon, kLost };

// `granted` and `refused` hold ids, not counts (raft.md 5b.2).
VoteResult Tally(const Configuration& configuration,
                 const std::vector<MemberId>& granted,
                 const std::vector<MemberId>& refused);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_VALUES_QUORUM_H_
