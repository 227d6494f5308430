// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/errors/cluster_errors.h"
#include "agent/errors/config_errors.h"
#include "agent/errors/leader_errors.h"
#include "agent/errors/sentence.h"
#include "agent/errors/service_errors.h"
#include "agent/errors/token_errors.h"
#include "agent/errors/wording.h"
#include "base/status/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

std::vector<absl::Status> EveryError() {
  return {
      NotBootstrapped(),
      AlreadyBootstrapped(),
      CommandMalformed("why"),
      RequestIdReused("r"),
      TooManyRequests(),
      AuthorityChanged(),
      MemberNotFound("n"),
      MemberNameTaken("n"),
      MemberAddressTaken("10.0.0.1:6686", "n"),
      MemberIdRetired("id"),
      MemberKeyTaken(),
      TooManyMembers(9),
      FeatureNotSupported("node9", "f", 2),
      MemberIsJoining("n"),
      MemberIsLeaving("n"),
      MemberNotLeaving("n"),
      MemberNotJoining("n"),
      NotAdministeredHere("n", false, "a, b"),
      NotAdministeredHere("n", true, "a, b"),
      WouldShutOutAsker("n", "a, b"),
      WorkerService("n"),
      OnlyWorkersLeft("n"),
      OnlyMember("n"),
      OnlyCentral("n"),
      MemberUnreachable("n"),
      MemberNotVoter("n", {"m", "o"}),
      VoterUnreachable("n"),
      NoOtherVoter({}),
      NoOtherVoter({"m"}),
      QuorumWouldBeLost("n", 2, 1),
      DatabaseHasQuorum("d"),
      DataLossNotAccepted("d", "r"),
      NoDatabaseCopy("d", ""),
      NoDatabaseCopy("d", "m"),
      RecoveryNotSupported({"m"}),
      DatabaseNotRecovered("d", "m", "w"),
      DatabaseRecoverySuperseded("d"),
      OperationNotFound("o"),
      OperationEnded("o"),
      TooManyOperations(9),
      EventsExpired(9),
      TokenUnknown(),
      TokenUsed("n"),
      TokenLocked("n"),
      TokenExpiredAt("n", absl::FromUnixSeconds(0)),
      TokenForOtherMember("n", "m"),
      TokenLifetimeInvalid(absl::Hours(24)),
      TooManyTokens(9),
      ServiceAlreadyEnabled(),
      ServiceNotEnabled(),
      LastCentralNotConfirmed(),
      OtherCentralsNotJoined("n"),
      TargetMemberNotFound("n"),
      ServiceNotSettled("central", "n", "why"),
      ServiceChangeSuperseded("central", "n"),
      ConfigKeyUnknown("k", "a, b"),
      ConfigKeyNotSupported("k", {}),
      ConfigKeyNotSupported("k", {"n", "m"}),
      ConfigValueInvalid("k", "v", "1 or 3"),
      ConfigChanged("k"),
  };
}

TEST(ErrorsTest, EveryErrorIsOneLineWithAStableReason) {
  for (const absl::Status& error : EveryError()) {
    const std::string message(error.message());
    EXPECT_FALSE(error.ok());
    EXPECT_THAT(ReasonOf(error), MatchesRegex("[A-Z]+(_[A-Z]+)*")) << error;
    EXPECT_EQ(message.find('\n'), std::string::npos) << error;
    EXPECT_NE(message.back(), '.') << error;
    EXPECT_THAT(DetailOf(error).remedy, testing::Not(HasSubstr("\n"))) << error;
  }
}

TEST(ErrorsTest, ServiceMessagesAreMicroOvns) {
  EXPECT_EQ(ServiceAlreadyEnabled().message(),
            "this service is already enabled");
  EXPECT_EQ(ServiceNotEnabled().message(), "this service is not enabled");
  EXPECT_EQ(LastCentralNotConfirmed().message(),
            "cannot disable last central node without explicit confirmation");
  EXPECT_EQ(TargetMemberNotFound("N").message(),
            "Failed to get cluster member for request target name \"N\": "
            "CoreClusterMember not found");
}

TEST(ErrorsTest, WhatSomebodyTypedIsBoundedAndOnOneLine) {
  const std::string typed = "a\nb" + std::string(100000, 'x');
  for (const absl::Status& error :
       {ConfigValueInvalid("k", typed, "less"), ConfigKeyUnknown(typed, "k"),
        MemberNotFound(typed), TargetMemberNotFound(typed),
        RequestIdReused(typed), OperationNotFound(typed),
        TokenForOtherMember("n", typed)}) {
    EXPECT_LT(error.message().size(), 250) << error;
    EXPECT_EQ(error.message().find('\n'), absl::string_view::npos) << error;
    EXPECT_EQ(DetailOf(error).remedy.find('\n'), std::string::npos) << error;
  }
}

TEST(ErrorsTest, AnExpiredTokenSaysWhenAndWhatToDo) {
  const absl::Status error =
      TokenExpiredAt("node3", absl::FromUnixSeconds(1700000000));
  EXPECT_THAT(std::string(error.message()), HasSubstr("2023-11-14T22:13:20"));
  EXPECT_THAT(DetailOf(error).remedy, HasSubstr("microovn cluster add node3"));
}

TEST(ErrorsTest, AProgramCanReadWhatAnErrorIsAbout) {
  const ErrorDetail detail = DetailOf(MemberAddressTaken("10.0.0.1:6686", "n"));
  EXPECT_EQ(detail.reason, "MEMBER_ADDRESS_TAKEN");
  EXPECT_EQ(detail.metadata.at("address"), "10.0.0.1:6686");
  EXPECT_EQ(detail.metadata.at("member"), "n");
}

// By a version that knows more reasons than this one.
TEST(ErrorsTest, AnEntryKeepsItsCodeWhateverItsReason) {
  const absl::Status later = Reworded(absl::StatusCode::kAborted, "MOON_SET",
                                      {{"crew", "3"}, {"crew", "4"}});
  EXPECT_EQ(later.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(later.message(), "MOON_SET crew=3 crew=4");
  EXPECT_EQ(ReasonOf(later), "MOON_SET");
  EXPECT_EQ(Reworded(absl::StatusCode::kAborted, "LAST_CENTRAL", {}).code(),
            absl::StatusCode::kAborted);
}

TEST(SentenceTest, AnArgumentThatStandsTwiceIsAList) {
  const Arguments arguments = {{"a", "1"}, {"b", "x"}, {"a", "2"}};
  EXPECT_EQ(ArgumentOf(arguments, "a"), "1, 2");
  EXPECT_EQ(Fill("{a} and {b}, not {c}", arguments), "1, 2 and x, not ");
}

}  // namespace
}  // namespace microovn::agent
