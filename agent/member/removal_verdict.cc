// SPDX-License-Identifier: Apache-2.0
#include "agent/member/removal_verdict.h"

#include <algorithm>

#include "base/status/error.h"

namespace microovn::agent {

RemovalVerdict JudgeByOwnView(const OwnView& view) {
  if (!view.bootstrapped) return RemovalVerdict::kMember;
  if (view.tombstone) return RemovalVerdict::kRemoved;
  if (view.leader_speaks && view.stays) return RemovalVerdict::kMember;
  return RemovalVerdict::kAskOthers;
}

bool MostAreWitnesses(size_t voters, const std::vector<absl::Status>& answers) {
  const auto witnesses = std::count_if(
      answers.begin(), answers.end(),
      [](const auto& answer) { return ReasonOf(answer) == "MEMBER_REMOVED"; });
  return 2 * static_cast<size_t>(witnesses) > voters;
}

}  // namespace microovn::agent
