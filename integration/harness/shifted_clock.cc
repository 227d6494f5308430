// SPDX-License-Identifier: Apache-2.0
// A library to preload into a program whose wall clock shall be wrong: what it
// reads is SHIFTED_CLOCK_SECONDS ahead, or behind. Monotonic clocks stay right,
// and so do waits until a wall time, which the kernel knows nothing wrong of.
#include <dlfcn.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdlib>

namespace {

using ClockGettime = int (*)(clockid_t, timespec*);
using Syscall = long (*)(long, ...);

template <typename Function>
Function Next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

time_t Shift() {
  static const time_t kShift = [] {
    const char* text = std::getenv("SHIFTED_CLOCK_SECONDS");
    return text == nullptr ? 0 : std::strtol(text, nullptr, 10);
  }();
  return kShift;
}

// The kernel takes no time before 1970, which a time long past may become.
timespec InKernelTime(const timespec& shown) {
  if (shown.tv_sec < Shift()) return {};
  return {shown.tv_sec - Shift(), shown.tv_nsec};
}

// As the kernel has it, whatever the program's own calls are told.
long RealSyscall(long number, long a, long b, long c, long d, long e, long f) {
  static const auto kNext = Next<Syscall>("syscall");
  return kNext(number, a, b, c, d, e, f);
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  static const auto kNext = Next<ClockGettime>("clock_gettime");
  const int result = kNext(clock, now);
  if (result == 0 &&
      (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    now->tv_sec += Shift();
  }
  return result;
}

int gettimeofday(timeval* now, void*) noexcept {
  timespec exact = {};
  const int result = clock_gettime(CLOCK_REALTIME, &exact);
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return result;
}

time_t time(time_t* out) noexcept {
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

// Abseil's waits.
long syscall(long number, ...) noexcept {
  va_list arguments;
  va_start(arguments, number);
  long a[6] = {};
  for (long& argument : a) argument = va_arg(arguments, long);
  va_end(arguments);
  const bool until_wall_time =
      number == SYS_futex && (a[1] & FUTEX_CLOCK_REALTIME) != 0 && a[3] != 0;
  timespec until = {};
  if (until_wall_time) {
    until = InKernelTime(*reinterpret_cast<const timespec*>(a[3]));
    a[3] = reinterpret_cast<long>(&until);
  }
  return RealSyscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           const timespec* until) {
  // A condition tells nobody its clock, but no monotonic clock counts so far.
  constexpr time_t kWallTimesBegin = 1'000'000'000;
  const bool wall = until->tv_sec >= kWallTimesBegin;
  const timespec real = wall ? InKernelTime(*until) : *until;
  return pthread_cond_clockwait(condition, mutex,
                                wall ? CLOCK_REALTIME : CLOCK_MONOTONIC, &real);
}

}  // extern "C"
