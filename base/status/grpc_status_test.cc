// SPDX-License-Identifier: Apache-2.0
#include "base/status/grpc_status.h"

#include "base/status/error.h"
#include "gtest/gtest.h"

namespace microovn {
namespace {

TEST(GrpcStatus, DetailsSurviveTheWire) {
  const absl::Status status =
      MakeError(absl::StatusCode::kFailedPrecondition, "no quorum",
                {"NO_QUORUM", "start another member", {{"online", "1"}}});
  const absl::Status back = FromGrpcStatus(ToGrpcStatus(status));
  EXPECT_EQ(back, status);
  EXPECT_EQ(DetailOf(back).remedy, "start another member");
}

TEST(GrpcStatus, PlainStatusesKeepCodeAndMessage) {
  EXPECT_TRUE(FromGrpcStatus(grpc::Status::OK).ok());
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  EXPECT_EQ(FromGrpcStatus(grpc::Status(grpc::StatusCode::UNAVAILABLE, "x")),
            absl::UnavailableError("x"));
}

TEST(GrpcStatus, ForeignDetailsAreIgnored) {
  const grpc::Status foreign(grpc::StatusCode::INTERNAL, "x", "\xff\xff");
  EXPECT_EQ(FromGrpcStatus(foreign), absl::InternalError("x"));
}

}  // namespace
}  // namespace microovn
