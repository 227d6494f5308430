// SPDX-License-Identifier: Apache-2.0
#include "base/mutex.h"

#include <deque>
#include <thread>

#include "gtest/gtest.h"

namespace microovn {
namespace {

class Queue {
 public:
  void Push(int value) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(&mu_);
    values_.push_back(value);
    filled_.Signal();
  }
  int Pop() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(&mu_);
    while (values_.empty()) filled_.Wait(&mu_);
    const int value = values_.front();
    values_.pop_front();
    return value;
  }

 private:
  Mutex mu_;
  CondVar filled_;
  std::deque<int> values_ ABSL_GUARDED_BY(mu_);
};

TEST(Mutex, HandsValuesFromThreadToThread) {
  Queue queue;
  std::thread producer([&queue] {
    for (int i = 1; i <= 1000; ++i) queue.Push(i);
  });
  int sum = 0;
  for (int i = 0; i < 1000; ++i) sum += queue.Pop();
  producer.join();
  EXPECT_EQ(sum, 500500);
}

TEST(CondVar, TimeoutReturnsFalse) {
  Mutex mu;
  CondVar never;
  MutexLock lock(&mu);
  EXPECT_FALSE(never.WaitWithTimeout(&mu, absl::Milliseconds(1)));
}

}  // namespace
}  // namespace microovn
