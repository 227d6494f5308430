// SPDX-License-Identifier: Apache-2.0
#include "raft/node/apply/pending_proposals.h"

#include <algorithm>
#include <utility>

#include "raft/transport/proposal_errors.h"

namespace microovn::raft {

PendingProposals::~PendingProposals() { Abandon(); }

void PendingProposals::Add(RequestId id, absl::Duration deadline, Done done) {
  MutexLock lock(&mu_);
  waiting_[id] = {deadline, std::move(done), LogIndex(), Term()};
}

void PendingProposals::Accept(RequestId id, LogIndex index, Term term) {
  MutexLock lock(&mu_);
  const auto at = waiting_.find(id);
  if (at == waiting_.end()) return;
  at->second.index = index;
  at->second.term = term;
  by_index_.emplace(index, id);
}

void PendingProposals::Refuse(RequestId id, const absl::Status& status) {
  Done done;
  {
    MutexLock lock(&mu_);
    const auto at = waiting_.find(id);
    if (at == waiting_.end()) return;
    done = Remove(at);
  }
  done(status);
}

void PendingProposals::Applied(const std::vector<AppliedEntry>& entries) {
  std::vector<Answered> answers;
  {
    MutexLock lock(&mu_);
    for (const AppliedEntry& entry : entries) {
      for (const RequestId& id : WaitingAt(entry.index)) {
        answers.push_back(AnswerTo(id, entry));
      }
    }
  }
  // Without the lock: an answered caller may come back with its next command.
  for (auto& [done, answer] : answers) done(std::move(answer));
}

std::vector<RequestId> PendingProposals::WaitingAt(LogIndex index) const {
  std::vector<RequestId> ids;
  const auto [begin, end] = by_index_.equal_range(index);
  for (auto at = begin; at != end; ++at) ids.push_back(at->second);
  return ids;
}

PendingProposals::Answered PendingProposals::AnswerTo(
    const RequestId& id, const AppliedEntry& entry) {
  const auto at = waiting_.find(id);
  // Index and term name one entry, in all logs and for ever (Log Matching).
  const bool happened = at->second.term == entry.term;
  Done done = Remove(at);
  if (happened) return {std::move(done), Proposed{entry.index, entry.result}};
  return {std::move(done), NoLeaderError("another leader took over")};
}

void PendingProposals::Skipped(LogIndex index) {
  std::vector<Done> answers;
  {
    MutexLock lock(&mu_);
    // Those that are not accepted yet are not in by_index_, and go on to wait.
    while (!by_index_.empty() && by_index_.begin()->first <= index) {
      answers.push_back(Remove(waiting_.find(by_index_.begin()->second)));
    }
  }
  for (const Done& done : answers) {
    done(OutcomeUnknownError("this member caught up from a snapshot"));
  }
}

void PendingProposals::Expire(absl::Duration now) {
  std::vector<Done> answers;
  {
    MutexLock lock(&mu_);
    for (auto at = waiting_.begin(); at != waiting_.end();) {
      const auto here = at++;
      if (here->second.deadline <= now) answers.push_back(Remove(here));
    }
  }
  for (const Done& done : answers) {
    done(OutcomeUnknownError("it was not committed in time"));
  }
}

void PendingProposals::Abandon() {
  Table waiting;
  {
    MutexLock lock(&mu_);
    // None is left, so an answer that comes later finds nobody.
    waiting.swap(waiting_);
    by_index_.clear();
  }
  for (const auto& [id, each] : waiting) {
    const bool accepted = each.index != LogIndex(0);
    each.done(accepted ? OutcomeUnknownError("this member is stopping")
                       : StoppedError());
  }
}

bool PendingProposals::empty() const {
  MutexLock lock(&mu_);
  return waiting_.empty();
}

PendingProposals::Done PendingProposals::Remove(Table::iterator at) {
  const auto [begin, end] = by_index_.equal_range(at->second.index);
  const auto index = std::find_if(
      begin, end, [&at](const auto& each) { return each.second == at->first; });
  if (index != end) by_index_.erase(index);
  Done done = std::move(at->second.done);
  waiting_.erase(at);
  return done;
}

}  // namespace microovn::raft
