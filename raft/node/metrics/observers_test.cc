// SPDX-License-Identifier: Apache-2.0
#include "raft/node/metrics/observers.h"

#include <future>
#include <vector>

#include "base/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::raft {
namespace {

using ::testing::ElementsAre;

TEST(Observers, OneThatKeepsWhatItHeardKeepsItFromCallToCall) {
  Observers observers;
  Mutex mu;
  std::vector<int> heard;
  std::promise<void> enough;
  observers.Add(
      [&, count = 0](const NodeStatus&) mutable {
        MutexLock lock(&mu);
        heard.push_back(++count);
        if (count == 3) enough.set_value();
      },
      NodeStatus());
  observers.Notify(NodeStatus());
  observers.Notify(NodeStatus());
  enough.get_future().wait();
  MutexLock lock(&mu);
  EXPECT_THAT(heard, ElementsAre(1, 2, 3));
}

TEST(Observers, WhoIsAddedLaterBeginsWithItsOwnNews) {
  Observers observers;
  std::promise<void> first;
  std::promise<void> second;
  observers.Add([&first](const NodeStatus&) { first.set_value(); },
                NodeStatus());
  first.get_future().wait();
  observers.Add([&second](const NodeStatus&) { second.set_value(); },
                NodeStatus());
  second.get_future().wait();
  observers.Stop();
  observers.Notify(NodeStatus());
}

}  // namespace
}  // namespace microovn::raft
