// SPDX-License-Identifier: Apache-2.0
// The table of exit codes and the table of reasons.
#include <set>

#include "base/status/error.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/outcome/reasons.h"
#include "gtest/gtest.h"

namespace microovn::ctl {
namespace {

TEST(ExitCode, OneRowForEachFailure) {
  using absl::StatusCode;
  const struct {
    StatusCode code;
    const char* reason;
    int exit_code;
  } rows[] = {
      {StatusCode::kUnknown, "", 1},
      {StatusCode::kInternal, "", 1},
      {StatusCode::kUnimplemented, "", 1},
      {StatusCode::kDataLoss, "", 1},
      {StatusCode::kResourceExhausted, "", 1},
      {StatusCode::kInvalidArgument, "USAGE", 2},
      {StatusCode::kOutOfRange, "EVENTS_EXPIRED", 2},
      {StatusCode::kUnavailable, "DAEMON_UNREACHABLE", 3},
      {StatusCode::kPermissionDenied, "", 4},
      {StatusCode::kUnauthenticated, "", 4},
      {StatusCode::kNotFound, "", 5},
      {StatusCode::kAlreadyExists, "", 6},
      {StatusCode::kFailedPrecondition, "", 7},
      {StatusCode::kDeadlineExceeded, "", 8},
      {StatusCode::kAborted, "", 9},
      {StatusCode::kCancelled, "", 9},
      {StatusCode::kUnavailable, "NO_LEADER", 11},
      {StatusCode::kUnavailable, "NO_QUORUM", 11},
      {StatusCode::kUnavailable, "MEMBER_UNREACHABLE", 12},
      {StatusCode::kUnavailable, "JOIN_OUTCOME_UNKNOWN", 12},
      {StatusCode::kDeadlineExceeded, "SERVICES_NOT_RUNNING", 13},
      {StatusCode::kCancelled, "INTERRUPTED", 130},
  };
  EXPECT_EQ(ExitCodeFor(absl::OkStatus()), 0);
  for (const auto& row : rows) {
    EXPECT_EQ(ExitCodeFor(MakeError(row.code, "x", {row.reason, "", {}})),
              row.exit_code)
        << absl::StatusCodeToString(row.code) << " " << row.reason;
  }
}

TEST(Reasons, AreExplainedInSentences) {
  const std::vector<std::string> reasons = AllReasons();
  EXPECT_GE(reasons.size(), 60u);
  EXPECT_EQ(std::set<std::string>(reasons.begin(), reasons.end()).size(),
            reasons.size());
  for (const std::string& reason : reasons) {
    const v1::ReasonDetail* detail = FindReason(reason);
    ASSERT_NE(detail, nullptr) << reason;
    EXPECT_GT(detail->summary().size(), 8u) << reason;
    EXPECT_NE(detail->summary().back(), '.') << reason;
    ASSERT_GT(detail->cause().size(), 20u) << reason;
    EXPECT_EQ(detail->cause().back(), '.') << reason;
    EXPECT_GT(detail->remedy().size(), 8u) << reason;
  }
  EXPECT_EQ(FindReason("UNSPECIFIED"), nullptr);
  EXPECT_EQ(FindReason(""), nullptr);
  EXPECT_EQ(FindReason("detail"), nullptr);
}

}  // namespace
}  // namespace microovn::ctl
