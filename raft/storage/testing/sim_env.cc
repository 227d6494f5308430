// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/testing/sim_env.h"

#include <atomic>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "raft/storage/testing/sim_tail_ring.h"
#include "rocksdb/system_clock.h"

// Not in RocksDB's public headers, but in its library: the generator is one
// 32-bit word between 1 and 2^31 - 2.
namespace rocksdb {
class Random {
 public:
  static Random* GetTLSInstance();
};
}  // namespace rocksdb

namespace microovn::raft {
namespace {

constexpr uint32_t kSeeds = 2147483646;
// What RocksDB sleeps before it tries failed work again.
constexpr uint64_t kRetryDelay = 1'000'000;

class SimClock final : public rocksdb::SystemClock {
 public:
  const char* Name() const override { return "SimClock"; }
  uint64_t NowMicros() override { return ++now_; }
  void SleepForMicroseconds(int micros) override {
    now_ += static_cast<uint64_t>(micros);
  }
  // The size of a table depends on it.
  rocksdb::Status GetCurrentTime(int64_t* seconds) override {
    *seconds = 1'000'000'000;
    return rocksdb::Status::OK();
  }
  std::string TimeToString(uint64_t time) override {
    return std::to_string(time);
  }

 private:
  std::atomic<uint64_t> now_{1'000'000'000};
};

}  // namespace

void SeedRocksdb(uint32_t seed) {
  const uint32_t word = seed % kSeeds + 1;
  std::memcpy(static_cast<void*>(rocksdb::Random::GetTLSInstance()), &word,
              sizeof(word));
}

SimEnv::SimEnv(DiskImage image)
    : SimEnv(std::make_unique<SimVolume>(std::move(image))) {}

SimEnv::SimEnv(std::unique_ptr<SimVolume> volume)
    : rocksdb::EnvWrapper(rocksdb::NewCompositeEnv(
          std::make_shared<SimFileSystem>(volume.get()))),
      volume_(std::move(volume)) {
  // The wrapper would go through the older interface of files.
  file_system_ = target()->GetFileSystem();
  system_clock_ = std::make_shared<SimClock>();
}

SimEnv::~SimEnv() = default;

RocksdbEnvironment SimEnv::Environment(size_t shrink) {
  return {this, shrink, [this](const std::string& path) {
            return std::make_unique<SimTailRingFile>(volume_.get(), path);
          }};
}

void SimEnv::RunJobs() {
  for (;;) {
    Job job;
    {
      MutexLock lock(&mu_);
      if (jobs_.empty()) return;
      job = jobs_.front();
      jobs_.pop_front();
    }
    const uint64_t begun = NowMicros();
    job.function(job.argument);
    // A compaction on a full disk is tried again for ever; only the next write
    // tells the storage.
    if (NowMicros() >= begun + kRetryDelay) return;
  }
}

void SimEnv::Schedule(void (*function)(void*), void* argument,
                      Priority priority, void* tag, void (*unschedule)(void*)) {
  MutexLock lock(&mu_);
  jobs_.push_back({function, argument, tag, unschedule, priority});
}

int SimEnv::UnSchedule(void* tag, Priority priority) {
  std::vector<Job> removed;
  {
    MutexLock lock(&mu_);
    std::deque<Job> others;
    for (const Job& job : jobs_) {
      if (job.tag == tag && job.priority == priority) {
        removed.push_back(job);
      } else {
        others.push_back(job);
      }
    }
    jobs_ = std::move(others);
  }
  for (const Job& job : removed) {
    if (job.unschedule != nullptr) job.unschedule(job.argument);
  }
  return static_cast<int>(removed.size());
}

unsigned int SimEnv::GetThreadPoolQueueLen(Priority priority) const {
  MutexLock lock(&mu_);
  unsigned int length = 0;
  for (const Job& job : jobs_) length += job.priority == priority ? 1 : 0;
  return length;
}

uint64_t SimEnv::NowMicros() { return system_clock_->NowMicros(); }

uint64_t SimEnv::NowNanos() { return system_clock_->NowNanos(); }

void SimEnv::SleepForMicroseconds(int micros) {
  system_clock_->SleepForMicroseconds(micros);
}

rocksdb::Status SimEnv::GetCurrentTime(int64_t* seconds) {
  return system_clock_->GetCurrentTime(seconds);
}

}  // namespace microovn::raft
