// SPDX-License-Identifier: Apache-2.0
// Compaction and snapshots (Raft section 7). The core decides who needs a
// snapshot and from which offset; the bytes come from and go to the node.
#include <algorithm>
#include <utility>

#include "raft/core/raft_core.h"

namespace microovn::raft {
namespace {

// A peer that was silent for so many election timeouts no longer keeps the
// leader from compacting.
constexpr uint64_t kHoldTimeouts = 10;

}  // namespace

std::optional<SnapshotMetadata> RaftCore::DescribeSnapshot(
    LogIndex index) const {
  if (!log_.Knows(index) || index > commit_) return std::nullopt;
  const ConfigurationHistory::Item& item = configurations_.At(index);
  SnapshotMetadata metadata;
  metadata.index = index;
  metadata.term = log_.TermAt(index);
  metadata.chain = log_.ChainAt(index);
  metadata.configuration_index = item.index;
  metadata.configuration = item.configuration;
  return metadata;
}

void RaftCore::On(Checkpointed& checkpointed) {
  if (checkpointed.index > applied_) {
    Fail(FaultKind::kContractViolation, "Checkpointed what is not applied");
    return;
  }
  // What stays behind the checkpoint spares a member that was away for a short
  // time a whole snapshot.
  if (checkpointed.index.value() <= options_.retained_entries) return;
  const LogIndex limit = CompactionLimit(
      LogIndex(checkpointed.index.value() - options_.retained_entries));
  // Only what is durable may become the base.
  if (limit <= log_.base().index || limit > log_.durable()) return;
  SnapshotMetadata base = *DescribeSnapshot(limit);
  log_.Compact(base);
  configurations_.CompactTo(limit);
  out_.compact = CompactLog{std::move(base)};
}

LogIndex RaftCore::CompactionLimit(LogIndex wanted) const {
  const auto* leader = std::get_if<Leader>(&role_);
  // Followers compact as they like: nobody reads their logs. One that is
  // elected may have to begin with a snapshot for that.
  if (leader == nullptr) return wanted;
  for (const Peer& peer : leader->peers) {
    const auto hold = peer.progress.hold();
    const bool alive = now_ < peer.progress.last_contact() +
                                  kHoldTimeouts * options_.election_timeout;
    if (hold.has_value() && alive) wanted = std::min(wanted, *hold);
  }
  return wanted;
}

// From the beginning. What the peer still has of it shows in its first answer.
void RaftCore::BeginTransfer(Peer& peer) {
  peer.progress.BecomeSnapshot(now_);
  WantChunk(peer);
}

void RaftCore::WantChunk(Peer& peer) {
  SnapshotTransfer& transfer = peer.progress.transfer();
  // Compacted past it while the peer was silent: another one is needed.
  if (transfer.snapshot.has_value() &&
      transfer.snapshot->index < log_.base().index) {
    transfer = SnapshotTransfer{};
  }
  // Until the node brings the bytes, or RetryTransfers gives them up, no other
  // chunk is asked for: one for each peer is in memory.
  transfer.reading = true;
  transfer.last_step = now_;
  SnapshotWanted wanted;
  wanted.to = peer.id;
  wanted.term = term();
  // An older one would end before the log begins.
  wanted.at_least = log_.base().index;
  wanted.resume = transfer.snapshot;
  wanted.offset = transfer.offset;
  wanted.max_bytes = options_.snapshot_chunk_bytes;
  out_.snapshots_wanted.push_back(std::move(wanted));
}

void RaftCore::RetryTransfers(Leader& leader) {
  for (Peer& peer : leader.peers) {
    if (peer.progress.mode() != Progress::Mode::kSnapshot) continue;
    // A chunk, the answer to it or the node's reading of it may be lost: any of
    // them ends the silence. An old chunk that comes twice is told by its
    // offset.
    const Time last_step = peer.progress.transfer().last_step;
    if (last_step + options_.election_timeout <= now_) WantChunk(peer);
  }
}

void RaftCore::On(SnapshotReady& ready) {
  Peer* peer = FindPeer(ready.to);
  // The peer caught up or is gone, or this member does not lead any more: the
  // node may be late by any time.
  if (peer == nullptr || peer->progress.mode() != Progress::Mode::kSnapshot) {
    return;
  }
  SnapshotTransfer& transfer = peer->progress.transfer();
  const bool same = transfer.snapshot == ready.snapshot;
  // The log must go on where the snapshot ends, and a chunk in the middle of
  // another snapshot is of no use. The beginning of the same one is: the peer
  // claimed more than there is.
  const bool usable =
      transfer.reading &&
      log_.Matches({ready.snapshot.index, ready.snapshot.term}) &&
      (ready.offset == 0 || (same && ready.offset == transfer.offset));
  if (!usable) return;
  transfer.snapshot = ready.snapshot;
  transfer.offset = ready.offset;
  transfer.reading = false;
  transfer.last_step = now_;
  SendTo(peer->id, SnapshotChunk{std::move(ready.snapshot), ready.offset,
                                 std::move(ready.bytes), ready.last});
}

void RaftCore::On(const Header& header, const SnapshotReply& reply) {
  Peer* peer = HearPeer(header, reply.quarantined);
  if (peer == nullptr) return;
  Progress& progress = peer->progress;
  if (reply.installed) {
    if (reply.snapshot_index > log_.last_index()) {
      Reject(header.from, RejectedReason::kMalformedMessage);
      return;
    }
    if (progress.mode() != Progress::Mode::kSnapshot) return;
    // The next index follows from the snapshot, not from the end of the log
    // (raft.md 5b.13).
    progress.InstalledSnapshot(reply.snapshot_index);
    AdvanceLeaderCommit();
    peer = FindPeer(header.from);
    if (peer != nullptr) SendAppends(*peer);
    return;
  }
  if (progress.mode() != Progress::Mode::kSnapshot) return;
  SnapshotTransfer& transfer = progress.transfer();
  const bool current = transfer.snapshot.has_value() &&
                       transfer.snapshot->index == reply.snapshot_index;
  // An answer that came twice, or belongs to a snapshot given up: the bytes
  // after it are on their way already.
  if (!current || transfer.reading) return;
  transfer.offset = reply.next_offset;
  WantChunk(*peer);
}

void RaftCore::On(const Header& header, const SnapshotChunk& chunk) {
  if (!HearLeader(header.from)) return;
  const SnapshotMetadata& snapshot = chunk.snapshot;
  if (snapshot.configuration.voters.empty() ||
      chunk.offset + chunk.bytes.size() < chunk.offset) {
    Reject(header.from, RejectedReason::kMalformedMessage);
    return;
  }
  // All of it is here; the answer comes when it is in force, or is not.
  if (installing_.has_value()) return;
  if (AnswerIfCovered(snapshot) || faulted_) return;
  auto& follower = std::get<Follower>(role_);
  if (!follower.incoming.has_value() ||
      follower.incoming->snapshot != snapshot) {
    follower.incoming = IncomingSnapshot{snapshot, std::nullopt};
  }
  if (chunk.last) follower.incoming->size = chunk.offset + chunk.bytes.size();
  out_.store_snapshot_chunk =
      StoreSnapshotChunk{snapshot, chunk.offset, chunk.bytes, chunk.last};
}

bool RaftCore::AnswerIfCovered(const SnapshotMetadata& snapshot) {
  if (log_.Matches({snapshot.index, snapshot.term})) {
    if (log_.ChainAt(snapshot.index) != snapshot.chain) {
      Fail(FaultKind::kLogDivergence, "chain differs from the snapshot's");
      return false;
    }
    // A snapshot holds what is committed, and the chain proves that this log
    // holds the same.
    AdvanceCommit(snapshot.index);
  }
  if (snapshot.index > commit_) return false;
  ReplySnapshot(snapshot.index, 0, /*installed=*/true);
  return true;
}

void RaftCore::On(SnapshotProgress& progress) {
  auto* follower = std::get_if<Follower>(&role_);
  // Bytes of a transfer in an earlier term stay with the node; the present
  // leader's transfer, if it sends the same snapshot, resumes behind them.
  if (follower == nullptr || !follower->incoming.has_value() ||
      follower->incoming->snapshot != progress.snapshot ||
      installing_.has_value()) {
    return;
  }
  // Appends may have overtaken the transfer: to replace the log now would drop
  // entries that this member has acknowledged.
  if (AnswerIfCovered(progress.snapshot) || faulted_) return;
  const LogIndex index = progress.snapshot.index;
  if (follower->incoming->size != progress.next_offset) {
    ReplySnapshot(index, progress.next_offset, /*installed=*/false);
    return;
  }
  // From here until the answer nothing is appended, truncated or applied: the
  // log that the node replaces is the one that the core knows.
  installing_ = progress.snapshot;
  out_.install_snapshot = InstallSnapshot{std::move(progress.snapshot)};
}

void RaftCore::On(SnapshotInstalled& installed) {
  if (installing_ != installed.snapshot) {
    Fail(FaultKind::kContractViolation, "an install that was not asked for");
    return;
  }
  installing_.reset();
  const LogIndex index = installed.snapshot.index;
  if (installed.installed) {
    // Heartbeats go on meanwhile, but commit only what the old log matched, and
    // that ends before the snapshot.
    if (index < commit_) {
      Fail(FaultKind::kCommittedTruncation, "a snapshot replaced later state");
      return;
    }
    AdoptSnapshot(installed.snapshot);
  }
  if (auto* follower = std::get_if<Follower>(&role_)) {
    follower->incoming.reset();
    ReplySnapshot(index, 0, installed.installed);
  }
}

void RaftCore::AdoptSnapshot(const SnapshotMetadata& snapshot) {
  // Now that it is durable and not before: a failed install must leave a member
  // that still knows its log (raft.md 5b.12).
  log_.Reset(snapshot);
  configurations_ = ConfigurationHistory(snapshot.configuration_index,
                                         snapshot.configuration);
  commit_ = snapshot.index;
  applying_ = snapshot.index;
  applied_ = snapshot.index;
  applying_bytes_ = 0;
  marks_.Clear();  // of a state that is gone
  persisted_to_ = snapshot.index;
  ConfigurationChanged();
}

void RaftCore::ReplySnapshot(LogIndex index, uint64_t next_offset,
                             bool installed) {
  // Nobody to tell. The next leader finds the place by a probe.
  if (KnownLeader().is_none()) return;
  const SnapshotReply reply{index, next_offset, installed,
                            quarantine_.active()};
  if (installed && index > log_.durable()) {
    SendDurably(term_leader_, reply);
  } else {
    SendTo(term_leader_, reply);
  }
}

}  // namespace microovn::raft
