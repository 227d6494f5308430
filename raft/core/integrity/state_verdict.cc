// SPDX-License-Identifier: Apache-2.0
#include "raft/core/integrity/state_verdict.h"

#include "absl/algorithm/container.h"

namespace microovn::raft {
namespace {

using Votes = std::vector<StateVote>;

const StateVote* VoteOf(MemberId member, const Votes& votes) {
  const auto vote = absl::c_find_if(votes, [member](const StateVote& v) {
    return v.member == member && !v.hash.empty();
  });
  return vote == votes.end() ? nullptr : &*vote;
}

bool HalfHave(const std::string& hash, const std::vector<MemberId>& voters,
              const Votes& votes) {
  const auto agreeing = absl::c_count_if(voters, [&](MemberId voter) {
    const StateVote* vote = VoteOf(voter, votes);
    return vote != nullptr && vote->hash == hash;
  });
  return 2 * static_cast<size_t>(agreeing) >= voters.size();
}

bool AllSpoke(const std::vector<MemberId>& voters, const Votes& votes) {
  return absl::c_all_of(voters, [&votes](MemberId voter) {
    return VoteOf(voter, votes) != nullptr;
  });
}

}  // namespace

std::optional<std::string> RightHash(const Configuration& configuration,
                                     MemberId leader, const Votes& votes) {
  std::optional<std::string> right;
  bool tie = false;
  for (const StateVote& each : votes) {
    // An outgoing side that is empty agrees.
    if (each.hash.empty() ||
        !HalfHave(each.hash, configuration.voters, votes) ||
        !HalfHave(each.hash, configuration.outgoing, votes)) {
      continue;
    }
    tie = tie || (right.has_value() && *right != each.hash);
    right = each.hash;
  }
  if (right.has_value() && !tie) return right;
  const bool split = tie || (AllSpoke(configuration.voters, votes) &&
                             AllSpoke(configuration.outgoing, votes));
  const StateVote* leaders = VoteOf(leader, votes);
  if (!split || leaders == nullptr) return std::nullopt;
  return leaders->hash;
}

}  // namespace microovn::raft
