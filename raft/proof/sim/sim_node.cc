// SPDX-License-Identifier: Apache-2.0
// What a node does with a core's output: the order of raft_core.h.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "raft/core/values/quorum.h"
#include "raft/proof/sim/sim_cluster.h"

namespace microovn::raft {
namespace {

constexpr int64_t kMillion = 1'000'000;

}  // namespace

void SimCluster::Handle(size_t slot, Output output) {
  SimMember& member = members_[slot];
  if (output.persist.has_value()) {
    const StorageToken token = output.persist->token;
    member.disk.Write(std::move(*output.persist));
    Schedule(SyncDelay(member), Kind::kSynced, slot, member.epoch,
             token.value());
  }
  HandleSends(slot, std::move(output.sends));
  HandleSnapshots(slot, output);
  if (output.apply.has_value()) HandleApply(slot, *output.apply);
  HandleAnswers(slot, output);
  if (output.compact.has_value()) {
    member.disk.Compact(std::move(output.compact->base));
  }
  if (member.core->role() == Role::kLeader) likely_leader_ = slot;
  if (output.configuration.has_value()) ++stats_.configurations;
  for (const RoleChanged& change : output.role_changes) {
    if (change.reason == RoleReason::kDiskStalled) ++stats_.stalled_leaders;
  }
  for (const RejectedSender& rejected : output.rejected) {
    if (IsLiar(rejected.sender)) {
      ++stats_.refused_lies;
      continue;
    }
    if (rejected.reason != RejectedReason::kRemovedMember &&
        rejected.reason != RejectedReason::kNoVoter) {
      Fail("an honest member was rejected");
    }
  }
}

void SimCluster::HandleSends(size_t slot, std::vector<Send> sends) {
  SimMember& member = members_[slot];
  for (Send& send : sends) {
    if (send.after <= member.stored) {
      Transmit(slot, send.message);
    } else {
      member.held.push_back(std::move(send));
    }
  }
}

void SimCluster::Transmit(size_t slot, const Message& message) {
  const auto target = FindSlot(message.header.to);
  if (!target.has_value()) return;
  ++stats_.messages;
  for (const Micros delay : network_.Route(slot, *target, random_)) {
    ScheduleInput(delay, *target, /*epoch=*/0,
                  Received{message, members_[slot].core->voter_at()});
  }
}

void SimCluster::HandleApply(size_t slot, const Apply& apply) {
  SimMember& member = members_[slot];
  std::vector<StateMark> marks;
  for (const Entry& entry : apply.entries) {
    ApplyOne(member, entry);
    if (entry.index.value() % options_.core.state_mark_interval == 0) {
      marks.push_back({entry.index, absl::StrCat(member.state.hash())});
    }
    FinishWrite(member, entry);
  }
  member.disk.SaveState(member.state);
  const LogIndex applied = member.state.applied();
  // Each takes its time, but an applier reports in order.
  member.applied_told = std::max(
      member.applied_told, now_ + random_.Uniform(options_.max_apply + 1));
  ScheduleInput(member.applied_told.value() - now_.value(), slot, member.epoch,
                Applied{applied, std::move(marks)});
  CompleteReads(slot);
  if (member.checkpointed + options_.checkpoint_every <= applied) {
    member.checkpointed = applied;
    member.disk.SyncAll();
    ScheduleInput(options_.max_apply + 1, slot, member.epoch,
                  Checkpointed{applied});
  }
}

void SimCluster::ApplyOne(SimMember& member, const Entry& entry) {
  member.state.Apply(entry);
  uint64_t operation = 0;
  if (entry.kind == EntryKind::kCommand) {
    operation = DecodeCommand(entry.payload.bytes()).operation;
    if (std::exchange(member.wrong_next, false)) {
      ++stats_.wrong_applies;
      member.state.Corrupt();
      member.wrong = true;
    }
  }
  const bool first = reference_.applied() < entry.index;
  if (first) reference_.Apply(entry);
  if (member.wrong && !first) return;
  Fail(history_.Apply(entry.index, operation,
                      member.wrong ? reference_.hash() : member.state.hash()));
}

// A client may wait for what becomes of the index.
void SimCluster::FinishWrite(SimMember& member, const Entry& entry) {
  const auto waiting = member.writes.find(entry.index);
  if (waiting == member.writes.end()) return;
  const WaitingWrite write = waiting->second;
  member.writes.erase(waiting);
  if (entry.term == write.term) {
    Fail(history_.CompleteWrite(write.operation, entry.index));
    registers_.CompleteWrite(write.operation);
  } else {
    Fail(history_.Refuse(write.operation));
    registers_.Refuse(write.operation);
  }
  Close(write.operation);
}

bool SimCluster::IsWrong(const SimStateMachine& state) const {
  return history_.HashAt(state.applied()) != state.hash();
}

void SimCluster::HandleSnapshots(size_t slot, Output& output) {
  if (output.store_snapshot_chunk.has_value()) {
    StoreChunk(slot, *output.store_snapshot_chunk);
  }
  if (output.install_snapshot.has_value()) {
    // Reported behind what was applied before it.
    const SimMember& member = members_[slot];
    const Micros behind = member.applied_told.value() -
                          std::min(member.applied_told, now_).value();
    Schedule(std::max(SyncDelay(member), behind), Kind::kInstalled, slot,
             member.epoch, 0);
  }
  for (const SnapshotWanted& wanted : output.snapshots_wanted) {
    ReadSnapshot(slot, wanted);
  }
}

void SimCluster::StoreChunk(size_t slot, const StoreSnapshotChunk& chunk) {
  SimMember& member = members_[slot];
  auto& file = member.incoming;
  if (!file.has_value() || file->metadata != chunk.snapshot) {
    file = SnapshotFile{chunk.snapshot, std::string()};
  }
  if (chunk.offset == file->bytes.size()) {
    file->bytes.append(chunk.bytes.bytes().data(), chunk.bytes.size());
  }
  ScheduleInput(random_.Uniform(options_.max_sync + 1), slot, member.epoch,
                SnapshotProgress{chunk.snapshot, file->bytes.size()});
}

void SimCluster::ReadSnapshot(size_t slot, const SnapshotWanted& wanted) {
  SimMember& member = members_[slot];
  SnapshotFile& file = member.outgoing[wanted.to];
  uint64_t offset = wanted.offset;
  const bool resumed =
      wanted.resume.has_value() && file.metadata == *wanted.resume;
  if (!resumed) {
    // By its snapshots a wrong state would spread to more than a minority,
    // which is beyond what a majority can notice.
    if (member.wrong) return;
    const auto metadata = member.core->DescribeSnapshot(member.state.applied());
    if (!metadata.has_value() || metadata->index < wanted.at_least) return;
    file = SnapshotFile{*metadata, member.state.Snapshot()};
    offset = 0;
  }
  offset = std::min<uint64_t>(offset, file.bytes.size());
  SnapshotReady ready;
  ready.to = wanted.to;
  ready.snapshot = file.metadata;
  ready.offset = offset;
  std::string bytes = file.bytes.substr(offset, wanted.max_bytes);
  ready.last = offset + bytes.size() == file.bytes.size();
  ready.bytes = Payload(std::move(bytes));
  ScheduleInput(random_.Uniform(options_.max_sync + 1), slot, member.epoch,
                std::move(ready));
}

// A leader may call an entry committed only when it is on the disks of a
// quorum, whatever those members believe.
void SimCluster::CheckDurableQuorum(const RaftCore& core, LogIndex from) {
  if (core.role() != Role::kLeader || core.commit() <= from) return;
  const LogIndex index = core.commit();
  if (index <= core.log().base().index) return;
  const ChainHash chain = core.log().ChainAt(index);
  const Configuration& configuration =
      core.configurations().InForce().configuration;
  const bool durable = HasQuorum(configuration, [&](MemberId id) {
    const auto slot = FindSlot(id);
    return slot.has_value() && members_[*slot].disk.Holds(index, chain);
  });
  if (!durable) {
    Fail(absl::StrCat("index ", index.value(),
                      " was committed without a durable quorum"));
  }
}

void SimCluster::TrackConfigurations(const RaftCore& core,
                                     const Output& output) {
  const ConfigurationHistory& history = core.configurations();
  if (output.configuration.has_value()) {
    configurations_.Appended(history.InForce().index, *output.configuration);
  }
  if (core.role() == Role::kLeader && configurations_.size() > 1) {
    configurations_.Committed(history.At(core.commit()).index);
  }
}

Micros SimCluster::SyncDelay(const SimMember& member) {
  const Micros delay =
      options_.min_sync +
      random_.Uniform(options_.max_sync - options_.min_sync + 1);
  if (member.disk_stalled_until <= now_) return delay;
  return member.disk_stalled_until.value() - now_.value() + delay;
}

Time SimCluster::LocalTime(const SimMember& member) const {
  const int64_t drift =
      static_cast<int64_t>(now_.value()) * member.skew / kMillion;
  return Time(member.clock_start.value() + now_.value() +
              static_cast<uint64_t>(drift));
}

}  // namespace microovn::raft
