// SPDX-License-Identifier: Apache-2.0
#include "raft/node/loop/inbox.h"

#include <memory>
#include <thread>

#include "absl/time/time.h"
#include "base/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "raft/transport/answer.h"

namespace microovn::raft {
namespace {

using testing::SizeIs;

constexpr absl::Duration kPatience = absl::Seconds(20);

InboxItem AnItem() { return Input(Tick{}); }

class InboxTest : public testing::Test {
 protected:
  // The thread that is always there; tells once it has the claim.
  void StartThread() {
    thread_ = std::thread([this] {
      inbox_.WaitAndClaim();
      claimed_->Set(true);
    });
  }
  ~InboxTest() override {
    inbox_.Close();
    inbox_.Release(now_);
    if (thread_.joinable()) thread_.join();
  }

  const absl::Duration now_ = Clock::Real().Monotonic();
  const absl::Duration never_ = now_ + absl::Hours(1);
  const std::shared_ptr<Answer<bool>> claimed_ =
      std::make_shared<Answer<bool>>();
  Inbox inbox_{InboxLimits()};
  std::thread thread_;
};

TEST_F(InboxTest, OneAtATimeAndOnlyIfThereIsSomething) {
  EXPECT_TRUE(inbox_.Add(AnItem()));
  EXPECT_FALSE(inbox_.Claim()) << "before the thread is there";
  inbox_.Release(never_);
  EXPECT_TRUE(inbox_.Claim());
  EXPECT_TRUE(inbox_.Add(AnItem()));
  EXPECT_FALSE(inbox_.Claim());
  EXPECT_THAT(inbox_.Take(), SizeIs(2));
  inbox_.Release(never_);
  EXPECT_FALSE(inbox_.Claim()) << "there is nothing";
}

TEST_F(InboxTest, TheThreadHasNoTurnWhileAnotherKeepsTheClaim) {
  EXPECT_EQ(inbox_.last_turn(), absl::ZeroDuration());
  StartThread();
  // It waits for the claim, which nobody has given back yet.
  EXPECT_FALSE(claimed_->Wait(absl::Milliseconds(20)).has_value());
  const absl::Duration waiting = inbox_.last_turn();
  EXPECT_LE(waiting, Clock::Real().Monotonic());
  inbox_.Release(now_);
  ASSERT_TRUE(claimed_->Wait(kPatience).has_value());
  EXPECT_GT(inbox_.last_turn(), waiting);
}

TEST_F(InboxTest, WhatIsLeftOverIsForTheThread) {
  inbox_.Release(never_);
  EXPECT_TRUE(inbox_.Add(AnItem()));
  EXPECT_TRUE(inbox_.Claim());
  StartThread();
  inbox_.Release(never_);
  EXPECT_TRUE(claimed_->Wait(kPatience).value_or(false));
  EXPECT_THAT(inbox_.Take(), SizeIs(1));
}

TEST_F(InboxTest, TheThreadHasTheClaimWhenItIsTime) {
  inbox_.Release(now_ + absl::Milliseconds(5));
  StartThread();
  EXPECT_TRUE(claimed_->Wait(kPatience).value_or(false));
  EXPECT_GE(Clock::Real().Monotonic(), now_ + absl::Milliseconds(5));
}

TEST_F(InboxTest, TheThreadHearsThatItIsTimeEarlier) {
  inbox_.Release(never_);
  StartThread();
  EXPECT_TRUE(inbox_.Add(AnItem()));
  if (inbox_.Claim()) {
    EXPECT_THAT(inbox_.Take(), SizeIs(1));
    inbox_.Release(now_);
  }
  EXPECT_TRUE(claimed_->Wait(kPatience).value_or(false));
}

TEST_F(InboxTest, AClosedInboxIsTheThreads) {
  inbox_.Release(never_);
  EXPECT_TRUE(inbox_.Add(AnItem()));
  inbox_.Close();
  EXPECT_FALSE(inbox_.Claim());
  StartThread();
  EXPECT_TRUE(claimed_->Wait(kPatience).value_or(false));
}

}  // namespace
}  // namespace microovn::raft
