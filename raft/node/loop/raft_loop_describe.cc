// SPDX-License-Identifier: Apache-2.0
// What the loop says of its node.
#include "absl/strings/escaping.h"
#include "raft/node/loop/raft_loop.h"

namespace microovn::raft {

absl::Duration RaftLoop::Since(Time time) const {
  return absl::Microseconds(Now().value() - time.value());
}

NodeStatus RaftLoop::Describe() const {
  const Status status = core_.Describe();
  // Of a moment that may be later than the core's: it is looked at without the
  // applier's claim.
  const AppliedState applied = context_.applied();
  NodeStatus out;
  out.cluster = identity_.cluster;
  out.self = identity_.member;
  out.role = status.role;
  out.term = status.term;
  if (!status.leader.is_none()) out.leader = status.leader;
  out.commit = status.commit;
  out.applied = applied.index;
  out.running_hash = absl::BytesToHexString(applied.hash);
  out.last_log = status.last_index;
  out.last_term = status.last_term;
  out.snapshot = status.base;
  out.configuration = status.configuration;
  out.configuration_index = status.configuration_index;
  out.configuration_committed = status.configuration_committed;
  out.voter_at = status.voter_at;
  out.quarantine = status.quarantine;
  out.last_role_change = last_reason_;
  out.space = context_.space();
  out.metrics = metrics_.metrics();
  context_.measure(out.metrics);
  if (status.quorum_contact.has_value()) {
    out.metrics.quorum_contact_ago = Since(*status.quorum_contact);
  }
  for (const MemberId member : status.configuration.Members()) {
    const auto heard = heard_.find(member);
    if (heard != heard_.end()) out.heard_ago[member] = Since(heard->second);
  }
  for (const PeerStatus& peer : status.peers) {
    PeerProgress row;
    row.member = peer.member;
    row.voter = peer.voter;
    row.match = peer.match;
    row.quarantined = peer.quarantined;
    if (peer.receiving_snapshot) row.state = PeerProgress::State::kSnapshot;
    if (peer.last_contact.has_value()) {
      row.last_contact_ago = Since(*peer.last_contact);
    }
    row.inflight_messages = peer.inflight_messages;
    row.inflight_bytes = peer.inflight_bytes;
    if (peer.receiving_snapshot) {
      row.snapshot_offset = peer.snapshot_offset;
      row.snapshot_rate = metrics_.SnapshotRate(peer.member);
    }
    out.peers.push_back(row);
  }
  return out;
}

}  // namespace microovn::raft
