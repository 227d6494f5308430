// SPDX-License-Identifier: Apache-2.0
// A simulated disk that is mounted: counts every operation that writes, and
// fails where it is told to. Thread-safe.
#ifndef MICROOVN_RAFT_STORAGE_TESTING_SIM_VOLUME_H_
#define MICROOVN_RAFT_STORAGE_TESTING_SIM_VOLUME_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"
#include "raft/storage/testing/disk_image.h"

namespace microovn::raft {

enum class DiskResult : uint8_t { kOk, kNotFound, kIoError, kNoSpace };

enum class DiskOperation : uint8_t {
  kCreate,
  kAppend,
  kSync,
  kTruncate,
  kRename,
  kDelete,
  kMakeDirectory,
  kSyncDirectory,
};

enum class DiskFault : uint8_t {
  kIoError,     // one operation fails; an append leaves half of its bytes
  kNoSpace,     // from one create, append or new directory on, until Extend
  kFailedSync,  // one sync fails, and what it should have synced is dropped
  kPowerCut,    // Halt, before the operation
};
// Those that the process lives to see.
inline constexpr DiskFault kDiskFaults[] = {
    DiskFault::kIoError, DiskFault::kNoSpace, DiskFault::kFailedSync};

const char* Name(DiskFault fault);
const char* Name(DiskOperation operation);

// What a fault hit; `name` is the last one of the path, `number` counts all
// operations.
struct DiskHit {
  uint64_t number = 0;
  DiskOperation operation = DiskOperation::kSync;
  std::string name;
};

class SimVolume {
 public:
  explicit SimVolume(DiskImage image = DiskImage());

  // Called before each operation that writes, with its number from 1 on and
  // the disk before it.
  using Observer = std::function<void(uint64_t, const DiskImage&)>;
  void Observe(Observer observer);
  // The `at`-th operation from now on that `fault` can hit, from 1 on.
  void FailAt(DiskFault fault, uint64_t at);
  // Once the fault has happened.
  std::optional<DiskHit> hit() const;
  bool failed() const { return hit().has_value(); }
  // How many of the operations until now `fault` could have hit.
  uint64_t Exposed(DiskFault fault) const;
  // Whether a file was synced again after a sync of it had failed, as if that
  // could bring back what the first one lost.
  bool synced_again() const;
  void Extend();  // there is space again
  // The machine or the process is gone: nothing is done any more.
  void Halt();
  bool halted() const;

  uint64_t operations() const;
  DiskImage image() const;
  // Changes a file's bytes under everybody's feet.
  void Flip(const std::string& path, uint64_t bit);

  DiskResult Create(const std::string& path, NodeId* node);
  DiskResult Append(NodeId node, absl::string_view bytes);
  // All of the file is unsynced then.
  DiskResult Overwrite(NodeId node, size_t offset, absl::string_view bytes);
  DiskResult Sync(NodeId node);
  DiskResult Truncate(NodeId node, size_t size);
  DiskResult Rename(const std::string& from, const std::string& to);
  DiskResult Delete(const std::string& path);
  DiskResult MakeDirectory(const std::string& path);
  DiskResult SyncDirectory(NodeId directory);

  std::optional<NodeId> Find(const std::string& path) const;
  bool IsDirectory(NodeId node) const;
  std::vector<std::string> List(NodeId directory) const;
  // What the machine sees now; nothing for a directory.
  std::optional<DiskFile> File(NodeId node) const;

  bool Lock(const std::string& path);
  void Unlock(const std::string& path);

 private:
  DiskResult Begin(DiskOperation operation, const std::string& path)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  DiskResult Begin(DiskOperation operation, NodeId node)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Whether the fault happens now.
  bool FaultDue(DiskOperation operation) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  std::string NameOf(NodeId node) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  mutable Mutex mu_;
  DiskImage image_ ABSL_GUARDED_BY(mu_);
  Observer observer_ ABSL_GUARDED_BY(mu_);
  uint64_t operations_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<DiskOperation, uint64_t> counts_ ABSL_GUARDED_BY(mu_);
  std::optional<DiskFault> fault_ ABSL_GUARDED_BY(mu_);
  uint64_t fault_in_ ABSL_GUARDED_BY(mu_) = 0;
  std::optional<DiskHit> hit_ ABSL_GUARDED_BY(mu_);
  bool synced_again_ ABSL_GUARDED_BY(mu_) = false;
  bool full_ ABSL_GUARDED_BY(mu_) = false;
  bool halted_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::string> locks_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_TESTING_SIM_VOLUME_H_
