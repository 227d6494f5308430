// SPDX-License-Identifier: Apache-2.0
#include "raft/core/core_archive.h"

#include <utility>

#include "raft/core/archive_stream.h"
#include "raft/core/roles.h"
#include "raft/core/values/recovered.h"

namespace microovn::raft {

// The fields of everything that a core consists of or is told. A field that is
// missing here makes core_archive_test fail.
struct CoreArchive {
  using Writer = ArchiveWriter<CoreArchive>;
  using Reader = ArchiveReader<CoreArchive>;

  // A Peer has no default: its Progress begins somewhere. What it begins with
  // is overwritten.
  template <typename T>
  static T Fresh() {
    if constexpr (std::is_same_v<T, Peer>) {
      return Peer{MemberId(), Progress(LogIndex(), Time()), false};
    } else {
      return T();
    }
  }

  // Small values.
  template <typename A>
  static void Visit(A& a, HardState& v) {
    a(v.term, v.vote);
  }
  template <typename A>
  static void Visit(A& a, LogPosition& v) {
    a(v.index, v.term);
  }
  template <typename A>
  static void Visit(A& a, Entry& v) {
    a(v.index, v.term, v.kind, v.chain, v.payload);
  }
  template <typename A>
  static void Visit(A& a, Identity& v) {
    a(v.cluster, v.member, v.incarnation);
  }
  template <typename A>
  static void Visit(A& a, KnownIncarnation& v) {
    a(v.member, v.incarnation);
  }
  template <typename A>
  static void Visit(A& a, Configuration& v) {
    a(v.voters, v.outgoing, v.learners, v.incarnations, v.removed);
  }
  template <typename A>
  static void Visit(A& a, ConfigurationTarget& v) {
    a(v.voters, v.learners, v.incarnations);
  }
  template <typename A>
  static void Visit(A& a, SnapshotMetadata& v) {
    a(v.index, v.term, v.chain, v.configuration_index, v.configuration);
  }
  template <typename A>
  static void Visit(A& a, StateMark& v) {
    a(v.index, v.hash);
  }
  template <typename A>
  static void Visit(A& a, Options& v) {
    a(v.election_timeout, v.heartbeat_interval, v.connection_loss_slot,
      v.learner_heartbeat_rounds, v.commit_notice_delay, v.transfer_timeout,
      v.max_entries_per_message, v.max_bytes_per_message,
      v.max_inflight_messages, v.max_inflight_bytes, v.max_uncommitted_bytes,
      v.max_payload_bytes, v.max_unapplied_bytes, v.max_pending_reads,
      v.snapshot_chunk_bytes, v.retained_entries, v.state_mark_interval);
  }
  template <typename A>
  static void Visit(A& a, SeededRandom& v) {
    // So that a replay draws the same timeouts.
    uint64_t state = v.state();
    a(state);
    v = SeededRandom(state);
  }

  // Messages.
  template <typename A>
  static void Visit(A& a, Message& v) {
    a(v.header.cluster, v.header.from, v.header.to, v.header.incarnation,
      v.header.term, v.body);
  }
  template <typename A>
  static void Visit(A& a, VoteRequest& v) {
    a(v.phase, v.round, v.campaign_term, v.last, v.transfer);
  }
  template <typename A>
  static void Visit(A& a, VoteReply& v) {
    a(v.phase, v.round, v.campaign_term, v.granted);
  }
  template <typename A>
  static void Visit(A& a, Append& v) {
    a(v.previous, v.previous_chain, v.commit, v.read_number, v.entries);
  }
  template <typename A>
  static void Visit(A& a, AppendReply& v) {
    a(v.accepted, v.index, v.hint, v.read_number, v.quarantined);
  }
  template <typename A>
  static void Visit(A& a, Heartbeat& v) {
    a(v.commit, v.read_number, v.mark);
  }
  template <typename A>
  static void Visit(A& a, HeartbeatReply& v) {
    a(v.read_number, v.quarantined, v.mark, v.read_only);
  }
  template <typename A>
  static void Visit(A& a, SnapshotChunk& v) {
    a(v.snapshot, v.offset, v.bytes, v.last);
  }
  template <typename A>
  static void Visit(A& a, SnapshotReply& v) {
    a(v.snapshot_index, v.next_offset, v.installed, v.quarantined);
  }
  template <typename A>
  static void Visit(A&, TimeoutNow&) {}
  template <typename A>
  static void Visit(A& a, ReadIndexRequest& v) {
    a(v.sequence);
  }
  template <typename A>
  static void Visit(A& a, ReadIndexReply& v) {
    a(v.sequence, v.confirmed, v.index);
  }

  // Inputs.
  template <typename A>
  static void Visit(A&, Tick&) {}
  template <typename A>
  static void Visit(A& a, Received& v) {
    a(v.message, v.voter_at);
  }
  template <typename A>
  static void Visit(A& a, Proposal& v) {
    a(v.id, v.payload);
  }
  template <typename A>
  static void Visit(A& a, Propose& v) {
    a(v.proposals);
  }
  template <typename A>
  static void Visit(A& a, ProposeConfiguration& v) {
    a(v.id, v.expected, v.target);
  }
  template <typename A>
  static void Visit(A& a, ReadRequest& v) {
    a(v.id);
  }
  template <typename A>
  static void Visit(A& a, Stored& v) {
    a(v.token);
  }
  template <typename A>
  static void Visit(A& a, Applied& v) {
    a(v.index, v.marks);
  }
  template <typename A>
  static void Visit(A& a, Checkpointed& v) {
    a(v.index);
  }
  template <typename A>
  static void Visit(A& a, SnapshotReady& v) {
    a(v.to, v.snapshot, v.offset, v.bytes, v.last);
  }
  template <typename A>
  static void Visit(A& a, SnapshotProgress& v) {
    a(v.snapshot, v.next_offset);
  }
  template <typename A>
  static void Visit(A& a, SnapshotInstalled& v) {
    a(v.snapshot, v.installed);
  }
  template <typename A>
  static void Visit(A& a, Transfer& v) {
    a(v.id, v.to);
  }
  template <typename A>
  static void Visit(A& a, PeerConnection& v) {
    a(v.peer, v.up);
  }
  template <typename A>
  static void Visit(A& a, SpaceChanged& v) {
    a(v.read_only);
  }

