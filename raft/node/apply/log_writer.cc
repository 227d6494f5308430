// SPDX-License-Identifier: Apache-2.0
#include "raft/node/apply/log_writer.h"

#include <pthread.h>

#include <utility>

#include "base/time/clock.h"

namespace microovn::raft {

LogWriter::LogWriter(LogStorage* storage,
                     std::function<void(StorageToken)> stored,
                     std::function<void(const absl::Status&)> failed)
    : storage_(storage),
      stored_(std::move(stored)),
      failed_(std::move(failed)),
      thread_([this] { Run(); }) {
  pthread_setname_np(thread_.native_handle(), "raft-storage");
}

LogWriter::~LogWriter() { Stop(); }

void LogWriter::Write(Persist persist) {
  MutexLock lock(&mu_);
  waiting_.push_back(std::move(persist));
  changed_.SignalAll();
}

bool LogWriter::Drain() {
  MutexLock lock(&mu_);
  while (!dead_ && (writing_ || !waiting_.empty())) changed_.Wait(&mu_);
  return !dead_;
}

Histogram LogWriter::times() const {
  MutexLock lock(&mu_);
  return times_;
}

size_t LogWriter::waiting() const {
  MutexLock lock(&mu_);
  return waiting_.size();
}

void LogWriter::Stop() {
  {
    MutexLock lock(&mu_);
    stopped_ = true;
    changed_.SignalAll();
  }
  if (thread_.joinable()) thread_.join();
}

void LogWriter::Run() {
  for (;;) {
    const std::vector<Persist> batches = Take();
    if (batches.empty()) return;
    const absl::Duration begun = Clock::Real().Monotonic();
    const absl::Status status = storage_->Write(batches);
    const absl::Duration took = Clock::Real().Monotonic() - begun;
    // Without the lock, and before Drain lets anybody go on: who has drained
    // finds the report in the inbox before its own. It may work off the inbox
    // here, on this thread.
    if (status.ok()) stored_(batches.back().token);
    {
      MutexLock lock(&mu_);
      writing_ = false;
      // Before `failed`, which may not return: who drains must not wait for
      // ever.
      dead_ = !status.ok();
      times_.Add(took);
      changed_.SignalAll();
    }
    if (!status.ok()) {
      // Never tried again: after a failed sync the kernel may hold pages for
      // clean that are not on the disk (raft.md 5b.15). Only a restart knows.
      failed_(status);
      return;
    }
  }
}

// Empty when the thread must end.
std::vector<Persist> LogWriter::Take() {
  MutexLock lock(&mu_);
  while (waiting_.empty() && !stopped_) changed_.Wait(&mu_);
  // What was given before Stop is still written.
  writing_ = !waiting_.empty();
  return std::exchange(waiting_, {});
}

}  // namespace microovn::raft
