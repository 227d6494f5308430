// SPDX-License-Identifier: Apache-2.0
#include "raft/core/integrity/state_comparison.h"

#include "absl/algorithm/container.h"

namespace microovn::raft {

std::optional<StateMark> StateComparison::Question(MemberId peer) const {
  if (index_ == LogIndex(0)) return std::nullopt;
  const auto vote = absl::c_find_if(
      votes_, [peer](const StateVote& v) { return v.member == peer; });
  // Who differs is told until it has stopped; who agrees, or cannot say, is
  // left alone. Before it is known what is right every answer is as good.
  const bool settled =
      vote != votes_.end() &&
      (vote->hash.empty() || !right_.has_value() || vote->hash == *right_);
  if (settled) return std::nullopt;
  return StateMark{index_, right_.value_or("")};
}

bool StateComparison::Hear(MemberId peer, const StateMark& answer) {
  if (answer.index == LogIndex(0) || answer.index != index_) return false;
  const auto vote = absl::c_find_if(
      votes_, [peer](const StateVote& v) { return v.member == peer; });
  if (vote != votes_.end()) {
    // It started again and no longer knows what it said, so it cannot find out
    // by this comparison that it differs. The next one shows.
    if (answer.hash.empty()) vote->hash.clear();
    return false;
  }
  votes_.push_back({peer, answer.hash});
  return true;
}

std::optional<StateMark> StateComparison::Decide(
    const Configuration& configuration, MemberId leader) {
  right_ = RightHash(configuration, leader, votes_);
  if (!right_.has_value()) return std::nullopt;
  return StateMark{index_, *right_};
}

}  // namespace microovn::raft
