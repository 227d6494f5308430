// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/rocksdb/rocksdb_log_storage.h"

#include <limits>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "raft/core/values/entry.h"
#include "raft/storage/record/running_hash.h"
#include "raft/storage/rocksdb/rocksdb_opener.h"
#include "raft/storage/rocksdb/rocksdb_options.h"
#include "raft/storage/rocksdb/rocksdb_record_cursor.h"
#include "raft/storage/rocksdb/rocksdb_status.h"
#include "rocksdb/db.h"
#include "rocksdb/write_batch.h"

namespace microovn::raft {
namespace {

// Places in families_, as Families() has them.
constexpr size_t kLog = 1;
constexpr size_t kHard = 2;
constexpr size_t kState = 3;

// Records of the hard family.
constexpr char kFormatKey[] = "format";
constexpr char kIdentityKey[] = "identity";
constexpr char kHardStateKey[] = "hard_state";
constexpr char kBaseKey[] = "base";
constexpr char kAppliedKey[] = "applied";
constexpr char kGenerationKey[] = "generation";
constexpr char kSequenceKey[] = "sequence";  // of the last synced write

constexpr char kRingFile[] = "tail_ring";

constexpr uint64_t kFormat = 1;
constexpr uint64_t kMaxIndex = std::numeric_limits<uint64_t>::max();

rocksdb::Slice SliceOf(absl::string_view bytes) {
  return rocksdb::Slice(bytes.data(), bytes.size());
}

std::string LogKey(LogIndex index) { return EncodeNumber(index.value()); }

std::string StateKey(uint64_t generation, absl::string_view key) {
  return absl::StrCat(EncodeNumber(generation), key);
}

// WriteBatch fails only when it is used wrongly.
void MustOk(const rocksdb::Status& status) {
  CHECK(status.ok()) << status.ToString();
}

absl::Status CheckRecordSize(absl::string_view key, size_t value_size) {
  if (key.size() <= kMaxRecordKey && value_size <= kMaxRecordValue) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("a record of the state is too long");
}

}  // namespace

RocksdbLogStorage::~RocksdbLogStorage() {
  for (rocksdb::ColumnFamilyHandle* family : families_) {
    MustOk(database_->DestroyColumnFamilyHandle(family));
  }
}

absl::Status RocksdbLogStorage::Create(const std::string& directory,
                                       const Identity& identity,
                                       const Recovered& initial,
                                       const RocksdbEnvironment& environment) {
  if (environment.is_real()) {
    RETURN_IF_ERROR(MakeDirectories(directory, 0700));
  }
  RocksdbLogStorage storage;
  RETURN_IF_ERROR(OpenRocksdb(directory, environment, storage.failure_,
                              &storage.database_, &storage.families_));
  const absl::StatusOr<std::string> format = storage.Get(kFormatKey);
  if (format.ok()) {
    return absl::AlreadyExistsError(
        absl::StrCat(directory, " already holds a member's data"));
  }
  if (!absl::IsNotFound(format.status())) return format.status();
  // What an earlier database here left would accuse this one of losses.
  RETURN_IF_ERROR(environment.ring(JoinPath(directory, kRingFile))->Clear());
  RETURN_IF_ERROR(storage.Initialize(identity, initial));
  return SyncParent(environment, directory);
}

absl::StatusOr<std::unique_ptr<RocksdbLogStorage>> RocksdbLogStorage::Open(
    const std::string& directory, const RocksdbEnvironment& environment) {
  if (environment.env->FileExists(JoinPath(directory, "CURRENT"))
          .IsNotFound()) {
    return absl::NotFoundError(absl::StrCat("no member's data in ", directory));
  }
  auto storage = absl::WrapUnique(new RocksdbLogStorage());
  RETURN_IF_ERROR(OpenRocksdb(directory, environment, storage->failure_,
                              &storage->database_, &storage->families_));
  RETURN_IF_ERROR(storage->CheckFormat(directory));
  RETURN_IF_ERROR(storage->Recover(directory, environment));
  return storage;
}

absl::Status RocksdbLogStorage::Recover(const std::string& directory,
                                        const RocksdbEnvironment& environment) {
  RETURN_IF_ERROR(ReadGeneration());
  // Create may have been killed before it came to this.
  RETURN_IF_ERROR(SyncParent(environment, directory));
  // A transfer that the last process did not finish.
  RETURN_IF_ERROR(DropStaged());
  return OpenGuard(environment.ring(JoinPath(directory, kRingFile)));
}

absl::Status RocksdbLogStorage::CheckFormat(const std::string& directory) {
  ASSIGN_OR_RETURN(const std::string bytes, Get(kFormatKey));
  ASSIGN_OR_RETURN(const uint64_t format, DecodeNumber(bytes));
  if (format == kFormat) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      directory, " has format ", format, "; this version reads ", kFormat));
}

