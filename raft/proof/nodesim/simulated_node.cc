// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/nodesim/simulated_node.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"
#include "raft/storage/record/running_hash.h"

namespace microovn::raft {
namespace {

constexpr char kDirectory[] = "/member/raft";
// Flushes and compactions after some dozens of writes.
constexpr size_t kShrink = 64;

RocksdbEnvironment EnvironmentOn(SimEnv* env) {
  return env->Environment(kShrink);
}

uint64_t WordOf(const std::string& hash) {
  uint64_t word = 0;
  for (size_t i = 0; i < sizeof(word) && i < hash.size(); ++i) {
    word = word << 8 | static_cast<unsigned char>(hash[i]);
  }
  return word;
}

LogTail LogTailOf(const Recovered& recovered) {
  LogTail tail{recovered.hard_state, recovered.base.index,
               recovered.base.chain};
  if (!recovered.entries.empty()) {
    tail.last = recovered.entries.back().index;
    tail.chain = recovered.entries.back().chain;
  }
  return tail;
}

std::string Describe(const LogTail& tail) {
  return absl::StrCat("[term ", tail.hard_state.term.value(), " vote ",
                      tail.hard_state.vote.ToHex(), " last ", tail.last.value(),
                      " chain ", tail.chain.value(), "]");
}

absl::Status CheckTail(const LogTail& tail,
                       const std::vector<LogTail>& expected) {
  if (expected.empty() ||
      std::find(expected.begin(), expected.end(), tail) != expected.end()) {
    return absl::OkStatus();
  }
  std::string message = absl::StrCat("there is ", Describe(tail), ", not");
  for (const LogTail& each : expected) {
    absl::StrAppend(&message, " ", Describe(each));
  }
  return absl::DataLossError(message);
}

}  // namespace

SimulatedNode::SimulatedNode(DiskImage disk, const Settings& settings,
                             SimulatedNodeContext context)
    : settings_(settings),
      context_(std::move(context)),
      env_(std::make_unique<SimEnv>(std::move(disk))) {}

SimulatedNode::~SimulatedNode() { Kill(); }

absl::Status SimulatedNode::Create(const Identity& identity,
                                   const Recovered& initial) {
  env_->volume().MakeDirectory("/member");
  env_->volume().SyncDirectory(DiskImage::kRoot);
  return RocksdbLogStorage::Create(kDirectory, identity, initial,
                                   EnvironmentOn(env_.get()));
}

absl::Status SimulatedNode::Start(uint64_t seed, Time now,
                                  const std::vector<LogTail>& expected) {
  ASSIGN_OR_RETURN(
      storage_, RocksdbLogStorage::Open(kDirectory, EnvironmentOn(env_.get())));
  ASSIGN_OR_RETURN(const StoredMember member, storage_->Read());
  if (member.recovered.quarantine.has_value()) {
    return absl::DataLossError("in quarantine, and nothing was lost");
  }
  if (!IsIntact(member.recovered.base, member.recovered.entries)) {
    return absl::DataLossError("the chain of the log's entries is broken");
  }
  ASSIGN_OR_RETURN(std::vector<Record> records, storage_->ReadRecords());
  stored_ = LogTailOf(member.recovered);
  RETURN_IF_ERROR(CheckTail(stored_, expected));
  applied_ = {member.recovered.applied, member.running_hash};
  checkpoint_ = written_ = applied_.index;
  RETURN_IF_ERROR(machine_.Load(applied_.index, std::move(records)));
  machine_.Publish(applied_.index);
  handler_.emplace(ReadyActions{
      [this](Persist persist) {
        unwritten_.push_back(std::move(persist));
        if (unwritten_.size() == 1) context_.writer_due();
      },
      [this](Message message) { context_.send(std::move(message)); },
      [this](ApplierTask task) {
        tasks_.push_back(std::move(task));
        if (tasks_.size() == 1) context_.applier_due();
      }});
  core_.emplace(member.identity, settings_.core, member.recovered, seed, now);
  return RunJobs();
}

Output SimulatedNode::Step(Time now, Input input) {
  return core_->Step(now, std::move(input));
}

void SimulatedNode::Handle(Output* output) { handler_->Handle(output); }

absl::Status SimulatedNode::WriterTurn() {
  // The core's answer to Stored may be the next to write.
  const std::vector<Persist> batches = std::exchange(unwritten_, {});
  if (batches.empty()) return absl::OkStatus();
  LogTail tail = stored_;
  for (const Persist& batch : batches) {
    tail.hard_state = batch.hard_state.value_or(tail.hard_state);
    if (batch.truncate_from.has_value()) {
      tail.last = batch.truncate_from->Previous();
      tail.chain = core_->log().base().index <= tail.last
                       ? core_->log().ChainAt(tail.last)
                       : ChainHash(0);
    }
    if (!batch.entries.empty()) {
      tail.last = batch.entries.back().index;
      tail.chain = batch.entries.back().chain;
    }
  }
  writing_ = tail;
  RETURN_IF_ERROR(storage_->Write(batches));
  stored_ = tail;
  writing_.reset();
  RETURN_IF_ERROR(RunJobs());
  context_.report(Stored{batches.back().token});
  handler_->Stored(batches.back().token);
  return absl::OkStatus();
}

absl::Status SimulatedNode::ApplierTurn(std::vector<AppliedCommand>* applied) {
  // What it brings about may be the next task.
  for (const ApplierTask& task : std::exchange(tasks_, {})) {
    if (const auto* apply = std::get_if<Apply>(&task)) {
      Do(*apply, applied);
      continue;
    }
    RETURN_IF_ERROR(WriteApplied());
    RETURN_IF_ERROR(DoOther(task));
  }
  if (applied_.index != written_ && !state_write_planned_) {
    state_write_planned_ = true;
    context_.state_write_due();
  }
  return RunJobs();
}

// What is no Apply.
absl::Status SimulatedNode::DoOther(const ApplierTask& task) {
  if (const auto* chunk = std::get_if<StoreSnapshotChunk>(&task)) {
    return Do(*chunk);
  }
  if (const auto* install = std::get_if<InstallSnapshot>(&task)) {
    return Do(*install);
  }
  if (const auto* wanted = std::get_if<SnapshotWanted>(&task)) {
    return Do(*wanted);
  }
  return storage_->Compact(std::get<CompactLog>(task).base);
}

absl::Status SimulatedNode::StateWriteTurn() {
  state_write_planned_ = false;
  RETURN_IF_ERROR(WriteApplied());
  return RunJobs();
}

// A machine without power does and says nothing more, whoever cut it.
absl::Status SimulatedNode::RunJobs() {
  env_->RunJobs();
  if (!env_->volume().halted()) return absl::OkStatus();
  return absl::UnavailableError("the power was cut");
}

void SimulatedNode::Do(const Apply& task,
                       std::vector<AppliedCommand>* applied) {
  AppliedState& now = applied_;
  for (const Entry& entry : task.entries) {
    now.index = entry.index;
    AppliedCommand one{entry.index, entry.term, false, 0, LogIndex(0), 0};
    if (entry.kind == EntryKind::kCommand) {
      StateMachine::Applied result =
          machine_.Apply(entry.index, entry.payload.bytes());
      now.hash =
          FoldApplied(now.hash, entry.index, result.mutations, result.outcome);
      one.command = true;
      one.effect = LogIndex(DecodeNumber(result.result).value_or(0));
      if (one.effect == one.index) {
        one.operation = DecodeKvCommand(entry.payload.bytes()).operation;
      }
      for (Mutation& each : result.mutations) {
        mutations_.push_back(std::move(each));
      }
    }
    if (entry.index.value() % settings_.core.state_mark_interval == 0) {
      marks_.push_back({entry.index, now.hash});
    }
    one.hash = WordOf(now.hash);
    applied->push_back(one);
  }
  machine_.Publish(now.index);
}

absl::Status SimulatedNode::WriteApplied() {
  const LogIndex index = applied_.index;
  if (index == written_) return absl::OkStatus();
  RETURN_IF_ERROR(
      storage_->WriteState(std::exchange(mutations_, {}), applied_));
  written_ = index;
  context_.report(Applied{index, std::exchange(marks_, {})});
  if (index.value() >= checkpoint_.value() + settings_.checkpoint_every) {
    checkpoint_ = index;
    context_.report(Checkpointed{index});
  }
  return absl::OkStatus();
}

absl::Status SimulatedNode::Do(const StoreSnapshotChunk& task) {
  ASSIGN_OR_RETURN(const uint64_t next, storage_->StageChunk(task));
  context_.report(SnapshotProgress{task.snapshot, next});
  return absl::OkStatus();
}

absl::Status SimulatedNode::Do(const InstallSnapshot& task) {
  // The log that is replaced must not be written behind.
  RETURN_IF_ERROR(WriterTurn());
  writing_ =
      LogTail{stored_.hard_state, task.snapshot.index, task.snapshot.chain};
  absl::StatusOr<AppliedState> now = storage_->Install(task);
  if (absl::IsDataLoss(now.status())) {
    writing_.reset();
    context_.report(SnapshotInstalled{task.snapshot, false});
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(now.status());
  stored_ = *std::exchange(writing_, std::nullopt);
  readers_.clear();
  ASSIGN_OR_RETURN(std::vector<Record> records, storage_->ReadRecords());
  RETURN_IF_ERROR(machine_.Load(now->index, std::move(records)));
  machine_.Publish(now->index);
  applied_ = *std::move(now);
  checkpoint_ = written_ = applied_.index;
  context_.report(SnapshotInstalled{task.snapshot, true});
  return absl::OkStatus();
}

absl::Status SimulatedNode::Do(const SnapshotWanted& task) {
  std::unique_ptr<SnapshotReader>& reader = readers_[task.to];
  const bool usable =
      reader != nullptr && reader->index() >= task.at_least &&
      (!task.resume.has_value() || reader->index() == task.resume->index);
  if (!usable) {
    ASSIGN_OR_RETURN(reader, storage_->OpenSnapshot());
  }
  const bool resumed =
      task.resume.has_value() && task.resume->index == reader->index();
  const uint64_t offset = resumed ? task.offset : 0;
  absl::StatusOr<SnapshotReader::Piece> piece =
      reader->Read(offset, task.max_bytes);
  if (absl::IsOutOfRange(piece.status())) {
    readers_.erase(task.to);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(piece.status());
  SnapshotMetadata& metadata = sending_[task.to];
  if (metadata.index != reader->index()) {
    auto described = core_->DescribeSnapshot(reader->index());
    if (!described.has_value()) return absl::OkStatus();
    metadata = *std::move(described);
  }
  context_.report(SnapshotReady{task.to, metadata, offset,
                                Payload(std::move(piece->bytes)), piece->last});
  return absl::OkStatus();
}

DiskImage SimulatedNode::Kill() {
  DiskImage disk = env_->volume().image();
  env_->volume().Halt();
  readers_.clear();
  handler_.reset();
  core_.reset();
  storage_ = nullptr;
  return disk;
}

bool SimulatedNode::LostBytes(const DiskImage& before, const DiskImage& after) {
  // Never synced, so that it tells nothing of the machine's end.
  const auto ring = before.Find(absl::StrCat(kDirectory, "/tail_ring"));
  return std::any_of(before.files.begin(), before.files.end(),
                     [&after, ring](const auto& file) {
                       const auto kept = after.files.find(file.first);
                       return file.first != ring && kept != after.files.end() &&
                              kept->second.size < file.second.size;
                     });
}

uint64_t SimulatedNode::hash() const { return WordOf(applied_.hash); }

std::vector<LogTail> SimulatedNode::expected() const {
  std::vector<LogTail> tails = {stored_};
  if (writing_.has_value()) tails.push_back(*writing_);
  return tails;
}

}  // namespace microovn::raft
