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
  void Add(RequestId id, absl::Duration deadline, Done done);
  void Accept(RequestId id, LogIndex index, Term term);
  // The command certainly takes no effect.
  void Refuse(RequestId id, const absl::Status& status);
  // In the order of the log.
  void Applied(const std::vector<AppliedEntry>& entries);
  // A snapshot hides what was applied up to `index`.
  void Skipped(LogIndex index);
  void Expire(absl::Duration now);
  // No answer will come any more.
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
  std::multimap<LogIndex, RequestId> by_index_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_APPLY_PENDING_PROPOSALS_H_