  // The core and its parts.
  template <typename A>
  static void Visit(A& a, EntryLog::Batch& v) {
    a(v.token, v.last);
  }
  template <typename A>
  static void Visit(A& a, EntryLog& v) {
    a(v.base_, v.entries_, v.durable_, v.writing_);
  }
  template <typename A>
  static void Visit(A& a, ConfigurationHistory::Item& v) {
    a(v.index, v.configuration);
  }
  template <typename A>
  static void Visit(A& a, ConfigurationHistory& v) {
    a(v.items_);
  }
  template <typename A>
  static void Visit(A& a, StateMarks& v) {
    a(v.marks_);
  }
  template <typename A>
  static void Visit(A& a, Quarantine& v) {
    a(v.term, v.last);
  }
  template <typename A>
  static void Visit(A& a, QuarantineState& v) {
    a(v.lost_, v.end_);
  }
  template <typename A>
  static void Visit(A& a, UnstoredBatch& v) {
    a(v.token, v.issued);
  }
  template <typename A>
  static void Visit(A& a, StateVote& v) {
    a(v.member, v.hash);
  }
  template <typename A>
  static void Visit(A& a, StateComparison& v) {
    a(v.index_, v.votes_, v.right_);
  }
  template <typename A>
  static void Visit(A& a, SnapshotTransfer& v) {
    a(v.snapshot, v.offset, v.reading, v.last_step);
  }
  template <typename A>
  static void Visit(A& a, Progress::Inflight& v) {
    a(v.last, v.bytes);
  }
  template <typename A>
  static void Visit(A& a, Progress& v) {
    a(v.mode_, v.match_, v.promised_, v.quarantined_, v.next_, v.probe_sent_,
      v.moved_, v.inflight_, v.inflight_bytes_, v.told_commit_,
      v.confirmed_read_, v.last_contact_, v.heard_, v.transfer_,
      v.catching_up_from_);
  }
  template <typename A>
  static void Visit(A& a, ForwardedReads& v) {
    a(v.sequence, v.asked, v.waiting, v.asked_at);
  }
  template <typename A>
  static void Visit(A& a, IncomingSnapshot& v) {
    a(v.snapshot, v.size);
  }
  template <typename A>
  static void Visit(A& a, Follower& v) {
    a(v.timeout, v.deadline, v.contact, v.read_number, v.matched, v.reads,
      v.incoming);
  }
  template <typename A>
  static void Visit(A& a, Candidate& v) {
    a(v.phase, v.round, v.campaign_term, v.transfer, v.deadline, v.next_request,
      v.own_vote, v.granted, v.refused);
  }
  template <typename A>
  static void Visit(A& a, PendingRead& v) {
    a(v.number, v.index, v.requester, v.id);
  }
  template <typename A>
  static void Visit(A& a, HandOver& v) {
    a(v.id, v.to, v.deadline);
  }
  template <typename A>
  static void Visit(A& a, Peer& v) {
    a(v.id, v.progress, v.takes_changes);
  }
  template <typename A>
  static void Visit(A& a, Leader& v) {
    a(v.peers, v.term_start, v.next_heartbeat, v.heartbeat_round,
      v.commit_notice, v.uncommitted_bytes, v.read_number, v.confirmed, v.reads,
      v.hand_over, v.comparison);
  }
  template <typename A>
  static void Visit(A& a, RoleChanged& v) {
    a(v.role, v.term, v.leader, v.reason);
  }
  template <typename A>
  static void Visit(A& a, RaftCore& v) {
    a(v.identity_, v.options_, v.random_, v.now_, v.hard_, v.log_,
      v.configurations_, v.commit_, v.applying_, v.applied_, v.applying_bytes_,
      v.marks_, v.term_leader_, v.role_, v.quarantine_, v.installing_,
      v.issued_, v.stored_, v.unstored_, v.hard_state_token_, v.round_,
      v.read_sequence_, v.last_tick_, v.last_tick_late_, v.read_only_,
      v.faulted_, v.persisted_to_, v.reported_);
  }
};

std::string EncodeCore(RaftCore core) {
  CoreArchive::Writer writer;
  writer(core);
  return writer.Finish();
}

std::optional<RaftCore> DecodeCore(absl::string_view bytes) {
  // Some core; every field of it is read over.
  RaftCore core(Identity(), Options(), Recovered(), 0, Time());
  CoreArchive::Reader reader(bytes);
  reader(core);
  if (!reader.complete()) return std::nullopt;
  return core;
}

std::string EncodeInput(Input input) {
  CoreArchive::Writer writer;
  writer(input);
  return writer.Finish();
}

std::optional<Input> DecodeInput(absl::string_view bytes) {
  Input input;
  CoreArchive::Reader reader(bytes);
  reader(input);
  if (!reader.complete()) return std::nullopt;
  return input;
}

}  // namespace microovn::raft
