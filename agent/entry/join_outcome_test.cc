// SPDX-License-Identifier: Apache-2.0
#include "agent/entry/join_outcome.h"

#include "base/status/error.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

TEST(JoinOutcomeTest, OnlyAnAnswerDecides) {
  const struct {
    absl::Status withdrawn;
    JoinOutcome outcome;
  } cases[] = {
      {absl::OkStatus(), JoinOutcome::kTakenBack},
      {MakeError(absl::StatusCode::kFailedPrecondition, "it has ended",
                 {"MEMBER_NOT_JOINING", ""}),
       JoinOutcome::kStands},
      {MakeError(absl::StatusCode::kFailedPrecondition, "no member",
                 {"NOT_BOOTSTRAPPED", ""}),
       JoinOutcome::kUnknown},
      {absl::UnavailableError("connection refused"), JoinOutcome::kUnknown},
      {absl::DeadlineExceededError("no answer"), JoinOutcome::kUnknown},
      {MakeError(absl::StatusCode::kUnavailable, "no leader",
                 {"NO_LEADER", ""}),
       JoinOutcome::kUnknown},
      {absl::UnauthenticatedError("certificate verify failed"),
       JoinOutcome::kUnknown},
      {absl::InternalError("broken"), JoinOutcome::kUnknown},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(OutcomeOf(test.withdrawn), test.outcome) << test.withdrawn;
  }
}

}  // namespace
}  // namespace microovn::agent
