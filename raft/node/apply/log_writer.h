// SPDX-License-Identifier: Apache-2.0
// The thread that writes the log: what waits is written together and synced
// once (group commit).
#ifndef MICROOVN_RAFT_NODE_APPLY_LOG_WRITER_H_
#define MICROOVN_RAFT_NODE_APPLY_LOG_WRITER_H_

#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "base/mutex.h"
#include "raft/core/values/output.h"
#include "raft/core/values/types.h"
#include "raft/node/metrics/histogram.h"
#include "raft/storage/log_storage.h"

namespace microovn::raft {

// Thread-safe.
// Group commit by itself: while one write is synced the next gathers, so a slow
// disk makes larger batches and not a longer queue. The core does not wait:
// what depends on a batch is held by its token.
class LogWriter {
 public:
  // Both run on the writer's thread. After `failed` nothing more is written,
  // and nothing more is reported as stored.
  LogWriter(LogStorage* storage, std::function<void(StorageToken)> stored,
            std::function<void(const absl::Status&)> failed);
  ~LogWriter();

  // Never waits. In the order of tokens.
  void Write(Persist persist);

  // Until everything given before is durable; false if it never will be.
  // Blocks for as long as the disk does: for the applier's thread only, before
  // an install.
  bool Drain();

  // Of each write with its sync.
  Histogram times() const;
  // Batches that are not being written yet.
  size_t waiting() const;

  // Writes what was given, then ends the thread.
  // After whoever gives it work has ended.
  void Stop();

 private:
  void Run();
  std::vector<Persist> Take();

  LogStorage* const storage_;
  const std::function<void(StorageToken)> stored_;
  const std::function<void(const absl::Status&)> failed_;

  mutable Mutex mu_;
  CondVar changed_;
  std::vector<Persist> waiting_ ABSL_GUARDED_BY(mu_);
  Histogram times_ ABSL_GUARDED_BY(mu_);
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool dead_ ABSL_GUARDED_BY(mu_) = false;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_APPLY_LOG_WRITER_H_
