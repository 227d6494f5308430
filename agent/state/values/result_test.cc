// SPDX-License-Identifier: Apache-2.0
#include "agent/state/values/result.h"

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "agent/errors/cluster_errors.h"
#include "agent/errors/config_errors.h"
#include "agent/errors/service_errors.h"
#include "agent/errors/token_errors.h"
#include "agent/state/values/config_keys.h"
#include "base/status/error.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

// A result holds no sentence, and gives the one that was meant.
TEST(ResultTest, IsWordedWhereItIsRead) {
  const std::string typed = "a\nb\\c\xff{member}";
  const std::vector<absl::Status> refusals = {
      NotBootstrapped(),
      CommandMalformed("too-long", "value"),
      CommandMalformed("not-a-command"),
      RequestIdReused(typed),
      MemberNotFound(typed),
      TargetMemberNotFound("n"),
      MemberAddressTaken("10.0.0.1:6686", "n"),
      FeatureNotSupported("node9", "f", 2),
      OnlyCentral("n"),
      LastCentralNotConfirmed(),
      OtherCentralsNotJoined("n"),
      OperationNotFound(typed),
      TooManyOperations(9),
      TokenUnknown(),
      TokenExpiredAt("n", absl::FromUnixSeconds(1700000000)),
      TokenForOtherMember("n", typed),
      TokenLifetimeInvalid(absl::Hours(24)),
      ValidateConfig("no.such", "1"),
      ValidateConfig(kConfigVoters, "4"),
      ConfigChanged("k"),
  };
  for (const absl::Status& refusal : refusals) {
    const statepb::Result result = ResultOf(refusal);
    statepb::Result read;
    ASSERT_TRUE(read.ParseFromString(result.SerializeAsString())) << refusal;
    const absl::Status again = StatusOfResult(read);
    EXPECT_EQ(again.code(), refusal.code());
    EXPECT_EQ(again.message(), refusal.message());
    EXPECT_EQ(ReasonOf(again), ReasonOf(refusal));
    EXPECT_EQ(DetailOf(again).remedy, DetailOf(refusal).remedy);
    const std::string message(refusal.message());
    EXPECT_EQ(result.SerializeAsString().find(message), std::string::npos)
        << "the sentence is replicated";
  }
}

TEST(ResultTest, WhatALaterVersionRefusesWithIsSaidPlainly) {
  statepb::Result result;
  result.set_code(9);
  result.set_reason("TOO_FAR");
  result.add_arguments()->set_name("who");
  result.mutable_arguments(0)->set_value("node3");
  const absl::Status status = StatusOfResult(result);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(), "TOO_FAR who=node3");
  EXPECT_EQ(ReasonOf(status), "TOO_FAR");
}

}  // namespace
}  // namespace microovn::agent
