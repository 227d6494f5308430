// SPDX-License-Identifier: Apache-2.0
#include "agent/entry/join_outcome.h"

#include "base/status/error.h"

namespace microovn::agent {

JoinOutcome OutcomeOf(const absl::Status& withdrawn) {
  if (withdrawn.ok()) return JoinOutcome::kTakenBack;
  if (absl::IsFailedPrecondition(withdrawn) &&
      ReasonOf(withdrawn) == "MEMBER_NOT_JOINING") {
    return JoinOutcome::kStands;
  }
  return JoinOutcome::kUnknown;
}

}  // namespace microovn::agent
