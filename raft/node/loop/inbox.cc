// SPDX-License-Identifier: Apache-2.0
#include "raft/node/loop/inbox.h"

#include <utility>

#include "base/time/clock.h"

namespace microovn::raft {

bool Inbox::Add(InboxItem&& item) {
  MutexLock lock(&mu_);
  // Nobody is woken here: the caller tries to claim, and works itself.
  if (closed_ || !Admit(item)) return false;
  items_.push_back(std::move(item));
  return true;
}

bool Inbox::Claim() {
  MutexLock lock(&mu_);
  if (claimed_ || closed_ || items_.empty()) return false;
  claimed_ = true;
  return true;
}

void Inbox::WaitAndClaim() {
  MutexLock lock(&mu_);
  for (;;) {
    const absl::Duration now = Clock::Real().Monotonic();
    turn_micros_ = absl::ToInt64Microseconds(now);
    const absl::Duration left = wake_ - now;
    due_ = !items_.empty() || closed_ || left <= absl::ZeroDuration();
    if (due_ && !claimed_) break;
    // What Release compares its time with. While it waits for the claim every
    // Release wakes it.
    asleep_until_ = due_ ? absl::InfiniteDuration() : wake_;
    changed_.WaitWithTimeout(&mu_, due_ ? absl::InfiniteDuration() : left);
  }
  asleep_until_ = -absl::InfiniteDuration();
  due_ = false;
  claimed_ = true;
}

absl::Duration Inbox::last_turn() const {
  return absl::Microseconds(turn_micros_.load());
}

void Inbox::Release(absl::Duration wake) {
  MutexLock lock(&mu_);
  claimed_ = false;
  wake_ = wake;
  // The core may have a nearer deadline now than when the thread went to sleep.
  // Most rounds move it back, and wake nobody.
  const bool oversleeps = wake < asleep_until_;
  if (oversleeps || due_ || closed_ || !items_.empty()) changed_.SignalAll();
}

std::vector<InboxItem> Inbox::Take() {
  MutexLock lock(&mu_);
  messages_ = 0;
  proposals_ = 0;
  proposal_bytes_ = 0;
  return std::exchange(items_, {});
}

void Inbox::Close() {
  MutexLock lock(&mu_);
  closed_ = true;
  changed_.SignalAll();
}

bool Inbox::closed() const {
  MutexLock lock(&mu_);
  return closed_;
}

bool Inbox::Admit(const InboxItem& item) {
  if (const auto* proposal = std::get_if<ProposalItem>(&item)) {
    const size_t size = proposal->command.size();
    if (proposals_ >= limits_.max_proposals ||
        proposal_bytes_ + size > limits_.max_proposal_bytes) {
      return false;
    }
    ++proposals_;
    proposal_bytes_ += size;
    return true;
  }
  const auto* input = std::get_if<Input>(&item);
  if (input == nullptr || !std::holds_alternative<Received>(*input)) {
    return true;
  }
  // A lost message is sent again.
  // But what storage and applier report is never sent again: it has no limit.
  if (messages_ >= limits_.max_messages) return false;
  ++messages_;
  return true;
}

}  // namespace microovn::raft
