#include "agent/member/removal_verdict.h"

#include <algorithm>

#include "base/error.h"

namespace microovn::agent {

RemovalVerdict JudgeByOwnView(const OwnView& view) {
  if (!view.bootstrapped) return RemovalVerdict::kMember;
  if (view.tombstone) return RemovalVerdict::kRemoved;
  if (view.leader_speaks && view.stays) return RemovalVerdict::kMember;
  return RemovalVerdict::kAskOthers;
}

bool AnyWitness(const std::vector<absl::Status>& answers) {
  return std::any_of(answers.begin(), answers.end(), [](const auto& answer) {
    return ReasonOf(answer) == "MEMBER_REMOVED";
  });
}

}  // namespace microovn::agent
