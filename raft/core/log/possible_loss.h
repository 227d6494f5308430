// SPDX-License-Identifier: Apache-2.0
// What is given up when a quarantine is ended by decision and not by a leader:
// the way out for a cluster whose majority, or only voter, lost acknowledged
// writes, so that no leader can come any more. Pure functions.
//
// The member has promised what it no longer has. As long as it is not counted
// nothing can follow from that; once it votes again, entries that were
// committed with its help may be replaced. Which ones these can be is known:
// those between what it still has and the recorded end of its log. Whoever
// decides to go on without them is told the range, and the range is recorded.
#ifndef MICROOVN_RAFT_CORE_LOG_POSSIBLE_LOSS_H_
#define MICROOVN_RAFT_CORE_LOG_POSSIBLE_LOSS_H_

#include "raft/core/values/recovered.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

// Entries first..last; none when first > last, then at most a vote was lost.
struct PossibleLoss {
  LogIndex first;
  LogIndex last;

  bool none() const { return last < first; }
  friend bool operator==(const PossibleLoss& a, const PossibleLoss& b) {
    return a.first == b.first && a.last == b.last;
  }
};

// The term and index at which the log of `recovered` ends.
LogPosition EndOf(const Recovered& recovered);

// Of a member in quarantine. Entries up to the applied index are never among
// them: they are in its state.
PossibleLoss LossOf(const Recovered& recovered, const Quarantine& lost);

// With which a member leaves its quarantine without a leader. The recorded term
// is left behind, because a vote in it may be forgotten; a later term can have
// begun in quarantine only, where no vote is given but to a known leader.
HardState HardStateWithout(const HardState& stored, const Quarantine& lost);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_LOG_POSSIBLE_LOSS_H_
