// SPDX-License-Identifier: Apache-2.0
// A machine for RocksDB that does nothing on its own: its disk is a SimVolume,
// its clock moves when it is looked at, and background work waits until
// RunJobs does it in the caller's thread. So one thread runs it all, and the
// same calls give the same operations of the disk.
#ifndef MICROOVN_RAFT_STORAGE_TESTING_SIM_ENV_H_
#define MICROOVN_RAFT_STORAGE_TESTING_SIM_ENV_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "raft/storage/rocksdb/rocksdb_environment.h"
#include "raft/storage/testing/disk_image.h"
#include "raft/storage/testing/sim_file_system.h"
#include "raft/storage/testing/sim_volume.h"
#include "rocksdb/env.h"

namespace microovn::raft {

// RocksDB draws the heights of its skip lists, and so the fill of its buffers,
// from a generator of the thread that starts at the thread's address.
void SeedRocksdb(uint32_t seed);

// Thread-safe; must outlive the databases on it.
class SimEnv final : public rocksdb::EnvWrapper {
 public:
  explicit SimEnv(DiskImage image = DiskImage());
  ~SimEnv() override;

  SimVolume& volume() { return *volume_; }
  // For a storage on this machine.
  RocksdbEnvironment Environment(size_t shrink);
  // Flushes and compactions that are due, and what they bring about; work that
  // failed and waits before it is tried again is left for the next call.
  void RunJobs();

  const char* Name() const override { return "SimEnv"; }
  void Schedule(void (*function)(void*), void* argument, Priority priority,
                void* tag, void (*unschedule)(void*)) override;
  int UnSchedule(void* tag, Priority priority) override;
  unsigned int GetThreadPoolQueueLen(Priority priority) const override;
  void SetBackgroundThreads(int, Priority) override {}
  int GetBackgroundThreads(Priority) override { return 1; }
  void IncBackgroundThreadsIfNeeded(int, Priority) override {}
  uint64_t NowMicros() override;
  uint64_t NowNanos() override;
  void SleepForMicroseconds(int micros) override;
  rocksdb::Status GetCurrentTime(int64_t* seconds) override;

 private:
  struct Job {
    void (*function)(void*) = nullptr;
    void* argument = nullptr;
    void* tag = nullptr;
    void (*unschedule)(void*) = nullptr;
    Priority priority = LOW;
  };

  explicit SimEnv(std::unique_ptr<SimVolume> volume);

  const std::unique_ptr<SimVolume> volume_;
  mutable Mutex mu_;
  std::deque<Job> jobs_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_TESTING_SIM_ENV_H_
