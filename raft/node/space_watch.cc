// SPDX-License-Identifier: Apache-2.0
#include "raft/node/space_watch.h"

#include <pthread.h>

#include <utility>

#include "glog/logging.h"

namespace microovn::raft {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

const char* NameOf(SpaceLevel level) {
  switch (level) {
    case SpaceLevel::kOk:
      return "enough";
    case SpaceLevel::kLow:
      return "low";
    case SpaceLevel::kReadOnly:
      return "too low for changes";
  }
  LOG(FATAL) << "not a SpaceLevel";
}

}  // namespace

SpaceWatch::SpaceWatch(const SpaceWatchOptions& options,
                       std::unique_ptr<SpaceProbe> probe)
    : options_(options), probe_(std::move(probe)) {}

SpaceWatch::~SpaceWatch() { Stop(); }

bool SpaceWatch::Look() {
  if (probe_ == nullptr || options_.space.reserve == 0) return false;
  const absl::StatusOr<DiskSpace> space = probe_->Measure();
  if (!space.ok()) {
    Complain(space.status());
    return false;
  }
  // It enters into the decision: a level is left later than it is entered.
  const SpaceLevel before = report().level;
  const SpaceDecision decision = DecideSpace(options_.space, before, *space);
  // Before the level is told: who hears of it may write at once.
  Act(decision.step, *space);
  MutexLock lock(&mu_);
  report_ = {decision.level, *space};
  if (decision.level == before) return false;
  LOG(WARNING) << "raft: space on the disk is " << NameOf(decision.level)
               << ": " << space->free / kMiB << " of " << space->total / kMiB
               << " MiB are free";
  return true;
}

void SpaceWatch::Act(ReserveStep step, const DiskSpace& space) {
  absl::Status done;
  switch (step) {
    case ReserveStep::kKeep:
      return;
    case ReserveStep::kTake:
      // Some file systems do not count what is allocated and empty.
      if (taken_ && space.reserve > 0) return;
      done = probe_->TakeReserve(
          ThresholdsOf(options_.space, space.total).reserve);
      taken_ = done.ok();
      break;
    case ReserveStep::kRelease:
      done = probe_->ReleaseReserve();
      taken_ = false;
      break;
  }
  Complain(done);
}

// Of each failure once, however often it comes.
void SpaceWatch::Complain(const absl::Status& status) {
  LOG_IF(ERROR, !status.ok() && status != complaint_)
      << "raft: looking after the disk's space: " << status;
  complaint_ = status;
}

void SpaceWatch::Start(std::function<void(SpaceLevel)> changed) {
  changed_level_ = std::move(changed);
  if (probe_ == nullptr) return;
  changed_level_(report().level);
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "raft-space");
}

void SpaceWatch::Stop() {
  {
    MutexLock lock(&mu_);
    stopped_ = true;
    wake_.SignalAll();
  }
  if (thread_.joinable()) thread_.join();
}

SpaceReport SpaceWatch::report() const {
  MutexLock lock(&mu_);
  return report_;
}

void SpaceWatch::Run() {
  for (;;) {
    if (Look()) changed_level_(report().level);
    MutexLock lock(&mu_);
    // Woken by Stop only: the level does not change faster than a disk can be
    // filled.
    if (!stopped_) wake_.WaitWithTimeout(&mu_, options_.interval);
    if (stopped_) return;
  }
}

}  // namespace microovn::raft
