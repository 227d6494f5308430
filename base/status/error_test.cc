// SPDX-License-Identifier: Apache-2.0
#include "base/status/error.h"

#include "gtest/gtest.h"

namespace microovn {
namespace {

TEST(Error, ReasonRemedyAndMetadataSurviveAnnotation) {
  const absl::Status status =
      Annotate(MakeError(absl::StatusCode::kNotFound, "no member node9",
                         {"MEMBER_NOT_FOUND",
                          "run 'microovn cluster list'",
                          {{"member", "node9"}}}),
               "cannot remove");
  EXPECT_EQ(status.message(), "cannot remove: no member node9");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  const ErrorDetail detail = DetailOf(status);
  EXPECT_EQ(detail.reason, "MEMBER_NOT_FOUND");
  EXPECT_EQ(detail.remedy, "run 'microovn cluster list'");
  EXPECT_EQ(detail.metadata.at("member"), "node9");
}

TEST(Error, StatusWithoutDetailHasNoReason) {
  EXPECT_EQ(ReasonOf(absl::InternalError("boom")), "");
  EXPECT_TRUE(Annotate(absl::OkStatus(), "context").ok());
}

}  // namespace
}  // namespace microovn
