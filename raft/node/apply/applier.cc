// SPDX-License-Identifier: Apache-2.0
#include "raft/node/apply/applier.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "base/status/status_macros.h"
#include "base/time/clock.h"
#include "glog/logging.h"
#include "raft/core/values/entry.h"
#include "raft/core/values/state_mark.h"
#include "raft/storage/record/record.h"
#include "raft/storage/record/running_hash.h"

namespace microovn::raft {
namespace {

// A peer that asked for nothing for so long begins anew when it does.
constexpr absl::Duration kReaderLife = absl::Seconds(30);

size_t SizeOf(const Mutation& mutation) {
  return mutation.key.size() +
         (mutation.value.has_value() ? mutation.value->size() : 0);
}

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
}

void Applier::Work() {
  std::deque<ApplierTask> tasks;
  if (!ClaimForCaller(&tasks)) return;
  // IsLittle: nothing else is among them, and DoApply cannot fail.
  for (const ApplierTask& task : tasks) DoApply(std::get<Apply>(task));
  Release();
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
  // At once, and without the lock: the callee may do anything but wait.
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
  {
    MutexLock lock(&mu_);
    // A caller may be in the middle of its few entries.
    while (busy_) changed_.Wait(&mu_);
  }
  KeepWhatIsApplied();
  for (const auto& [index, each] : waiting) each.done(false);
  transfers_.clear();
}

// Nobody works any more, and nobody listens to reports. A member that is
// removed while it is off hears no leader that would tell it again what was
// committed.
void Applier::KeepWhatIsApplied() {
  const AppliedState now = applied();
  if (failed_ || now.index == written_) return;
  const absl::Status kept =
      context_.storage->WriteState(std::exchange(unwritten_, {}), now);
  written_ = now.index;
  // The log has all of it still, as after a crash.
  LOG_IF(WARNING, !kept.ok())
      << "raft: what was applied last is not written: " << kept;
}

void Applier::Run() {
  std::deque<ApplierTask> tasks;
  while (ClaimForThread(&tasks)) {
    const absl::Status status = DoAll(std::exchange(tasks, {}));
    if (!status.ok()) {
      failed_ = true;
      MutexLock lock(&mu_);
      stopped_ = true;
    }
    Release();
    // With the claim given back: `failed` may never return.
    if (!status.ok()) context_.failed(status);
  }
}

// False when the thread must end.
bool Applier::ClaimForThread(std::deque<ApplierTask>* tasks) {
  MutexLock lock(&mu_);
  while (!stopped_) {
    const absl::Duration left = write_at_ - Clock::Real().Monotonic();
    const bool due = left <= absl::ZeroDuration();
    if (!busy_ && (due || for_thread_)) {
      busy_ = true;
      for_thread_ = false;
      tasks->swap(tasks_);
      return true;
    }
    // What is due waits for Release.
    changed_.WaitWithTimeout(&mu_, due ? absl::InfiniteDuration() : left);
  }
  return false;
}

// False when there is nothing for a caller to do; whoever is busy goes on.
bool Applier::ClaimForCaller(std::deque<ApplierTask>* tasks) {
  MutexLock lock(&mu_);
  if (busy_ || stopped_ || tasks_.empty()) return false;
  if (!IsLittle()) {
    for_thread_ = true;
    changed_.SignalAll();
    return false;
  }
  busy_ = true;
  tasks->swap(tasks_);
  return true;
}

bool Applier::IsLittle() const {
  // Only entries, and few of them: a caller must not be led to the disk.
  size_t entries = 0;
  for (const ApplierTask& task : tasks_) {
    const auto* const apply = std::get_if<Apply>(&task);
    if (apply == nullptr) return false;
    entries += apply->entries.size();
  }
  return entries <= options_.most_on_caller;
}

void Applier::Release() {
  MutexLock lock(&mu_);
  busy_ = false;
  const absl::Duration now = Clock::Real().Monotonic();
  const absl::Duration planned = write_at_;
  if (applied_.index == written_) {
    write_at_ = absl::InfiniteDuration();
  } else if (unwritten_bytes_ >= options_.write_bytes) {
    write_at_ = now;
  } else {
    write_at_ = std::min(planned, now + options_.write_delay);
  }
  // What came meanwhile is for the thread, since a caller has been held up long
  // enough.
  for_thread_ = !tasks_.empty();
  // The thread sleeps until `planned` at most.
  const bool sooner = write_at_ < planned;
  if (sooner || write_at_ <= now || stopped_ || for_thread_) {
    changed_.SignalAll();
  }
}

absl::Status Applier::DoAll(const std::deque<ApplierTask>& tasks) {
  for (const ApplierTask& task : tasks) {
    // All else reads the disk or replaces what is on it, and must find there
    // what was applied.
    if (!std::holds_alternative<Apply>(task)) RETURN_IF_ERROR(WriteApplied());
    RETURN_IF_ERROR(
        std::visit([this](const auto& typed) { return Do(typed); }, task));
  }
  return WriteIsDue() ? WriteApplied() : absl::OkStatus();
}

bool Applier::WriteIsDue() const {
  if (unwritten_bytes_ >= options_.write_bytes) return true;
  MutexLock lock(&mu_);
  return write_at_ <= Clock::Real().Monotonic();
}

absl::Status Applier::Do(const Apply& task) {
  DoApply(task);
  return absl::OkStatus();
}

void Applier::DoApply(const Apply& task) {
  if (task.entries.empty()) return;
  const absl::Duration begun = Clock::Real().Monotonic();
  AppliedState now = applied();
  std::vector<AppliedEntry> answers;
  for (const Entry& entry : task.entries) {
    now.index = entry.index;
    StateMachine::Applied applied;
    if (entry.kind == EntryKind::kCommand) {
      applied = context_.machine->Apply(entry.index, entry.payload.bytes());
      now.hash = FoldApplied(now.hash, entry.index, applied.mutations,
                             applied.outcome);
    }
    for (Mutation& each : applied.mutations) {
      unwritten_bytes_ += SizeOf(each);
      unwritten_.push_back(std::move(each));
    }
    answers.push_back({entry.index, entry.term, std::move(applied.result)});
    if (entry.index.value() % options_.mark_interval == 0) {
      marks_.push_back({entry.index, now.hash});
    }
  }
  // The state first, then those who wait for the index, then the proposers:
  // whoever is answered finds its change when it looks.
  context_.machine->Publish(now.index);
  Publish(now);
  Took(Clock::Real().Monotonic() - begun);
  context_.proposals->Applied(answers);
}

absl::Status Applier::WriteApplied() {
  const AppliedState now = applied();
  if (now.index == written_) return absl::OkStatus();
  // Unsynced: a synced write of the log takes it along, and until then the log
  // repeats it.
  RETURN_IF_ERROR(
      context_.storage->WriteState(std::exchange(unwritten_, {}), now));
  unwritten_bytes_ = 0;
  written_ = now.index;
  context_.report(Applied{now.index, std::exchange(marks_, {})});
  // Here, because it comes along often while there is anything to keep old data
  // from going away.
  if (!transfers_.empty()) DropIdleReaders();
  // Only what is written can do without the log. It need not be synced: the
  // batch that removes the entries comes behind it, in the same order.
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
  // A damaged transfer and not a damaged disk: nothing has changed, and the
  // leader sends it again from the beginning.
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
  // They were accepted in a leadership of this member and overtaken by a
  // snapshot: what became of them is not told any more.
  context_.proposals->Skipped(now->index);
  context_.report(SnapshotInstalled{task.snapshot, true});
  return absl::OkStatus();
}

absl::Status Applier::Do(const SnapshotWanted& task) {
  ASSIGN_OR_RETURN(SnapshotReader * reader, ReaderFor(task));
  // Another snapshot has other bytes: begin at 0. The core takes a newer one
  // for a new transfer.
  const bool resumed =
      task.resume.has_value() && task.resume->index == reader->index();
  uint64_t offset = resumed ? task.offset : 0;
  absl::StatusOr<SnapshotReader::Piece> piece =
      reader->Read(offset, task.max_bytes);
  if (absl::IsOutOfRange(piece.status())) {
    // The peer claims more than there is: it begins anew, and is not left
    // without an answer for ever.
    LOG_EVERY_T(WARNING, 10)
        << "raft: " << task.to.ToHex() << " has " << offset
        << " bytes of a snapshot that is shorter: " << piece.status();
    offset = 0;
    piece = reader->Read(offset, task.max_bytes);
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
  // A reader holds the state of its moment, so all pieces of a transfer are of
  // one state while entries go on to be applied.
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
