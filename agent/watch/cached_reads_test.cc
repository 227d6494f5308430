// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/cached_reads.h"

#include <string>

#include "agent/watch/testing/fake_change_watch.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

class CachedReadsTest : public ::testing::Test {
 protected:
  std::string Get(const std::string& question) {
    const auto text =
        reads_.Get(question, [&]() -> absl::StatusOr<std::string> {
          ++read_;
          if (!answer_.ok()) return answer_;
          return question + std::to_string(read_);
        });
    return text.value_or("");
  }

  FakeClock clock_;
  FakeChangeWatch watch_;
  absl::Status answer_;
  int read_ = 0;
  CachedReads reads_{&watch_, &clock_};
};

TEST_F(CachedReadsTest, ReadsOnceUntilThereIsNews) {
  EXPECT_EQ(Get("a"), "a1");
  EXPECT_EQ(Get("a"), "a1");
  EXPECT_EQ(Get("b"), "b2");
  watch_.Change();
  EXPECT_EQ(Get("a"), "a3");
  EXPECT_EQ(Get("b"), "b4");
  EXPECT_EQ(Get("a"), "a3");
}

TEST_F(CachedReadsTest, ReadsEachTimeWhileNothingIsHeard) {
  watch_.hears = false;
  EXPECT_EQ(Get("a"), "a1");
  EXPECT_EQ(Get("a"), "a2");
  watch_.hears = true;
  EXPECT_EQ(Get("a"), "a3") << "what changed before it listened is not known";
  EXPECT_EQ(Get("a"), "a3");
}

TEST_F(CachedReadsTest, WhatChangesDuringTheReadingIsReadAgain) {
  const auto read = [this]() -> absl::StatusOr<std::string> {
    watch_.Change();
    return std::to_string(++read_);
  };
  EXPECT_EQ(reads_.Get("a", read).value(), "1");
  EXPECT_EQ(reads_.Get("a", read).value(), "2");
}

TEST_F(CachedReadsTest, BelievesNothingForLong) {
  EXPECT_EQ(Get("a"), "a1");
  clock_.Advance(absl::Seconds(kTrustedSeconds) - absl::Milliseconds(1));
  EXPECT_EQ(Get("a"), "a1");
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(Get("a"), "a2");
}

TEST_F(CachedReadsTest, KeepsNoFailure) {
  answer_ = absl::UnavailableError("down");
  EXPECT_EQ(Get("a"), "");
  answer_ = absl::OkStatus();
  EXPECT_EQ(Get("a"), "a2");
  clock_.Advance(absl::Seconds(kTrustedSeconds));
  answer_ = absl::UnavailableError("down");
  EXPECT_EQ(Get("a"), "");
  answer_ = absl::OkStatus();
  EXPECT_EQ(Get("a"), "a4");
}

TEST_F(CachedReadsTest, KeepsOnlyWhatItMay) {
  const auto read = [this]() -> absl::StatusOr<std::string> {
    return std::to_string(++read_);
  };
  const auto keeps = [](const std::string& text) { return text == "2"; };
  EXPECT_EQ(reads_.Get("a", read, keeps).value(), "1");
  EXPECT_EQ(reads_.Get("a", read, keeps).value(), "2");
  EXPECT_EQ(reads_.Get("a", read, keeps).value(), "2");
}

TEST_F(CachedReadsTest, ForgetsWhatItIsReadingToo) {
  EXPECT_EQ(Get("a"), "a1");
  reads_.Forget();
  EXPECT_EQ(Get("a"), "a2");
  const auto read = [this]() -> absl::StatusOr<std::string> {
    reads_.Forget();
    return std::to_string(++read_);
  };
  EXPECT_EQ(reads_.Get("b", read).value(), "3");
  EXPECT_EQ(Get("b"), "b4");
}

TEST_F(CachedReadsTest, WithoutAWatchItReads) {
  CachedReads reads(nullptr, &clock_);
  const auto read = [this]() -> absl::StatusOr<std::string> {
    return std::to_string(++read_);
  };
  EXPECT_EQ(reads.Get("a", read).value(), "1");
  EXPECT_EQ(reads.Get("a", read).value(), "2");
}

}  // namespace
}  // namespace microovn::agent
