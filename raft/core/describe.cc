// SPDX-License-Identifier: Apache-2.0
// What a core says about itself, and when two are equal.
#include <algorithm>
#include <optional>
#include <tuple>

#include "raft/core/raft_core.h"
#include "raft/core/values/quorum.h"

namespace microovn::raft {

bool operator==(const Options& a, const Options& b) {
  const auto tie = [](const Options& o) {
    return std::tie(
        o.election_timeout, o.heartbeat_interval, o.connection_loss_slot,
        o.learner_heartbeat_rounds, o.commit_notice_delay, o.transfer_timeout,
        o.max_entries_per_message, o.max_bytes_per_message,
        o.max_inflight_messages, o.max_inflight_bytes, o.max_uncommitted_bytes,
        o.max_payload_bytes, o.max_unapplied_bytes, o.max_pending_reads,
        o.snapshot_chunk_bytes, o.retained_entries, o.state_mark_interval);
  };
  return tie(a) == tie(b);
}

Status RaftCore::Describe() const {
  Status status;
  status.role = role();
  status.term = term();
  status.leader = KnownLeader();
  status.commit = commit_;
  status.last_index = log_.last_index();
  status.last_term = log_.last().term;
  status.durable = log_.durable();
  status.base = log_.base().index;
  status.configuration_index = configurations_.InForce().index;
  status.configuration_committed = status.configuration_index <= commit_;
  status.configuration = InForce();
  status.voter_at = voter_at();
  status.quarantine = quarantine_.lost();
  status.quorum_contact = QuorumContact();
  if (const auto* leader = std::get_if<Leader>(&role_)) {
    for (const Peer& peer : leader->peers) {
      PeerStatus row;
      row.member = peer.id;
      row.voter = InForce().IsVoter(peer.id);
      row.match = peer.progress.match();
      row.next = peer.progress.next();
      row.receiving_snapshot =
          peer.progress.mode() == Progress::Mode::kSnapshot;
      row.quarantined = peer.progress.quarantined();
      if (peer.progress.heard()) {
        row.last_contact = peer.progress.last_contact();
      }
      row.inflight_messages = peer.progress.inflight_messages();
      row.inflight_bytes = peer.progress.inflight_bytes();
      row.snapshot_offset = peer.progress.transfer().offset;
      status.peers.push_back(row);
    }
  }
  return status;
}

std::optional<Time> RaftCore::QuorumContact() const {
  if (const auto* follower = std::get_if<Follower>(&role_)) {
    return follower->contact;
  }
  const auto* leader = std::get_if<Leader>(&role_);
  if (leader == nullptr) return std::nullopt;
  // The time since which a majority was heard from is a quorum value like any
  // other.
  return Time(QuorumValue(InForce(), [&](MemberId member) -> uint64_t {
    if (member == self()) return now_.value();
    for (const Peer& peer : leader->peers) {
      if (peer.id == member) return peer.progress.last_contact().value();
    }
    return 0;
  }));
}

bool operator==(const RaftCore& a, const RaftCore& b) {
  const auto tie = [](const RaftCore& c) {
    return std::tie(c.identity_, c.options_, c.random_, c.now_, c.hard_, c.log_,
                    c.configurations_, c.commit_, c.applying_, c.applied_,
                    c.applying_bytes_, c.marks_, c.term_leader_, c.role_,
                    c.quarantine_, c.installing_, c.issued_, c.stored_,
                    c.unstored_, c.hard_state_token_, c.round_,
                    c.read_sequence_, c.last_tick_, c.last_tick_late_,
                    c.read_only_, c.faulted_, c.persisted_to_, c.reported_);
  };
  return tie(a) == tie(b);
}

}  // namespace microovn::raft
