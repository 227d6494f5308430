// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/watch_thread.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glog/logging.h"

namespace microovn::agent {

WatchThread::Watch::Watch(WatchThread* thread,
                          std::unique_ptr<WatchSource> source)
    : thread_(*thread), source_(std::move(source)) {}

std::optional<uint64_t> WatchThread::Watch::Version() {
  {
    MutexLock lock(&mu_);
    if (hears_) return version_;
    if (asked_) return std::nullopt;
    asked_ = true;
  }
  thread_.Wake();
  return std::nullopt;
}

bool WatchThread::Watch::Hears() const {
  MutexLock lock(&mu_);
  return hears_;
}

WatchThread::WatchThread(std::function<void()> changed)
    : changed_(std::move(changed)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  PCHECK(wake_.valid());
}

WatchThread::~WatchThread() { Stop(); }

ChangeWatch* WatchThread::Add(std::unique_ptr<WatchSource> source) {
  watches_.push_back(std::make_unique<Watch>(this, std::move(source)));
  return watches_.back().get();
}

void WatchThread::Start() {
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "watch");
}

void WatchThread::Stop() {
  {
    MutexLock lock(&mu_);
    closing_ = true;
  }
  Wake();
  if (thread_.joinable()) thread_.join();
  for (const auto& watch : watches_) {
    MutexLock lock(&watch->mu_);
    watch->hears_ = false;
  }
}

void WatchThread::Wake() {
  const uint64_t one = 1;
  // A full counter wakes just as well.
  if (write(wake_.get(), &one, sizeof(one)) < 0) PCHECK(errno == EAGAIN);
}

void WatchThread::Run() {
  for (;;) {
    {
      MutexLock lock(&mu_);
      if (closing_) return;
    }
    bool news = false;
    for (const auto& watch : watches_) {
      news = OpenIfAsked(watch.get()) || news;
    }
    if (news) changed_();
    std::vector<Watch*> readable;
    Wait(&readable);
    news = false;
    for (Watch* watch : readable) news = Read(watch) || news;
    if (news) changed_();
  }
}

bool WatchThread::OpenIfAsked(Watch* watch) {
  {
    MutexLock lock(&watch->mu_);
    if (!std::exchange(watch->asked_, false)) return false;
  }
  const absl::Status opened = watch->source_->Open();
  if (!opened.ok()) {
    // Who asks reads for itself meanwhile: a daemon that does not run yet is
    // no news.
    VLOG(1) << "not listened to: " << opened;
    watch->source_->Close();
    return false;
  }
  MutexLock lock(&watch->mu_);
  watch->hears_ = true;
  watch->asked_ = false;
  ++watch->version_;
  return true;
}

bool WatchThread::Read(Watch* watch) {
  const absl::StatusOr<bool> changed = watch->source_->Read();
  if (changed.ok() && !*changed) return false;
  if (!changed.ok()) {
    VLOG(1) << "not listened to any more: " << changed.status();
    watch->source_->Close();
  }
  MutexLock lock(&watch->mu_);
  watch->hears_ = changed.ok();
  ++watch->version_;
  return true;
}

void WatchThread::Wait(std::vector<Watch*>* readable) {
  std::vector<pollfd> entries = {{wake_.get(), POLLIN, 0}};
  std::vector<Watch*> waiting;
  for (const auto& watch : watches_) {
    if (!watch->Hears()) continue;
    entries.push_back({watch->source_->fd(), POLLIN, 0});
    waiting.push_back(watch.get());
  }
  if (poll(entries.data(), entries.size(), -1) <= 0) return;
  uint64_t count = 0;
  if (entries[0].revents != 0 && read(wake_.get(), &count, sizeof(count)) < 0) {
    PCHECK(errno == EAGAIN || errno == EINTR);
  }
  for (size_t i = 0; i < waiting.size(); ++i) {
    if (entries[i + 1].revents != 0) readable->push_back(waiting[i]);
  }
}

}  // namespace microovn::agent
