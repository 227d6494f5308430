// SPDX-License-Identifier: Apache-2.0
#include "ctl/client/repetition.h"

#include <string>
#include <vector>

#include "base/status/error.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::ctl {
namespace {

using testing::HasSubstr;

absl::Status Failure(absl::StatusCode code, const std::string& reason) {
  return MakeError(code, "it failed", {reason, "", {}});
}

const absl::Status& Unknown() {
  static const auto* const kUnknown = new absl::Status(
      Failure(absl::StatusCode::kUnknown, "PROPOSAL_OUTCOME_UNKNOWN"));
  return *kUnknown;
}

// Answers one after the other, the last for ever.
struct Repeated {
  explicit Repeated(const std::vector<absl::Status>& answers) {
    RepetitionParts parts;
    parts.clock = &clock;
    parts.sleep = [this](absl::Duration by) { clock.Advance(by); };
    parts.interrupted = [this] { return calls == interrupted_after; };
    parts.repeating = [this](const absl::Status&) { ++told; };
    run = [this, parts, answers] {
      return RepeatWhileUnknown(parts, [this, answers] {
        const size_t next = std::min<size_t>(calls++, answers.size() - 1);
        return answers[next];
      });
    };
  }

  FakeClock clock;
  size_t calls = 0;
  size_t interrupted_after = 0;
  int told = 0;
  std::function<absl::Status()> run;
};

TEST(RepetitionTest, OnlyUnknownOutcomesAreRepeated) {
  const struct {
    absl::Status answer;
    bool unknown;
  } cases[] = {
      {absl::OkStatus(), false},
      {Unknown(), true},
      {Failure(absl::StatusCode::kDeadlineExceeded, "CALL_TIMED_OUT"), true},
      {Failure(absl::StatusCode::kUnavailable, "DAEMON_UNREACHABLE"), true},
      {Failure(absl::StatusCode::kUnavailable, "NO_LEADER"), false},
      {Failure(absl::StatusCode::kCancelled, "INTERRUPTED"), false},
      {Failure(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND"), false},
      {absl::UnknownError("without a reason"), false},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(OutcomeIsUnknown(test.answer), test.unknown) << test.answer;
    Repeated repeated({test.answer, absl::OkStatus()});
    EXPECT_EQ(repeated.run(), test.unknown ? absl::OkStatus() : test.answer);
    EXPECT_EQ(repeated.calls, test.unknown ? 2u : 1u) << test.answer;
    EXPECT_EQ(repeated.told, test.unknown ? 1 : 0) << test.answer;
  }
}

TEST(RepetitionTest, EndsAndSaysThatItDoesNotKnow) {
  Repeated repeated({Unknown()});
  const absl::Status status = repeated.run();
  EXPECT_THAT(status, HasReason("PROPOSAL_OUTCOME_UNKNOWN"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("not known whether"));
  EXPECT_EQ(repeated.clock.Monotonic(), kRepetitionPatience);
  EXPECT_EQ(repeated.told, 1);
}

// What is not known stays so while nobody can tell.
TEST(RepetitionTest, ALostQuorumDoesNotMakeItARefusal) {
  const absl::Status lost =
      Failure(absl::StatusCode::kUnavailable, "NO_LEADER");
  Repeated back({Unknown(), lost, lost, absl::OkStatus()});
  EXPECT_OK(back.run());
  Repeated gone({Unknown(), lost});
  const absl::Status status = gone.run();
  EXPECT_THAT(status, HasReason("NO_LEADER"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("not known whether"));
  EXPECT_EQ(gone.clock.Monotonic(), kQuorumPatience);
  Repeated starting(
      {Unknown(), Failure(absl::StatusCode::kUnavailable, "STARTING")});
  EXPECT_THAT(starting.run(), HasReason("STARTING"));
  EXPECT_EQ(starting.clock.Monotonic(), kRepetitionPatience);
}

TEST(RepetitionTest, EndsWithTheUser) {
  Repeated repeated({Unknown()});
  repeated.interrupted_after = 3;
  EXPECT_THAT(repeated.run(), HasReason("PROPOSAL_OUTCOME_UNKNOWN"));
  EXPECT_EQ(repeated.calls, 3u);
}

}  // namespace
}  // namespace microovn::ctl
