// SPDX-License-Identifier: Apache-2.0
// Callers that wait for what becomes of their commands.
//
// A command's fate shows where it was to go in the log: the entry that is
// applied there has the term in which the command was accepted, then it took
// effect; it has another, then it certainly did not. Losing leadership decides
// nothing (raft.md 5b.10).
#ifndef MICROOVN_RAFT_NODE_APPLY_PENDING_PROPOSALS_H_
#define MICROOVN_RAFT_NODE_APPLY_PENDING_PROPOSALS_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "raft/core/values/types.h"
#include "raft/transport/transport.h"

namespace microovn::raft {

struct AppliedEntry {
  LogIndex index;
  Term term;
  std::string result;
};

// Thread-safe. Answers are given without a lock held, each exactly once.
class PendingProposals {
 public:
  using Done = Receiver::ProposalDone;

  ~PendingProposals();

  // `deadline` is monotonic time.
  // Before the command is proposed, so that no answer can come too early.
  void Add(RequestId id, absl::Duration deadline, Done done);
  // The core has appended it. Must come before the entry can be applied, which
  // the loop sees to: it acts on `accepted` first.
  void Accept(RequestId id, LogIndex index, Term term);
  // The command certainly takes no effect.
  void Refuse(RequestId id, const absl::Status& status);
  // In the order of the log.
  void Applied(const std::vector<AppliedEntry>& entries);
  // A snapshot hides what was applied up to `index`.
  // Whether they took effect is in the state, but no longer which entry did it.
  void Skipped(LogIndex index);
  // UNKNOWN for those that are late, accepted or not: they may be on their way
  // into the log.
  void Expire(absl::Duration now);
  // No answer will come any more.
  // Those not accepted are not in the log, and will not be: RAFT_STOPPED. The
  // others are UNKNOWN.
  void Abandon();

  bool empty() const;

 private:
  struct Waiting {
    absl::Duration deadline;
    Done done;
    LogIndex index;  // 0: not accepted yet
    Term term;
  };
  using Table = std::map<RequestId, Waiting>;

  using Answered = std::pair<Done, absl::StatusOr<Proposed>>;

  std::vector<RequestId> WaitingAt(LogIndex index) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Of a request that waits at the entry's index: its own entry, or another
  // leader's in its place.
  Answered AnswerTo(const RequestId& id, const AppliedEntry& entry)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  Done Remove(Table::iterator at) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  mutable Mutex mu_;
  Table waiting_ ABSL_GUARDED_BY(mu_);
  // Several may claim one index: each was accepted there in another term, and
  // at most one is right.
  std::multimap<LogIndex, RequestId> by_index_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_APPLY_PENDING_PROPOSALS_H_
