// SPDX-License-Identifier: Apache-2.0
// Stands between the C++ library and the C library to see which clock a wait
// goes by: a test cannot set the system's time.
#include <pthread.h>
#include <time.h>

#include <cerrno>

#include "absl/time/time.h"
#include "base/mutex.h"
#include "gtest/gtest.h"

namespace {

int system_waits = 0;
clockid_t waited_by = CLOCK_REALTIME;

}  // namespace

// Names and parameters are POSIX's; every wait has timed out.
extern "C" int pthread_cond_timedwait(pthread_cond_t*, pthread_mutex_t*,
                                      const timespec*) {
  ++system_waits;
  return ETIMEDOUT;
}

extern "C" int pthread_cond_clockwait(pthread_cond_t*, pthread_mutex_t*,
                                      clockid_t clock, const timespec*) {
  waited_by = clock;
  return ETIMEDOUT;
}

namespace microovn {
namespace {

// A host's first contact with a time server can set its clock back by hours.
TEST(CondVar, AStepOfTheSystemsTimeDelaysNothing) {
  Mutex mu;
  CondVar never;
  MutexLock lock(&mu);
  EXPECT_FALSE(never.WaitWithTimeout(&mu, absl::Milliseconds(0)));
  EXPECT_EQ(system_waits, 0);
  EXPECT_EQ(waited_by, CLOCK_MONOTONIC);
}

}  // namespace
}  // namespace microovn
