// SPDX-License-Identifier: Apache-2.0
#include "agent/member/removal_verdict.h"

#include <vector>

#include "base/status/error.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

TEST(RemovalVerdictTest, TheOwnViewDecidesOrNobodyYet) {
  const struct {
    bool bootstrapped, tombstone, stays, leader_speaks;
    RemovalVerdict verdict;
  } cases[] = {
      {false, false, false, false, RemovalVerdict::kMember},
      {false, false, true, true, RemovalVerdict::kMember},
      {true, true, false, false, RemovalVerdict::kRemoved},
      {true, true, true, true, RemovalVerdict::kRemoved},
      {true, false, true, true, RemovalVerdict::kMember},
      {true, false, true, false, RemovalVerdict::kAskOthers},
      {true, false, false, true, RemovalVerdict::kAskOthers},
      {true, false, false, false, RemovalVerdict::kAskOthers},
  };
  for (const auto& test : cases) {
    OwnView view;
    view.bootstrapped = test.bootstrapped;
    view.tombstone = test.tombstone;
    view.stays = test.stays;
    view.leader_speaks = test.leader_speaks;
    EXPECT_EQ(JudgeByOwnView(view), test.verdict)
        << test.bootstrapped << test.tombstone << test.stays
        << test.leader_speaks;
  }
}

TEST(RemovalVerdictTest, OnlyTheWordRemovedCounts) {
  const absl::Status removed =
      MakeError(absl::StatusCode::kUnauthenticated, "you were removed",
                {"MEMBER_REMOVED", ""});
  const absl::Status others[] = {
      absl::OkStatus(),
      absl::UnavailableError("connection refused"),
      absl::UnavailableError("certificate verify failed"),
      absl::DeadlineExceededError("no answer"),
      absl::PermissionDeniedError("not for you"),
      absl::UnauthenticatedError("unknown"),
      absl::InternalError("MEMBER_REMOVED"),
      MakeError(absl::StatusCode::kUnavailable, "nobody leads",
                {"NO_LEADER", ""}),
      MakeError(absl::StatusCode::kFailedPrecondition, "not a member",
                {"NOT_BOOTSTRAPPED", ""}),
      MakeError(absl::StatusCode::kNotFound, "unknown",
                {"MEMBER_NOT_FOUND", ""}),
  };
  EXPECT_FALSE(MostAreWitnesses(1, {}));
  for (const absl::Status& other : others) {
    EXPECT_FALSE(MostAreWitnesses(1, {other})) << other;
    EXPECT_TRUE(MostAreWitnesses(3, {other, removed, removed})) << other;
  }
}

TEST(RemovalVerdictTest, MostOfTheOtherVotersHaveToSaySo) {
  const absl::Status removed =
      MakeError(absl::StatusCode::kUnauthenticated, "you were removed",
                {"MEMBER_REMOVED", ""});
  // By the number of other voters, how many it takes.
  const size_t needed[] = {1, 1, 2, 2, 3, 3};
  for (size_t voters = 0; voters < 6; ++voters) {
    for (size_t said = 0; said <= voters; ++said) {
      const std::vector<absl::Status> answers(said, removed);
      EXPECT_EQ(MostAreWitnesses(voters, answers), said >= needed[voters])
          << said << " of " << voters;
    }
  }
}

}  // namespace
}  // namespace microovn::agent
