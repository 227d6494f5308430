// SPDX-License-Identifier: Apache-2.0
#include "raft/node/metrics/loop_metrics.h"

#include <variant>

#include "raft/core/values/entry.h"
#include "raft/core/values/message.h"

namespace microovn::raft {

void LoopMetrics::Told(const Input& input) {
  if (const auto* received = std::get_if<Received>(&input)) {
    const auto* chunk = std::get_if<SnapshotChunk>(&received->message.body);
    if (chunk == nullptr) return;
    metrics_.snapshot_bytes_received += chunk->bytes.size();
  } else if (const auto* installed = std::get_if<SnapshotInstalled>(&input)) {
    if (installed->installed) ++metrics_.snapshots_received;
  }
}

void LoopMetrics::Gave(const Output& output, Time now, LogIndex commit) {
  for (const RoleChanged& change : output.role_changes) {
    ++metrics_.role_changes[change.reason];
    if (change.role == Role::kCandidate) ++metrics_.elections;
    // What becomes of them is not this leader's doing any more.
    if (change.role != Role::kLeader) accepted_.clear();
  }
  for (const Accepted& each : output.accepted) {
    accepted_.emplace_back(each.index, now);
  }
  while (!accepted_.empty() && accepted_.front().first <= commit) {
    metrics_.commit.Add(absl::Microseconds(
        static_cast<int64_t>(now.value() - accepted_.front().second.value())));
    accepted_.pop_front();
  }
  for (const RejectedSender& each : output.rejected) {
    ++metrics_.rejected[each.reason];
  }
  for (const Send& send : output.sends) {
    const auto* chunk = std::get_if<SnapshotChunk>(&send.message.body);
    if (chunk != nullptr) SentChunk(send.message.header.to, *chunk, now);
  }
}

void LoopMetrics::SentChunk(MemberId to, const SnapshotChunk& chunk, Time now) {
  metrics_.snapshot_bytes_sent += chunk.bytes.size();
  if (chunk.last) ++metrics_.snapshots_sent;
  Transfer& transfer = transfers_[to];
  // A transfer begins, or begins anew; one that resumes goes on.
  if (chunk.offset == 0) transfer = {now, now, 0};
  transfer.bytes += chunk.bytes.size();
  transfer.last = now;
}

std::optional<uint64_t> LoopMetrics::SnapshotRate(MemberId peer) const {
  const auto at = transfers_.find(peer);
  if (at == transfers_.end()) return std::nullopt;
  const Transfer& transfer = at->second;
  const uint64_t micros = transfer.last.value() - transfer.begun.value();
  if (micros == 0) return std::nullopt;
  constexpr uint64_t kMicrosPerSecond = 1'000'000;
  // Bytes in a transfer are far fewer than 2^44.
  return transfer.bytes * kMicrosPerSecond / micros;
}

}  // namespace microovn::raft
