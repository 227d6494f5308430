// SPDX-License-Identifier: Apache-2.0
#include "raft/core/values/quorum.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/container/inlined_vector.h"

namespace microovn::raft {
namespace {

bool HasMajority(const std::vector<MemberId>& voters,
                 absl::FunctionRef<bool(MemberId)> agrees) {
  size_t agreeing = 0;
  for (const MemberId voter : voters) agreeing += agrees(voter) ? 1 : 0;
  return agreeing >= MajorityOf(voters.size());
}

// The majority'th largest value.
uint64_t MajorityValue(const std::vector<MemberId>& voters,
                       absl::FunctionRef<uint64_t(MemberId)> value_of) {
  absl::InlinedVector<uint64_t, kMaxVoters> values;
  for (const MemberId voter : voters) values.push_back(value_of(voter));
  if (values.empty()) return 0;
  const auto nth =
      values.begin() +
      static_cast<std::ptrdiff_t>(values.size() - MajorityOf(values.size()));
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

}  // namespace

bool HasQuorum(const Configuration& configuration,
               absl::FunctionRef<bool(MemberId)> agrees) {
  if (!HasMajority(configuration.voters, agrees)) return false;
  return !configuration.is_joint() ||
         HasMajority(configuration.outgoing, agrees);
}

uint64_t QuorumValue(const Configuration& configuration,
                     absl::FunctionRef<uint64_t(MemberId)> value_of) {
  const uint64_t value = MajorityValue(configuration.voters, value_of);
  if (!configuration.is_joint()) return value;
  return std::min(value, MajorityValue(configuration.outgoing, value_of));
}

VoteResult Tally(const Configuration& configuration,
                 const std::vector<MemberId>& granted,
                 const std::vector<MemberId>& refused) {
  if (HasQuorum(configuration, [&](MemberId voter) {
        return absl::c_linear_search(granted, voter);
      })) {
    return VoteResult::kWon;
  }
  // If all who have not refused would agree. Not a majority of refusals: with
  // an even number of voters half of them is enough to lose.
  const bool winnable = HasQuorum(configuration, [&](MemberId voter) {
    return !absl::c_linear_search(refused, voter);
  });
  return winnable ? VoteResult::kPending : VoteResult::kLost;
}

}  // namespace microovn::raft