absl::Status RocksdbLogStorage::Initialize(const Identity& identity,
                                           const Recovered& initial) {
  rocksdb::WriteBatch batch;
  PutHard(kFormatKey, EncodeNumber(kFormat), &batch);
  PutHard(kIdentityKey, EncodeIdentity(identity), &batch);
  PutHard(kHardStateKey, EncodeHardState(initial.hard_state), &batch);
  PutHard(kBaseKey, EncodeMetadata(initial.base), &batch);
  PutHard(kAppliedKey, EncodeAppliedState({initial.applied, EmptyStateHash()}),
          &batch);
  PutHard(kGenerationKey, EncodeNumber(generation_), &batch);
  PutEntries(initial.entries, &batch);
  return Commit(&batch, /*sync=*/true);
}

absl::Status RocksdbLogStorage::ReadGeneration() {
  ASSIGN_OR_RETURN(const std::string bytes, Get(kGenerationKey));
  ASSIGN_OR_RETURN(generation_, DecodeNumber(bytes));
  return absl::OkStatus();
}

absl::Status RocksdbLogStorage::OpenGuard(std::unique_ptr<TailRingFile> ring) {
  ASSIGN_OR_RETURN(const std::string bytes, Get(kIdentityKey));
  ASSIGN_OR_RETURN(const Identity identity, DecodeIdentity(bytes));
  ASSIGN_OR_RETURN(const Tail stored, ReadTail());
  MutexLock lock(&mu_);
  ASSIGN_OR_RETURN(
      guard_, TailGuard::Open(std::move(ring), identity.incarnation, stored));
  return absl::OkStatus();
}

absl::StatusOr<Tail> RocksdbLogStorage::ReadTail() {
  uint64_t sequence = 0;
  const absl::StatusOr<std::string> numbered = Get(kSequenceKey);
  if (numbered.ok()) {
    ASSIGN_OR_RETURN(sequence, DecodeNumber(*numbered));
  } else if (!absl::IsNotFound(numbered.status())) {
    return numbered.status();
  }
  Recovered recovered;
  RETURN_IF_ERROR(ReadHead(&recovered));
  RETURN_IF_ERROR(ReadLastEntry(&recovered));
  return TailOf(recovered, sequence);
}

absl::Status RocksdbLogStorage::ReadHead(Recovered* recovered) {
  ASSIGN_OR_RETURN(const std::string hard_state, Get(kHardStateKey));
  ASSIGN_OR_RETURN(recovered->hard_state, DecodeHardState(hard_state));
  ASSIGN_OR_RETURN(const std::string base, Get(kBaseKey));
  ASSIGN_OR_RETURN(recovered->base, DecodeMetadata(base));
  return absl::OkStatus();
}

absl::Status RocksdbLogStorage::ReadLastEntry(Recovered* recovered) {
  const std::unique_ptr<rocksdb::Iterator> at(
      database_->NewIterator(rocksdb::ReadOptions(), families_[kLog]));
  at->SeekToLast();
  if (at->Valid()) {
    const std::string key = at->key().ToString();
    ASSIGN_OR_RETURN(const uint64_t index, DecodeNumber(key));
    ASSIGN_OR_RETURN(const std::string content,
                     Unseal(key, at->value().ToString()));
    ASSIGN_OR_RETURN(Entry entry, DecodeEntry(LogIndex(index), content));
    recovered->entries.push_back(std::move(entry));
  }
  return FromRocksdb(at->status(), "reading the log's end");
}

absl::StatusOr<StoredMember> RocksdbLogStorage::Read() {
  StoredMember member;
  ASSIGN_OR_RETURN(const std::string identity, Get(kIdentityKey));
  ASSIGN_OR_RETURN(member.identity, DecodeIdentity(identity));
  RETURN_IF_ERROR(ReadHead(&member.recovered));
  ASSIGN_OR_RETURN(const std::string bytes, Get(kAppliedKey));
  ASSIGN_OR_RETURN(const AppliedState applied, DecodeAppliedState(bytes));
  member.recovered.applied = applied.index;
  member.running_hash = applied.hash;
  ASSIGN_OR_RETURN(member.recovered.entries,
                   ReadEntries(member.recovered.base.index));
  MutexLock lock(&mu_);
  member.recovered.quarantine = guard_->quarantine();
  return member;
}

