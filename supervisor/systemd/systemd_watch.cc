// SPDX-License-Identifier: Apache-2.0
#include "supervisor/systemd/systemd_watch.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "base/time/backoff.h"
#include "glog/logging.h"

namespace microovn::supervisor {
namespace {

constexpr char kSender[] = "org.freedesktop.systemd1";
constexpr char kManagerPath[] = "/org/freedesktop/systemd1";
constexpr char kUnitPath[] = "/org/freedesktop/systemd1/unit";
constexpr uint64_t kCallTimeoutUs = 10'000'000;
// Between two tries to hear.
// Not urgent: whoever asks Hears meanwhile looks by itself.
constexpr BackoffPolicy kAgain = {absl::Milliseconds(500), absl::Seconds(30),
                                  2.0};

struct CloseBus {
  void operator()(sd_bus* bus) const { sd_bus_flush_close_unref(bus); }
};

absl::Status BusError(int result, const char* what) {
  return ErrnoStatus(-result, what, "the system bus");
}

// What a unit's state, its jobs and its file say when they change.
// The bus filters: a node has thousands of signals of other units, and each one
// that reached this process would wake it. The unit's name is in the path,
// encoded, and in the third argument of JobNew and JobRemoved.
std::vector<std::string> MatchesFor(const std::string& unit) {
  char* path = nullptr;
  if (sd_bus_path_encode(kUnitPath, unit.c_str(), &path) < 0) return {};
  const std::unique_ptr<char, decltype(&free)> owned(path, free);
  return {
      absl::StrCat("type='signal',sender='", kSender, "',path='", path,
                   "',interface='org.freedesktop.DBus.Properties',"
                   "member='PropertiesChanged'"),
      absl::StrCat("type='signal',sender='", kSender, "',path='", kManagerPath,
                   "',interface='org.freedesktop.systemd1.Manager',"
                   "arg2='",
                   unit, "'")};
}

std::string ManagerMatch(const char* member) {
  return absl::StrCat("type='signal',sender='", kSender, "',path='",
                      kManagerPath,
                      "',interface='org.freedesktop.systemd1.Manager',"
                      "member='",
                      member, "'");
}

}  // namespace

SystemdWatch::SystemdWatch(std::vector<std::string> units,
                           std::function<void()> changed)
    : units_(std::move(units)),
      changed_(std::move(changed)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  PCHECK(wake_.valid());
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "systemd-watch");
}

SystemdWatch::~SystemdWatch() {
  {
    MutexLock lock(&mu_);
    closing_ = true;
  }
  const uint64_t one = 1;
  // Never read, so every later Wait returns at once as well.
  PCHECK(write(wake_.get(), &one, sizeof(one)) == sizeof(one));
  thread_.join();
}

std::optional<uint64_t> SystemdWatch::version() const {
  MutexLock lock(&mu_);
  if (!hears_) return std::nullopt;
  return version_;
}

bool SystemdWatch::closing() const {
  MutexLock lock(&mu_);
  return closing_;
}

// Noted only: sd_bus_process calls it in the midst of a queue, and one look is
// enough for all that is in it.
int SystemdWatch::OnSignal(sd_bus_message*, void* self, sd_bus_error*) {
  static_cast<SystemdWatch*>(self)->signalled_ = true;
  return 0;
}

int SystemdWatch::OnOwner(sd_bus_message*, void* self, sd_bus_error*) {
  static_cast<SystemdWatch*>(self)->owner_changed_ = true;
  return 0;
}

void SystemdWatch::Heard() {
  {
    MutexLock lock(&mu_);
    hears_ = true;
    ++version_;
  }
  changed_();
}

void SystemdWatch::Deaf() {
  {
    MutexLock lock(&mu_);
    // Told once: a connection that fails again and again wakes nobody.
    if (!hears_) return;
    hears_ = false;
  }
  changed_();
}

void SystemdWatch::Run() {
  int failures = 0;
  while (!closing()) {
    sd_bus* raw = nullptr;
    const int opened = sd_bus_open_system(&raw);
    const std::unique_ptr<sd_bus, CloseBus> bus(raw);
    absl::Status status =
        opened < 0 ? BusError(opened, "open") : Subscribe(bus.get());
    if (status.ok()) {
      failures = 0;
      // What happened while nobody listened is a change, too.
      Heard();
      status = Listen(bus.get());
      Deaf();
    }
    if (closing()) return;
    LOG_IF(WARNING, failures == 0)
        << "units are looked at instead of listened to: " << status.message();
    Wait(nullptr, BackoffDelay(kAgain, ++failures));
  }
}

absl::Status SystemdWatch::Subscribe(sd_bus* bus) {
  owner_changed_ = false;
  sd_bus_set_method_call_timeout(bus, kCallTimeoutUs);
  std::vector<std::string> matches = {ManagerMatch("UnitFilesChanged"),
                                      ManagerMatch("Reloading")};
  for (const std::string& unit : units_) {
    for (std::string& match : MatchesFor(unit)) {
      matches.push_back(std::move(match));
    }
  }
  for (const std::string& match : matches) {
    const int result =
        sd_bus_add_match(bus, nullptr, match.c_str(), OnSignal, this);
    if (result < 0) return BusError(result, "match");
  }
  // Another systemd knows nothing of the subscription.
  int result = sd_bus_add_match(
      bus, nullptr,
      absl::StrCat("type='signal',sender='org.freedesktop.DBus',"
                   "member='NameOwnerChanged',arg0='",
                   kSender, "'")
          .c_str(),
      OnOwner, this);
  if (result < 0) return BusError(result, "match");
  result = sd_bus_call_method(bus, kSender, kManagerPath,
                              "org.freedesktop.systemd1.Manager", "Subscribe",
                              nullptr, nullptr, "");
  return result < 0 ? BusError(result, "subscribe") : absl::OkStatus();
}

absl::Status SystemdWatch::Listen(sd_bus* bus) {
  while (!closing()) {
    const int result = sd_bus_process(bus, nullptr);
    if (result < 0) return BusError(result, "read");
    if (result > 0) continue;
    // Whoever owns the name now need not know of our subscription; without
    // asking again the watch could be deaf and believe that it hears.
    if (owner_changed_) return absl::UnavailableError("systemd starts anew");
    if (std::exchange(signalled_, false)) Heard();
    uint64_t until = UINT64_MAX;
    // sd_bus_get_timeout(3): absolute, on CLOCK_MONOTONIC, in microseconds.
    sd_bus_get_timeout(bus, &until);
    absl::Duration timeout = absl::InfiniteDuration();
    if (until != UINT64_MAX) {
      timespec now = {};
      clock_gettime(CLOCK_MONOTONIC, &now);
      timeout = absl::Microseconds(static_cast<int64_t>(until)) -
                absl::DurationFromTimespec(now);
    }
    Wait(bus, timeout);
  }
  return absl::OkStatus();
}

void SystemdWatch::Wait(sd_bus* bus, absl::Duration timeout) const {
  pollfd entries[2] = {{wake_.get(), POLLIN, 0}, {-1, 0, 0}};
  if (bus != nullptr) {
    entries[1] = {sd_bus_get_fd(bus),
                  static_cast<short>(sd_bus_get_events(bus)), 0};
  }
  const absl::Duration wait = std::max(timeout, absl::ZeroDuration());
  const int milliseconds = wait == absl::InfiniteDuration()
                               ? -1
                               : static_cast<int>(absl::ToInt64Milliseconds(
                                     absl::Ceil(wait, absl::Milliseconds(1))));
  poll(entries, bus == nullptr ? 1 : 2, milliseconds);
}

}  // namespace microovn::supervisor
