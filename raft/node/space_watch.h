// SPDX-License-Identifier: Apache-2.0
// Looks after the disk's space on a thread that may block: keeps the reserve
// and tells when the level changes.
#ifndef MICROOVN_RAFT_NODE_SPACE_WATCH_H_
#define MICROOVN_RAFT_NODE_SPACE_WATCH_H_

#include <functional>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "raft/node/metrics/node_status.h"
#include "raft/storage/space/disk_space.h"
#include "raft/storage/space/space_file.h"

namespace microovn::raft {

struct SpaceWatchOptions {
  SpaceOptions space;
  absl::Duration interval = absl::Seconds(1);
};

// Thread-safe, but for Look, which belongs to one thread at a time.
// Measuring and allocating block for as long as the disk does. A failure is
// logged and decides nothing: the last report stays.
class SpaceWatch {
 public:
  // Without a probe nothing is watched.
  SpaceWatch(const SpaceWatchOptions& options,
             std::unique_ptr<SpaceProbe> probe);
  ~SpaceWatch();

  // Measures once and acts; true if the level changed. Before Start only.
  bool Look();

  // From now on in intervals; `changed` runs on the watch's thread, and once
  // for how it is now.
  void Start(std::function<void(SpaceLevel)> changed);
  void Stop();

  // Of the last look; zero before the first.
  SpaceReport report() const;

 private:
  void Run();
  void Act(ReserveStep step, const DiskSpace& space);
  void Complain(const absl::Status& status);

  const SpaceWatchOptions options_;
  const std::unique_ptr<SpaceProbe> probe_;
  std::function<void(SpaceLevel)> changed_level_;
  // Of the thread that looks.
  bool taken_ = false;
  absl::Status complaint_;

  mutable Mutex mu_;
  CondVar wake_;
  SpaceReport report_ ABSL_GUARDED_BY(mu_);
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_SPACE_WATCH_H_