absl::StatusOr<std::vector<Entry>> RocksdbLogStorage::ReadEntries(
    LogIndex after) {
  const std::string first = LogKey(after.Next());
  const rocksdb::Slice lower = SliceOf(first);
  rocksdb::ReadOptions options;
  options.iterate_lower_bound = &lower;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> at(
      database_->NewIterator(options, families_[kLog]));
  std::vector<Entry> entries;
  LogIndex expected = after.Next();
  for (at->SeekToFirst(); at->Valid(); at->Next(), expected = expected.Next()) {
    const std::string key = at->key().ToString();
    if (key != LogKey(expected)) {
      return absl::DataLossError(
          absl::StrCat("the log has no entry ", expected.value()));
    }
    ASSIGN_OR_RETURN(const std::string content,
                     Unseal(key, at->value().ToString()));
    ASSIGN_OR_RETURN(Entry entry, DecodeEntry(expected, content));
    entries.push_back(std::move(entry));
  }
  RETURN_IF_ERROR(FromRocksdb(at->status(), "reading the log"));
  return entries;
}

absl::StatusOr<std::vector<Record>> RocksdbLogStorage::ReadRecords() {
  RocksdbRecordCursor cursor(database_.get(), families_[kState],
                             EncodeNumber(generation_));
  std::vector<Record> records;
  for (cursor.SeekToFirst();;) {
    ASSIGN_OR_RETURN(std::optional<Record> record, cursor.Next());
    if (!record.has_value()) return records;
    records.push_back(*std::move(record));
  }
}

absl::Status RocksdbLogStorage::Write(const std::vector<Persist>& batches) {
  rocksdb::WriteBatch batch;
  for (const Persist& persist : batches) {
    if (persist.hard_state.has_value()) {
      PutHard(kHardStateKey, EncodeHardState(*persist.hard_state), &batch);
    }
    if (persist.truncate_from.has_value()) {
      MustOk(batch.DeleteRange(families_[kLog], LogKey(*persist.truncate_from),
                               EncodeNumber(kMaxIndex)));
    }
    PutEntries(persist.entries, &batch);
  }
  MutexLock lock(&mu_);
  return CommitTail(guard_->After(batches), &batch);
}

absl::Status RocksdbLogStorage::WriteState(
    const std::vector<Mutation>& mutations, const AppliedState& now) {
  rocksdb::WriteBatch batch;
  for (const Mutation& mutation : mutations) {
    const std::string key = StateKey(generation_, mutation.key);
    if (!mutation.value.has_value()) {
      MustOk(batch.Delete(families_[kState], key));
      continue;
    }
    RETURN_IF_ERROR(CheckRecordSize(mutation.key, mutation.value->size()));
    MustOk(batch.Put(families_[kState], key, Seal(key, *mutation.value)));
  }
  PutHard(kAppliedKey, EncodeAppliedState(now), &batch);
  return Commit(&batch, /*sync=*/false);
}

absl::Status RocksdbLogStorage::Compact(const SnapshotMetadata& base) {
  rocksdb::WriteBatch batch;
  PutHard(kBaseKey, EncodeMetadata(base), &batch);
  MustOk(batch.DeleteRange(families_[kLog], LogKey(LogIndex(0)),
                           LogKey(base.index.Next())));
  return Commit(&batch, /*sync=*/false);
}

absl::StatusOr<std::unique_ptr<SnapshotReader>>
RocksdbLogStorage::OpenSnapshot() {
  // Nothing is applied meanwhile: the caller's thread is the one that applies.
  ASSIGN_OR_RETURN(const std::string bytes, Get(kAppliedKey));
  ASSIGN_OR_RETURN(AppliedState applied, DecodeAppliedState(bytes));
  return std::make_unique<SnapshotReader>(
      std::move(applied),
      std::make_unique<RocksdbRecordCursor>(database_.get(), families_[kState],
                                            EncodeNumber(generation_)));
}

