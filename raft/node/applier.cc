#include "raft/node/applier.h"

#include <pthread.h>

#include <utility>

#include "base/clock.h"
#include "base/status_macros.h"
#include "raft/core/entry.h"
#include "raft/core/state_mark.h"
#include "raft/storage/record.h"
#include "raft/storage/running_hash.h"

namespace microovn::raft {
namespace {

// A peer that asked for nothing for so long begins anew when it does.
constexpr absl::Duration kReaderLife = absl::Seconds(30);

}  // namespace

Applier::Applier(const ApplierOptions& options, ApplierContext context,
                 AppliedState initial)
    : options_(options),
      context_(std::move(context)),
      checkpoint_(initial.index),
      written_(initial.index),
      applied_(std::move(initial)),
      thread_([this] { Run(); }) {
  pthread_setname_np(thread_.native_handle(), "raft-apply");
}

Applier::~Applier() { Stop(); }

void Applier::Add(ApplierTask task) {
  MutexLock lock(&mu_);
  tasks_.push_back(std::move(task));
  changed_.SignalAll();
}

AppliedState Applier::applied() const {
  MutexLock lock(&mu_);
  return applied_;
}

void Applier::Await(LogIndex index, absl::Duration deadline, Waited done) {
  bool applied = false;
  {
    MutexLock lock(&mu_);
    applied = applied_.index >= index;
    if (!applied && !stopped_) {
      waiting_.emplace(index, Waiting{deadline, std::move(done)});
      return;
    }
  }
  done(applied);
}

void Applier::Expire(absl::Duration now) {
  std::vector<Waited> late;
  {
    MutexLock lock(&mu_);
    for (auto at = waiting_.begin(); at != waiting_.end();) {
      const auto here = at++;
      if (here->second.deadline > now) continue;
      late.push_back(std::move(here->second.done));
      waiting_.erase(here);
    }
  }
  for (const Waited& done : late) done(false);
}

void Applier::Stop() {
  std::multimap<LogIndex, Waiting> waiting;
  {
    MutexLock lock(&mu_);
    stopped_ = true;
    waiting.swap(waiting_);
    changed_.SignalAll();
  }
  if (thread_.joinable()) thread_.join();
  for (const auto& [index, each] : waiting) each.done(false);
  transfers_.clear();
}

void Applier::Run() {
  for (;;) {
    std::deque<ApplierTask> tasks;
    {
      MutexLock lock(&mu_);
      while (tasks_.empty() && !stopped_) changed_.Wait(&mu_);
      if (stopped_) return;
      tasks.swap(tasks_);
    }
    const absl::Status status = DoAll(tasks);
    if (!status.ok()) {
      context_.failed(status);
      return;
    }
  }
}

absl::Status Applier::DoAll(const std::deque<ApplierTask>& tasks) {
  for (const ApplierTask& task : tasks) {
    if (!std::holds_alternative<Apply>(task)) RETURN_IF_ERROR(WriteApplied());
    RETURN_IF_ERROR(
        std::visit([this](const auto& typed) { return Do(typed); }, task));
  }
  return WriteApplied();
}

absl::Status Applier::Do(const Apply& task) {
  if (task.entries.empty()) return absl::OkStatus();
  const absl::Duration begun = Clock::Real().Monotonic();
  AppliedState now = applied();
  std::vector<AppliedEntry> answers;
  for (const Entry& entry : task.entries) {
    now.index = entry.index;
    StateMachine::Applied applied;
    if (entry.kind == EntryKind::kCommand) {
      applied = context_.machine->Apply(entry.index, entry.payload.bytes());
      now.hash =
          FoldApplied(now.hash, entry.index, applied.mutations, applied.result);
    }
    for (Mutation& each : applied.mutations) {
      unwritten_.push_back(std::move(each));
    }
    answers.push_back({entry.index, entry.term, std::move(applied.result)});
    if (entry.index.value() % options_.mark_interval == 0) {
      marks_.push_back({entry.index, now.hash});
    }
  }
  context_.machine->Publish(now.index);
  Publish(now);
  Took(Clock::Real().Monotonic() - begun);
  context_.proposals->Applied(std::move(answers));
  return absl::OkStatus();
}

absl::Status Applier::WriteApplied() {
  const AppliedState now = applied();
  if (now.index == written_) return absl::OkStatus();
  RETURN_IF_ERROR(
      context_.storage->WriteState(std::exchange(unwritten_, {}), now));
  written_ = now.index;
  context_.report(Applied{now.index, std::exchange(marks_, {})});
  if (!transfers_.empty()) DropIdleReaders();
  if (now.index.value() >= checkpoint_.value() + options_.checkpoint_interval) {
    checkpoint_ = now.index;
    context_.report(Checkpointed{now.index});
  }
  return absl::OkStatus();
}

absl::Status Applier::Do(const StoreSnapshotChunk& task) {
  ASSIGN_OR_RETURN(const uint64_t next, context_.storage->StageChunk(task));
  context_.report(SnapshotProgress{task.snapshot, next});
  return absl::OkStatus();
}

absl::Status Applier::Do(const InstallSnapshot& task) {
  // The log that is replaced must not be written behind.
  if (!context_.writer->Drain()) return absl::OkStatus();
  absl::StatusOr<AppliedState> now = context_.storage->Install(task);
  if (absl::IsDataLoss(now.status())) {
    context_.report(SnapshotInstalled{task.snapshot, false});
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(now.status());
  transfers_.clear();
  ASSIGN_OR_RETURN(std::vector<Record> records,
                   context_.storage->ReadRecords());
  RETURN_IF_ERROR(context_.machine->Load(now->index, std::move(records)));
  context_.machine->Publish(now->index);
  checkpoint_ = now->index;
  written_ = now->index;
  Publish(*now);
  context_.proposals->Skipped(now->index);
  context_.report(SnapshotInstalled{task.snapshot, true});
  return absl::OkStatus();
}

absl::Status Applier::Do(const SnapshotWanted& task) {
  ASSIGN_OR_RETURN(SnapshotReader * reader, ReaderFor(task));
  const bool resumed =
      task.resume.has_value() && task.resume->index == reader->index();
  const uint64_t offset = resumed ? task.offset : 0;
  absl::StatusOr<SnapshotReader::Piece> piece =
      reader->Read(offset, task.max_bytes);
  if (absl::IsOutOfRange(piece.status())) {
    // The peer claims more than there is: begin anew.
    transfers_.erase(task.to);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(piece.status());
  context_.give_piece({task.to, task.term, reader->index(), offset,
                       Payload(std::move(piece->bytes)), piece->last});
  return absl::OkStatus();
}

absl::Status Applier::Do(const CompactLog& task) {
  return context_.storage->Compact(task.base);
}

void Applier::Publish(const AppliedState& now) {
  std::vector<Waited> reached;
  {
    MutexLock lock(&mu_);
    applied_ = now;
    const auto end = waiting_.upper_bound(now.index);
    for (auto at = waiting_.begin(); at != end; ++at) {
      reached.push_back(std::move(at->second.done));
    }
    waiting_.erase(waiting_.begin(), end);
  }
  for (const Waited& done : reached) done(true);
}

void Applier::Took(absl::Duration duration) {
  MutexLock lock(&mu_);
  times_.Add(duration);
}

Histogram Applier::times() const {
  MutexLock lock(&mu_);
  return times_;
}

size_t Applier::waiting() const {
  MutexLock lock(&mu_);
  return tasks_.size();
}

absl::StatusOr<SnapshotReader*> Applier::ReaderFor(const SnapshotWanted& task) {
  Transfer& transfer = transfers_[task.to];
  std::unique_ptr<SnapshotReader>& reader = transfer.reader;
  transfer.last_used = Clock::Real().Monotonic();
  // A leader of a later term does not know what the peer has of the snapshot
  // that was begun before; from the first piece of the same the peer says it.
  const bool usable =
      reader != nullptr && reader->index() >= task.at_least &&
      (!task.resume.has_value() || reader->index() == task.resume->index);
  if (!usable) {
    ASSIGN_OR_RETURN(reader, context_.storage->OpenSnapshot());
  }
  return reader.get();
}

void Applier::DropIdleReaders() {
  const absl::Duration now = Clock::Real().Monotonic();
  for (auto at = transfers_.begin(); at != transfers_.end();) {
    const auto here = at++;
    if (here->second.last_used + kReaderLife < now) transfers_.erase(here);
  }
}

}  // namespace microovn::raft
