// SPDX-License-Identifier: Apache-2.0
#include "raft/node/retries.h"

#include <memory>

#include "absl/time/time.h"
#include "base/time/clock.h"
#include "gtest/gtest.h"
#include "raft/transport/answer.h"

namespace microovn::raft {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);

class RetriesTest : public testing::Test {
 protected:
  Retries::Try Tell(int what) {
    return [answer = answer_, what] { answer->Set(what); };
  }

  const absl::Duration now_ = Clock::Real().Monotonic();
  const std::shared_ptr<Answer<int>> answer_ = std::make_shared<Answer<int>>();
  Retries retries_;
};

TEST_F(RetriesTest, TriesWhenItIsTime) {
  retries_.Add(now_ + absl::Hours(1), Tell(1));
  retries_.Add(now_ + absl::Milliseconds(5), Tell(2));
  EXPECT_EQ(answer_->Wait(kPatience), 2);
  EXPECT_GE(Clock::Real().Monotonic(), now_ + absl::Milliseconds(5));
}

TEST_F(RetriesTest, WakingMakesWhatWaitsDue) {
  retries_.Add(now_ + absl::Hours(1), Tell(1));
  retries_.Wake();
  EXPECT_EQ(answer_->Wait(kPatience), 1);
}

TEST_F(RetriesTest, WakingIsNotForWhatComesLater) {
  int tried = 0;
  retries_.Wake();
  retries_.Add(now_ + absl::Hours(1), [&tried] { ++tried; });
  retries_.Add(now_ + absl::Milliseconds(5), Tell(1));
  EXPECT_EQ(answer_->Wait(kPatience), 1);
  EXPECT_EQ(tried, 0);
  retries_.Stop();
}

TEST_F(RetriesTest, StopTriesWhatIsLeftAndWhatComesLater) {
  int tried = 0;
  retries_.Add(now_ + absl::Hours(1), [&tried] { ++tried; });
  retries_.Stop();
  EXPECT_EQ(tried, 1);
  retries_.Add(now_ + absl::Hours(1), [&tried] { ++tried; });
  EXPECT_EQ(tried, 2);
}

}  // namespace
}  // namespace microovn::raft
