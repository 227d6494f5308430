// SPDX-License-Identifier: Apache-2.0
// Quarantine: what a member does that promised more than it still knows
// (raft.md 5a.8; Alagappan, FAST'18: a lost tail is not a crash).
//
// It grants no vote and no pre-vote, does not campaign, and its replies say
// that it must not be counted: not for commitment, not for CheckQuorum, not to
// confirm reads, not as the target of a transfer. For it may have forgotten a
// vote or an acknowledgement. Say that three voters are led in term 5 by A,
// that C was elected in term 6 by itself and X, and that X forgets its vote and
// its term. To count X would let A, who has not heard of C, go on to commit in
// term 5 what C replaces; X's second vote in term 6 could elect B beside C; and
// its vote for a member without an entry that A committed thanks to X would
// lose that entry.
//
// It ends when two things hold.
//
// 1. The promised term is respected. The member takes over the recorded term T
// at its start, so it hears only leaders of T or later. Were it to follow A
// again, it would promise A in term 5 what it promised C in term 6 not to. In T
// itself a vote may be forgotten: before it can vote again it votes for the
// leader of its term, once it knows one. That vote is not needed, and nobody
// else can be elected in that term by any other.
//
// 2. It holds every committed entry that it ever acknowledged. Let P = (t, i)
// be the recorded end of its log and c the last of these entries, committed by
// the leader of term A, so that c is of term A or behind such an entry that is
// committed too. Committed entries are not truncated, so c was in the log that
// ended at P: c <= i and A <= t. The leader of the present term T' >= T >= A
// has it: because T' = A, or by Leader Completeness, for whatever part this
// member had in its election was before it lost anything. Let the logs agree
// durably up to m. If m >= i, c is covered. If the entry at m is of a term
// later than t, it is behind c in the leader's log, so c is covered too. One of
// the two comes to hold without new proposals: a leader of a term later than t
// begins with an entry of that term, and the leader of term t has at least i
// entries. A snapshot is committed, so what it covers agrees with any leader of
// a later term.
//
// The end is a batch of its own. Until it is durable the member stays in
// quarantine, so a crash before it changes nothing; after it the storage
// reports no quarantine (Persist::ends_quarantine), so a crash behind it does
// not bring it back.
#include <algorithm>

#include "raft/core/raft_core.h"

namespace microovn::raft {

void RaftCore::EnterQuarantine(const Quarantine& quarantine) {
  quarantine_.Enter(quarantine);
  if (quarantine.term > term()) SetHardState({quarantine.term, MemberId()});
}

void RaftCore::TryLeaveQuarantine() {
  if (!quarantine_.active()) return;
  const auto* follower = std::get_if<Follower>(&role_);
  if (follower == nullptr || term_leader_.is_none()) return;
  // What this leader proved to match, or is committed whoever proved it; of
  // that what a crash cannot take away again.
  const LogIndex agreed =
      std::min(std::max(follower->matched, commit_), log_.durable());
  if (!quarantine_.Decide(agreed, log_.TermAt(agreed))) return;
  // In one batch with the end, or a crash between the two would leave a member
  // that votes and may have forgotten for whom.
  SetHardState({term(), hard_.vote.is_none() ? term_leader_ : hard_.vote});
  quarantine_.EndWith(issued_.Next());  // the batch of this Step
}

}  // namespace microovn::raft