absl::StatusOr<uint64_t> RocksdbLogStorage::StageChunk(
    const StoreSnapshotChunk& chunk) {
  if (staged_ == nullptr || staged_->snapshot != chunk.snapshot) {
    if (staged_ != nullptr) RETURN_IF_ERROR(DropStaged());
    staged_ = std::make_unique<Staged>();
    staged_->snapshot = chunk.snapshot;
  }
  if (chunk.offset != staged_->decoder.offset())
    return staged_->decoder.offset();
  rocksdb::WriteBatch batch;
  const absl::Status fed = staged_->decoder.Feed(
      chunk.bytes.bytes(), [this, &batch](const Record& record) {
        const std::string key = StateKey(generation_ + 1, record.key);
        MustOk(batch.Put(families_[kState], key, Seal(key, record.value)));
        return absl::OkStatus();
      });
  if (!fed.ok()) {
    RETURN_IF_ERROR(DropStaged());
    return 0;
  }
  RETURN_IF_ERROR(Commit(&batch, /*sync=*/false));
  return staged_->decoder.offset();
}

absl::StatusOr<AppliedState> RocksdbLogStorage::Install(
    const InstallSnapshot& install) {
  absl::StatusOr<std::string> hash =
      absl::DataLossError("no snapshot is staged");
  if (staged_ != nullptr && staged_->snapshot == install.snapshot) {
    hash = staged_->decoder.Finish();
  }
  if (!hash.ok()) {
    if (staged_ != nullptr) RETURN_IF_ERROR(DropStaged());
    return hash.status();
  }
  AppliedState applied{install.snapshot.index, *std::move(hash)};
  const uint64_t next = generation_ + 1;
  rocksdb::WriteBatch batch;
  PutHard(kGenerationKey, EncodeNumber(next), &batch);
  PutHard(kBaseKey, EncodeMetadata(install.snapshot), &batch);
  PutHard(kAppliedKey, EncodeAppliedState(applied), &batch);
  MustOk(batch.DeleteRange(families_[kLog], LogKey(LogIndex(0)),
                           EncodeNumber(kMaxIndex)));
  MustOk(batch.DeleteRange(families_[kState], EncodeNumber(generation_),
                           EncodeNumber(next)));
  {
    MutexLock lock(&mu_);
    RETURN_IF_ERROR(CommitTail(guard_->After(install.snapshot), &batch));
  }
  generation_ = next;
  staged_ = nullptr;
  return applied;
}

absl::Status RocksdbLogStorage::DropStaged() {
  staged_ = nullptr;
  rocksdb::WriteBatch batch;
  MustOk(batch.DeleteRange(families_[kState], EncodeNumber(generation_ + 1),
                           EncodeNumber(generation_ + 2)));
  return Commit(&batch, /*sync=*/false);
}

absl::StatusOr<std::string> RocksdbLogStorage::Get(absl::string_view key) {
  std::string sealed;
  RETURN_IF_ERROR(
      FromRocksdb(database_->Get(rocksdb::ReadOptions(), families_[kHard],
                                 SliceOf(key), &sealed),
                  absl::StrCat("reading ", key)));
  return Unseal(key, sealed);
}

void RocksdbLogStorage::PutHard(absl::string_view key,
                                absl::string_view content,
                                rocksdb::WriteBatch* batch) {
  MustOk(batch->Put(families_[kHard], SliceOf(key), Seal(key, content)));
}

void RocksdbLogStorage::PutEntries(const std::vector<Entry>& entries,
                                   rocksdb::WriteBatch* batch) {
  for (const Entry& entry : entries) {
    const std::string key = LogKey(entry.index);
    MustOk(batch->Put(families_[kLog], key, Seal(key, EncodeEntry(entry))));
  }
}

absl::Status RocksdbLogStorage::CommitTail(const Tail& tail,
                                           rocksdb::WriteBatch* batch) {
  PutHard(kSequenceKey, EncodeNumber(tail.sequence), batch);
  RETURN_IF_ERROR(Commit(batch, /*sync=*/true));
  failure_->Set(guard_->Durable(tail));
  return failure_->Get();
}

absl::Status RocksdbLogStorage::Commit(rocksdb::WriteBatch* batch, bool sync) {
  RETURN_IF_ERROR(failure_->Get());
  failure_->Set(FromRocksdb(
      database_->Write(sync ? Synced() : Unsynced(), batch), "writing"));
  return failure_->Get();
}

}  // namespace microovn::raft
