// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/sim/trace_hash.h"

#include <algorithm>
#include <cstring>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"

namespace microovn::raft {
namespace {

// One overload for each type that an output holds.
class Hasher {
 public:
  explicit Hasher(TraceHash& trace) : trace_(trace) {}

  template <typename... Parts>
  void All(const Parts&... parts) {
    (One(parts), ...);
  }

 private:
  void One(bool value) { trace_.Add(value ? 1 : 2); }
  void One(uint64_t value) { trace_.Add(value); }
  template <typename Tag>
  void One(StrongInt<Tag> value) {
    trace_.Add(value.value());
  }
  template <typename Tag>
  void One(Id128<Tag> id) {
    trace_.Add(id.high() ^ id.low());
  }
  template <typename Enum, std::enable_if_t<std::is_enum_v<Enum>, int> = 0>
  void One(Enum value) {
    trace_.Add(static_cast<uint64_t>(value));
  }
  template <typename T>
  void One(const std::optional<T>& value) {
    One(value.has_value());
    if (value.has_value()) One(*value);
  }
  template <typename T>
  void One(const std::vector<T>& values) {
    One(uint64_t{values.size()});
    for (const T& value : values) One(value);
  }

  void One(absl::string_view bytes) {
    One(uint64_t{bytes.size()});
    for (size_t at = 0; at < bytes.size(); at += sizeof(uint64_t)) {
      uint64_t word = 0;
      std::memcpy(&word, bytes.data() + at,
                  std::min(sizeof(word), bytes.size() - at));
      One(word);
    }
  }
  void One(const Payload& payload) { One(payload.bytes()); }
  void One(const StateMark& mark) {
    All(mark.index, absl::string_view(mark.hash));
  }
  // The chain covers the payload.
  void One(const Entry& e) { All(e.index, e.term, e.kind, e.chain); }
  void One(const KnownIncarnation& known) {
    All(known.member, known.incarnation);
  }
  void One(const Configuration& c) {
    All(c.voters, c.outgoing, c.learners, c.incarnations, c.removed);
  }
  void One(const SnapshotMetadata& s) {
    All(s.index, s.term, s.chain, s.configuration_index, s.configuration);
  }
  void One(const HardState& state) { All(state.term, state.vote); }
  void One(const LogPosition& position) { All(position.index, position.term); }

  void One(const VoteRequest& m) {
    All(m.phase, m.round, m.campaign_term, m.last, m.transfer);
  }
  void One(const VoteReply& m) {
    All(m.phase, m.round, m.campaign_term, m.granted);
  }
  void One(const Append& m) {
    All(m.previous, m.previous_chain, m.commit, m.read_number, m.entries);
  }
  void One(const AppendReply& m) {
    All(m.accepted, m.index, m.hint, m.read_number, m.quarantined);
  }
  void One(const Heartbeat& m) { All(m.commit, m.read_number, m.mark); }
  void One(const HeartbeatReply& m) {
    All(m.read_number, m.quarantined, m.mark, m.read_only);
  }
  void One(const SnapshotChunk& m) {
    All(m.snapshot, m.offset, m.bytes, m.last);
  }
  void One(const SnapshotReply& m) {
    All(m.snapshot_index, m.next_offset, m.installed, m.quarantined);
  }
  void One(const TimeoutNow&) {}
  void One(const ReadIndexRequest& m) { All(m.sequence); }
  void One(const ReadIndexReply& m) { All(m.sequence, m.confirmed, m.index); }

  void One(const Send& send) {
    const Header& header = send.message.header;
    All(header.from, header.to, header.incarnation, header.term, send.after,
        uint64_t{send.message.body.index()});
    std::visit([this](const auto& body) { One(body); }, send.message.body);
  }
  void One(const Persist& p) {
    All(p.token, p.hard_state, p.truncate_from, p.entries, p.ends_quarantine);
  }
  void One(const StoreSnapshotChunk& s) { All(s.snapshot, s.offset, s.last); }
  void One(const InstallSnapshot& install) { One(install.snapshot); }
  void One(const Apply& apply) { One(apply.entries); }
  void One(const Accepted& a) { All(a.id, a.index, a.term); }
  void One(const Refused& r) { All(r.id, r.reason, r.configuration_error); }
  void One(const ReadReady& read) { All(read.id, read.index); }
  void One(const SnapshotWanted& w) {
    All(w.to, w.term, w.at_least, w.resume, w.offset, uint64_t{w.max_bytes});
  }
  void One(const CompactLog& compact) { One(compact.base.index); }
  void One(const RoleChanged& r) { All(r.role, r.term, r.leader, r.reason); }
  void One(const RejectedSender& r) { All(r.sender, r.reason); }
  void One(const Fault& fault) { One(fault.kind); }

  TraceHash& trace_;
};

}  // namespace

void TraceHash::Add(uint64_t word) {
  // An odd multiplier keeps all bits; the shift brings the high ones down.
  state_ = (state_ ^ word) * 0x9e3779b97f4a7c15u;
  state_ ^= state_ >> 32;
}

void TraceHash::AddInput(Time now, size_t slot, const Input& input) {
  Add(now.value());
  Add(slot << 8 | input.index());
  if (const auto* received = std::get_if<Received>(&input)) {
    const Message& message = received->message;
    Add(message.header.from.low());
    Add(message.header.term.value() << 8 | message.body.index());
    Add(received->voter_at.value());
  }
}

void TraceHash::AddOutput(const Output& output) {
  Hasher(*this).All(output.fault, output.persist, output.sends,
                    output.store_snapshot_chunk, output.install_snapshot,
                    output.apply, output.accepted, output.refused, output.reads,
                    output.snapshots_wanted, output.compact,
                    output.role_changes, output.configuration, output.rejected);
}

}  // namespace microovn::raft
