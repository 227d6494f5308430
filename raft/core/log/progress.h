// SPDX-License-Identifier: Apache-2.0
// What a leader knows of one other member: how far their logs agree, what is
// on its way there, and whether it needs a snapshot instead. Pure bookkeeping;
// thread-compatible value.
#ifndef MICROOVN_RAFT_CORE_LOG_PROGRESS_H_
#define MICROOVN_RAFT_CORE_LOG_PROGRESS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "raft/core/values/options.h"
#include "raft/core/values/snapshot_metadata.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

// A snapshot on its way to one peer, within one term of one leader. One chunk
// is on its way at a time; the receiver says what it wants next.
struct SnapshotTransfer {
  std::optional<SnapshotMetadata> snapshot;  // once the node has named it
  uint64_t offset = 0;                       // wanted next
  bool reading = false;                      // the node was asked for bytes
  Time last_step;

  friend bool operator==(const SnapshotTransfer& a, const SnapshotTransfer& b);
};

class Progress {
 public:
  enum class Mode {
    kProbe,      // looking for the place where the logs agree: one at a time
    kReplicate,  // logs agree: stream, up to the window
    kSnapshot,   // what it needs is compacted
  };

  // Starts as a probe at `next`.
  Progress(LogIndex next, Time now) : next_(next), last_contact_(now) {}

  Mode mode() const { return mode_; }
  LogIndex match() const { return match_; }
  // What the peer promised to keep, for commitment. The same as match(), but
  // without what it acknowledged in quarantine.
  LogIndex promised() const { return promised_; }
  bool quarantined() const { return quarantined_; }
  LogIndex next() const { return next_; }
  LogIndex told_commit() const { return told_commit_; }
  ReadNumber confirmed_read() const { return confirmed_read_; }
  // When it was heard from; before that, when the leader began to wait for it.
  Time last_contact() const { return last_contact_; }
  // Whether it was heard from in this term.
  bool heard() const { return heard_; }
  size_t inflight_messages() const { return inflight_.size(); }
  size_t inflight_bytes() const { return inflight_bytes_; }
  const SnapshotTransfer& transfer() const { return transfer_; }
  SnapshotTransfer& transfer() { return transfer_; }

  // Whether another Append may be sent now.
  bool CanSend(const Options& options) const;
  // An Append with entries up to `last` (next - 1: none) was sent.
  void Sent(LogIndex last, size_t bytes);
  void ToldCommit(LogIndex commit);

  // Before anything else that a reply says. A peer that enters quarantine has
  // lost some of what it acknowledged: where the logs agree must be found anew.
  // One that leaves it is asked to acknowledge anew, for counting.
  void Heard(Time now, bool quarantined);
  void ConfirmedRead(ReadNumber number);
  // The peer durably agrees up to `index`. False: nothing new.
  bool Accepted(LogIndex index);
  // The peer refused an Append behind `refused`; the logs may agree up to
  // `hint`. False: an old answer.
  bool Refused(LogIndex refused, LogIndex hint);
  // A heartbeat was answered: if nothing moved since the last one, something
  // may be lost. True: send an Append, be it empty, to find out.
  bool ShouldProbe(LogIndex last_index);

  void BecomeProbe();
  void BecomeSnapshot(Time now);
  // The peer's state is that of a snapshot at `index`, durably.
  void InstalledSnapshot(LogIndex index);
  // Entries after this index must stay in the log for this peer.
  std::optional<LogIndex> hold() const;

  friend bool operator==(const Progress& a, const Progress& b);

 private:
  friend struct CoreArchive;

  struct Inflight {
    LogIndex last;
    size_t bytes = 0;

    friend bool operator==(const Inflight& a, const Inflight& b) {
      return a.last == b.last && a.bytes == b.bytes;
    }
  };

  void ForgetInflight();

  Mode mode_ = Mode::kProbe;
  LogIndex match_;  // proven in this term
  LogIndex promised_;
  bool quarantined_ = false;
  LogIndex next_;  // index of the next entry to send; > match_
  bool probe_sent_ = false;
  bool moved_ = true;  // something was acknowledged since the last ShouldProbe
  std::vector<Inflight> inflight_;
  size_t inflight_bytes_ = 0;
  LogIndex told_commit_;
  ReadNumber confirmed_read_;
  Time last_contact_;
  bool heard_ = false;
  SnapshotTransfer transfer_;
  // Of an installed snapshot, until the peer has caught up behind it: entries
  // after it must not be compacted, or it would need the next snapshot.
  std::optional<LogIndex> catching_up_from_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_LOG_PROGRESS_H_
