// SPDX-License-Identifier: Apache-2.0
#include "supervisor/snap/snap_watch.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "base/time/backoff.h"
#include "glog/logging.h"
#include "supervisor/json_rpc/unix_socket.h"
#include "supervisor/process/process_table.h"

namespace microovn::supervisor {
namespace {

// Pid files are renamed into place, sockets are made in place.
constexpr uint32_t kEvents =
    IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | IN_ONLYDIR;

// For a daemon whose socket does not take connections yet, and for one that
// has hung up before its process is gone.
constexpr BackoffPolicy kTieAgain = {absl::Milliseconds(20), absl::Seconds(2),
                                     2.0};
constexpr BackoffPolicy kListenAgain = {absl::Seconds(1), absl::Minutes(1),
                                        2.0};

// Reads away what is there; what it says is not used, for one look is enough.
// NOT_FOUND when a directory is watched no more.
absl::Status Drain(int inotify) {
  alignas(inotify_event) char buffer[4096];
  for (;;) {
    const ssize_t size = read(inotify, buffer, sizeof(buffer));
    if (size <= 0) return absl::OkStatus();
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
      if ((event->mask & IN_IGNORED) != 0) {
        return absl::NotFoundError("a run directory is gone");
      }
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
  }
}

}  // namespace

SnapWatch::SnapWatch(std::vector<std::string> directories,
                     std::vector<ServiceSpec> specs,
                     std::function<void()> changed)
    : directories_(std::move(directories)),
      changed_(std::move(changed)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  PCHECK(wake_.valid());
  for (ServiceSpec& spec : specs) {
    ties_.emplace_back();
    ties_.back().spec = std::move(spec);
  }
  thread_ = std::thread([this] { Run(); });
}

SnapWatch::~SnapWatch() {
  {
    MutexLock lock(&mu_);
    closing_ = true;
  }
  PCHECK(eventfd_write(wake_.get(), 1) == 0);
  thread_.join();
}

std::optional<uint64_t> SnapWatch::version() const {
  MutexLock lock(&mu_);
  if (!hears_) return std::nullopt;
  return version_;
}

bool SnapWatch::closing() const {
  MutexLock lock(&mu_);
  return closing_;
}

void SnapWatch::Heard(bool hears) {
  {
    MutexLock lock(&mu_);
    // Told once: a watch that tries again and again wakes nobody.
    if (!hears && !hears_) return;
    hears_ = hears;
    ++version_;
  }
  changed_();
}

void SnapWatch::Run() {
  int failures = 0;
  while (!closing()) {
    const absl::Status status = Listen();
    if (closing()) return;
    Heard(false);
    LOG_IF(WARNING, failures == 0)
        << "daemons are looked at instead of listened to: " << status;
    std::vector<pollfd> none;
    Wait(&none, BackoffDelay(kListenAgain, ++failures));
  }
}

absl::StatusOr<UniqueFd> SnapWatch::WatchDirectories() const {
  UniqueFd inotify(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify.valid()) return ErrnoStatus(errno, "open", "inotify");
  for (const std::string& directory : directories_) {
    RETURN_IF_ERROR(MakeDirectories(directory, 0700));
    if (inotify_add_watch(inotify.get(), directory.c_str(), kEvents) < 0) {
      return ErrnoStatus(errno, "watch", directory);
    }
  }
  return inotify;
}

bool SnapWatch::TieAll() {
  bool all = true;
  for (Tie& tie : ties_) {
    const pid_t pid = PidFileOwner(tie.spec.pid_file);
    if (pid != tie.pid) {
      tie.connection.Reset();
      tie.pid = pid;
    }
    if (pid == 0 || tie.connection.valid()) continue;
    absl::StatusOr<UniqueFd> connection =
        ConnectUnix(ControlSocket(tie.spec, pid));
    if (connection.ok()) {
      tie.connection = *std::move(connection);
    } else {
      all = false;
    }
  }
  return all;
}

absl::Status SnapWatch::Listen() {
  // First the watch and then the look: what happens in between is in both.
  ASSIGN_OR_RETURN(const UniqueFd inotify, WatchDirectories());
  int tries = 0;
  while (!closing()) {
    const bool all = TieAll();
    tries = all ? 0 : tries + 1;
    Heard(all);
    std::vector<pollfd> entries = {{inotify.get(), POLLIN, 0}};
    for (const Tie& tie : ties_) {
      // poll(2) passes over a negative descriptor.
      entries.push_back({tie.connection.get(), POLLIN | POLLRDHUP, 0});
    }
    Wait(&entries,
         all ? absl::InfiniteDuration() : BackoffDelay(kTieAgain, tries));
    if (entries[0].revents != 0) RETURN_IF_ERROR(Drain(inotify.get()));
    for (size_t i = 0; i < ties_.size(); ++i) {
      // Nobody has asked anything, so it is the end whatever it is.
      if (entries[i + 1].revents != 0) ties_[i].connection.Reset();
    }
  }
  return absl::OkStatus();
}

void SnapWatch::Wait(std::vector<pollfd>* entries,
                     absl::Duration timeout) const {
  entries->push_back({wake_.get(), POLLIN, 0});
  const int milliseconds =
      timeout == absl::InfiniteDuration()
          ? -1
          : static_cast<int>(absl::ToInt64Milliseconds(
                absl::Ceil(timeout, absl::Milliseconds(1))));
  if (poll(entries->data(), entries->size(), milliseconds) < 0) {
    for (pollfd& entry : *entries) entry.revents = 0;
  }
}

}  // namespace microovn::supervisor
