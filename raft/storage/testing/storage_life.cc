// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/testing/storage_life.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "raft/core/values/entry.h"
#include "raft/storage/fake_log_storage.h"
#include "raft/storage/record/running_hash.h"

namespace microovn::raft {
namespace {

void Field(absl::string_view bytes, std::string& content) {
  absl::StrAppend(&content, EncodeNumber(bytes.size()), bytes);
}

std::string Encode(const HardState& hard_state, const SnapshotMetadata& base,
                   const std::vector<Entry>& entries,
                   const AppliedState& applied) {
  std::string content;
  Field(EncodeHardState(hard_state), content);
  Field(EncodeMetadata(base), content);
  Field(EncodeAppliedState(applied), content);
  for (const Entry& entry : entries) {
    absl::StrAppend(&content, EncodeNumber(entry.index.value()));
    Field(EncodeEntry(entry), content);
  }
  return content;
}

void AddRecord(const std::string& key, const std::string& value,
               std::string& content) {
  Field(key, content);
  Field(value, content);
}

// What applying an entry changes: some records come back, some go.
std::vector<Mutation> MutationsOf(const Entry& entry) {
  const uint64_t index = entry.index.value();
  std::vector<Mutation> mutations = {
      {absl::StrCat("key", index % 5), std::string(entry.payload.bytes())}};
  if (index % 3 == 0) {
    mutations.push_back({absl::StrCat("key", (index + 2) % 5), std::nullopt});
  }
  return mutations;
}

void ApplyTo(const Entry& entry, std::vector<Mutation>& mutations,
             AppliedState& applied,
             std::map<std::string, std::string>& records) {
  const std::vector<Mutation> now = MutationsOf(entry);
  applied.hash = FoldApplied(applied.hash, entry.index, now, "done");
  applied.index = entry.index;
  for (const Mutation& mutation : now) {
    if (mutation.value.has_value()) {
      records[mutation.key] = *mutation.value;
    } else {
      records.erase(mutation.key);
    }
    mutations.push_back(mutation);
  }
}

std::string StreamOf(const AppliedState& applied,
                     const std::map<std::string, std::string>& records) {
  FakeDisk disk(LifeIdentity(), Recovered());
  FakeLogStorage storage(&disk);
  std::vector<Mutation> mutations;
  for (const auto& [key, value] : records) mutations.push_back({key, value});
  CHECK(storage.WriteState(mutations, applied).ok());
  const auto reader = storage.OpenSnapshot();
  CHECK(reader.ok());
  std::string stream;
  for (;;) {
    const auto piece = (*reader)->Read(stream.size(), 1 << 20);
    CHECK(piece.ok());
    stream += piece->bytes;
    if (piece->last) return stream;
  }
}

}  // namespace

const Identity& LifeIdentity() {
  static const Identity& identity =
      *new Identity{ClusterId(1, 2), MemberId(3, 4), Incarnation(5)};
  return identity;
}

absl::StatusOr<std::string> ContentOf(LogStorage& storage) {
  ASSIGN_OR_RETURN(const StoredMember member, storage.Read());
  ASSIGN_OR_RETURN(const std::vector<Record> records, storage.ReadRecords());
  const Recovered& recovered = member.recovered;
  if (!(member.identity == LifeIdentity())) {
    return absl::DataLossError("another identity");
  }
  if (recovered.quarantine.has_value()) {
    return absl::FailedPreconditionError("in quarantine");
  }
  if (!IsIntact(recovered.base, recovered.entries)) {
    return absl::DataLossError("the chain is broken");
  }
  const uint64_t last = recovered.base.index.value() + recovered.entries.size();
  if (recovered.applied < recovered.base.index ||
      recovered.applied.value() > last) {
    return absl::DataLossError("applied is outside the log");
  }
  std::string content =
      Encode(recovered.hard_state, recovered.base, recovered.entries,
             {recovered.applied, member.running_hash});
  for (const Record& record : records) {
    AddRecord(record.key, record.value, content);
  }
  return content;
}

std::string Describe(LogStorage& storage) {
  const auto member = storage.Read();
  if (!member.ok()) return std::string(member.status().message());
  const Recovered& recovered = member->recovered;
  return absl::StrCat("term ", recovered.hard_state.term.value(), " base ",
                      recovered.base.index.value(), " entries ",
                      recovered.entries.size(), " applied ",
                      recovered.applied.value());
}

LifeBuilder::LifeBuilder() {
  applied_.hash = EmptyStateHash();
  Add("create", true, nullptr);
}

void LifeBuilder::Vote() {
  hard_state_.term = hard_state_.term.Next();
  hard_state_.vote = MemberId(8, hard_state_.term.value());
  Persist persist;
  persist.hard_state = hard_state_;
  Add("vote", true,
      [persist](LogStorage& storage) { return storage.Write({persist}); });
}

void LifeBuilder::Append(size_t count, size_t payload) {
  Persist persist;
  for (size_t i = 0; i < count; ++i) {
    entries_.push_back(NextEntry(last().Next(), ChainAt(last()), payload));
    persist.entries.push_back(entries_.back());
  }
  Add("append", true,
      [persist](LogStorage& storage) { return storage.Write({persist}); });
}

void LifeBuilder::Replace(size_t count, size_t payload) {
  CHECK_LE(count, unapplied());
  Persist persist;
  hard_state_.term = hard_state_.term.Next();
  persist.hard_state = hard_state_;
  entries_.resize(entries_.size() - count);
  persist.truncate_from = last().Next();
  entries_.push_back(NextEntry(last().Next(), ChainAt(last()), payload));
  persist.entries = {entries_.back()};
  Add("replace", true,
      [persist](LogStorage& storage) { return storage.Write({persist}); });
}

void LifeBuilder::Apply(size_t count) {
  std::vector<Mutation> mutations;
  for (const Entry& entry : entries_) {
    if (entry.index <= applied_.index || count == 0) continue;
    ApplyTo(entry, mutations, applied_, records_);
    --count;
  }
  Add("apply", false, [mutations, now = applied_](LogStorage& storage) {
    return storage.WriteState(mutations, now);
  });
}

void LifeBuilder::Compact(size_t retained) {
  const size_t dropped = applied_entries() - retained;
  const Entry last_dropped = entries_[dropped - 1];
  base_ = MetadataAt(last_dropped.index, last_dropped.term, last_dropped.chain);
  entries_.erase(entries_.begin(),
                 entries_.begin() + static_cast<std::ptrdiff_t>(dropped));
  Add("compact", false,
      [base = base_](LogStorage& storage) { return storage.Compact(base); });
}

void LifeBuilder::Receive(size_t ahead, size_t chunk, bool finish) {
  AppliedState applied = applied_;
  std::map<std::string, std::string> records = records_;
  std::vector<Mutation> mutations;
  LogIndex at = last();
  ChainHash chain = ChainAt(at);
  for (size_t i = 0; i < ahead; ++i) {
    const Entry entry = NextEntry(at.Next(), chain, 700 + i);
    at = entry.index;
    chain = entry.chain;
    ApplyTo(entry, mutations, applied, records);
  }
  const SnapshotMetadata snapshot = MetadataAt(at, hard_state_.term, chain);
  const std::string stream = StreamOf(applied, records);
  const size_t end = finish ? stream.size() : stream.size() / 2;
  size_t offset = staged_.snapshot == snapshot ? staged_.bytes : 0;
  for (; offset < end; offset += chunk) {
    StoreSnapshotChunk piece;
    piece.snapshot = snapshot;
    piece.offset = offset;
    piece.bytes = Payload(stream.substr(offset, chunk));
    Add("chunk", false, [piece](LogStorage& storage) {
      return storage.StageChunk(piece).status();
    });
  }
  staged_ = {snapshot, std::min(offset, stream.size())};
  if (!finish) return;
  staged_ = Staged();
  base_ = snapshot;
  entries_.clear();
  applied_ = applied;
  records_ = records;
  Add("install", true, [snapshot](LogStorage& storage) {
    return storage.Install({snapshot}).status();
  });
}

// What was read when it was opened may have been relied upon since.
void LifeBuilder::Reopen() {
  Add("reopen", true, nullptr);
  staged_ = Staged();  // it is dropped then
}

size_t LifeBuilder::applied_entries() const {
  return static_cast<size_t>(applied_.index.value() - base_.index.value());
}

Entry LifeBuilder::NextEntry(LogIndex index, ChainHash previous,
                             size_t payload) const {
  Entry entry;
  entry.index = index;
  entry.term = hard_state_.term;
  entry.kind = EntryKind::kCommand;
  // Not compressible, so that nothing is found twice by chance.
  SeededRandom random(index.value() * 1000 + entry.term.value());
  entry.payload = Payload(random.Bytes(payload));
  entry.chain = ChainOf(previous, entry);
  return entry;
}

ChainHash LifeBuilder::ChainAt(LogIndex index) const {
  if (index == base_.index) return base_.chain;
  return entries_[static_cast<size_t>(index.value() - base_.index.value() - 1)]
      .chain;
}

LogIndex LifeBuilder::last() const {
  return entries_.empty() ? base_.index : entries_.back().index;
}

SnapshotMetadata LifeBuilder::MetadataAt(LogIndex index, Term term,
                                         ChainHash chain) const {
  SnapshotMetadata metadata;
  metadata.index = index;
  metadata.term = term;
  metadata.chain = chain;
  metadata.configuration_index = LogIndex(1);
  metadata.configuration.voters = {LifeIdentity().member};
  return metadata;
}

void LifeBuilder::Add(std::string name, bool acknowledges,
                      std::function<absl::Status(LogStorage&)> run) {
  steps_.push_back({std::move(name), std::move(run), acknowledges, Content()});
}

std::string LifeBuilder::Content() const {
  std::string content = Encode(hard_state_, base_, entries_, applied_);
  for (const auto& [key, value] : records_) AddRecord(key, value, content);
  return content;
}

std::vector<LifeStep> ScriptedLife() {
  LifeBuilder life;
  life.Vote();
  life.Append(3, 200);
  life.Apply(2);
  life.Append(8, 6000);
  life.Apply(4);
  life.Replace(3, 100);
  life.Append(1, 4000);
  life.Apply(1);
  life.Apply(3);
  life.Compact(2);
  life.Append(8, 8000);
  life.Apply(8);
  life.Receive(3, 700, false);
  life.Reopen();
  life.Append(4, 9000);
  life.Apply(4);
  life.Compact(3);
  life.Vote();
  life.Receive(4, 600, true);
  life.Append(2, 300);
  life.Apply(1);
  life.Reopen();
  life.Append(9, 7000);
  life.Apply(9);
  life.Reopen();
  life.Append(1, 100);
  life.Apply(1);
  life.Compact(1);
  life.Reopen();
  life.Append(1, 100);
  life.Apply(1);
  return life.Take();
}

std::vector<LifeStep> DrawLife(SeededRandom& random, size_t steps) {
  LifeBuilder life;
  life.Vote();
  for (size_t i = 0; i < steps; ++i) {
    switch (random.Uniform(12)) {
      case 0:
        life.Vote();
        break;
      case 1:
        if (life.unapplied() > 0) {
          life.Replace(1 + random.Uniform(life.unapplied()), 100);
        }
        break;
      case 2:
        if (life.applied_entries() > 1) {
          life.Compact(random.Uniform(life.applied_entries() - 1));
        }
        break;
      case 3:
        life.Receive(1 + random.Uniform(4), 100 + random.Uniform(3000),
                     random.Uniform(2) == 0);
        break;
      case 4:
        life.Reopen();
        break;
      case 5:
      case 6:
      case 7:
        if (life.unapplied() > 0) {
          life.Apply(1 + random.Uniform(life.unapplied()));
        }
        break;
      default:
        life.Append(1 + random.Uniform(5), random.Uniform(9000));
    }
  }
  return life.Take();
}

}  // namespace microovn::raft
