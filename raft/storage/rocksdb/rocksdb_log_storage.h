// SPDX-License-Identifier: Apache-2.0
// LogStorage in one RocksDB database: families for the log, for hard state and
// metadata, and for the applied state. See log_storage.h for the contract.
//
// The state's keys begin with a generation. A snapshot that arrives is staged
// under the next generation; installing it is one batch that makes that
// generation the current one.
#ifndef MICROOVN_RAFT_STORAGE_ROCKSDB_ROCKSDB_LOG_STORAGE_H_
#define MICROOVN_RAFT_STORAGE_ROCKSDB_ROCKSDB_LOG_STORAGE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"
#include "raft/storage/log_storage.h"
#include "raft/storage/rocksdb/rocksdb_environment.h"
#include "raft/storage/rocksdb/rocksdb_failure_latch.h"
#include "raft/storage/tail/tail_guard.h"
#include "raft/storage/tail/tail_ring.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class WriteBatch;
}  // namespace rocksdb

namespace microovn::raft {

class RocksdbLogStorage final : public LogStorage {
 public:
  // Makes the database of a new member. ALREADY_EXISTS if there is one.
  static absl::Status Create(
      const std::string& directory, const Identity& identity,
      const Recovered& initial,
      const RocksdbEnvironment& environment = RocksdbEnvironment());

  // NOT_FOUND if there is none; UNAVAILABLE if another process has it open;
  // DATA_LOSS if it is damaged.
  // Costs what RocksDB's replay of its logs costs, which max_total_wal_size
  // bounds. The entries and the records are read by Read and ReadRecords, whole
  // into memory: a state of this kind is small.
  static absl::StatusOr<std::unique_ptr<RocksdbLogStorage>> Open(
      const std::string& directory,
      const RocksdbEnvironment& environment = RocksdbEnvironment());

  ~RocksdbLogStorage() override;

  absl::StatusOr<StoredMember> Read() override;
  absl::StatusOr<std::vector<Record>> ReadRecords() override;
  absl::Status Write(const std::vector<Persist>& batches) override;
  absl::Status WriteState(const std::vector<Mutation>& mutations,
                          const AppliedState& now) override;
  absl::Status Compact(const SnapshotMetadata& base) override;
  absl::StatusOr<std::unique_ptr<SnapshotReader>> OpenSnapshot() override;
  absl::StatusOr<uint64_t> StageChunk(const StoreSnapshotChunk& chunk) override;
  absl::StatusOr<AppliedState> Install(const InstallSnapshot& install) override;

 private:
  // Its records are in the database already; the decoder keeps only what is not
  // whole, and the digest.
  struct Staged {
    SnapshotMetadata snapshot;
    SnapshotDecoder decoder;
  };

  RocksdbLogStorage() = default;

  // One synced batch. Before it there is no format record, so what a killed
  // Create leaves is taken for nothing, and Create can be called again.
  absl::Status Initialize(const Identity& identity, const Recovered& initial);
  // FAILED_PRECONDITION when it is another version's.
  absl::Status CheckFormat(const std::string& directory);
  // What Open does once the format is known: ends what the last process left
  // half done, and reads what this one goes on from.
  absl::Status Recover(const std::string& directory,
                       const RocksdbEnvironment& environment);
  // The generation is the switch between two states: Install changes it in the
  // batch that replaces log and base, so a crash finds all old or all new. What
  // is under another generation is nobody's.
  absl::Status ReadGeneration();
  absl::Status OpenGuard(std::unique_ptr<TailRingFile> ring);
  // What the database says was promised last; the ring may know better.
  absl::StatusOr<Tail> ReadTail();
  // The hard state and the base.
  absl::Status ReadHead(Recovered* recovered);
  // None when the log is empty behind its base.
  absl::Status ReadLastEntry(Recovered* recovered);
  absl::StatusOr<std::vector<Entry>> ReadEntries(LogIndex after);
  // Of the hard family, and unsealed. NOT_FOUND if there is none.
  absl::StatusOr<std::string> Get(absl::string_view key);
  void PutHard(absl::string_view key, absl::string_view content,
               rocksdb::WriteBatch* batch);
  void PutEntries(const std::vector<Entry>& entries,
                  rocksdb::WriteBatch* batch);
  // Unsynced writes are synced by the next one that is, since RocksDB's log is
  // one sequence: a staged snapshot by its Install, the state by a Write. After
  // a failure, whoever had it, nothing is written any more.
  absl::Status Commit(rocksdb::WriteBatch* batch, bool sync);
  // Synced, numbered and remembered.
  absl::Status CommitTail(const Tail& tail, rocksdb::WriteBatch* batch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // All of the next generation, also what an earlier process left.
  absl::Status DropStaged();

  const std::shared_ptr<RocksdbFailureLatch> failure_ =
      std::make_shared<RocksdbFailureLatch>();
  std::unique_ptr<rocksdb::DB> database_;
  // Owned by this object, in the order of Families().
  // They go before the database does.
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  // These two belong to the thread that applies. A Write knows neither, so it
  // shares only the database, the latch and the guard.
  uint64_t generation_ = 1;
  std::unique_ptr<Staged> staged_;
  // Write and Install are numbered in the order in which they are durable.
  Mutex mu_;
  std::unique_ptr<TailGuard> guard_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_ROCKSDB_ROCKSDB_LOG_STORAGE_H_
