// SPDX-License-Identifier: Apache-2.0
#include "raft/core/log/progress.h"

#include <algorithm>
#include <tuple>

namespace microovn::raft {

bool operator==(const SnapshotTransfer& a, const SnapshotTransfer& b) {
  return std::tie(a.snapshot, a.offset, a.reading, a.last_step) ==
         std::tie(b.snapshot, b.offset, b.reading, b.last_step);
}

bool Progress::CanSend(const Options& options) const {
  switch (mode_) {
    case Mode::kProbe:
      return !probe_sent_;
    case Mode::kReplicate:
      return inflight_.size() < options.max_inflight_messages &&
             inflight_bytes_ < options.max_inflight_bytes;
    case Mode::kSnapshot:
      return false;
  }
  return false;
}

void Progress::Sent(LogIndex last, size_t bytes) {
  if (mode_ == Mode::kProbe) {
    probe_sent_ = true;
    return;
  }
  // Nothing new was in it: an empty one, to find out what got there.
  if (last < next_) return;
  next_ = last.Next();
  inflight_.push_back({last, bytes});
  inflight_bytes_ += bytes;
}

void Progress::ToldCommit(LogIndex commit) {
  told_commit_ = std::max(told_commit_, commit);
}

void Progress::Heard(Time now, bool quarantined) {
  last_contact_ = now;
  heard_ = true;
  if (quarantined == quarantined_) return;
  quarantined_ = quarantined;
  if (quarantined) {
    match_ = LogIndex(0);
    // Any of it may be what was lost. What it was told of commitments stays:
    // that only saves messages.
    promised_ = LogIndex(0);
    catching_up_from_.reset();
  }
  if (mode_ == Mode::kSnapshot) return;
  mode_ = Mode::kProbe;
  // A probe at the old place tells by its answer how far to go back. Who leaves
  // the quarantine is asked from where its log matches, since what it
  // acknowledged in there it has to promise again.
  if (!quarantined) next_ = match_.Next();
  probe_sent_ = false;
  ForgetInflight();
}

void Progress::ConfirmedRead(ReadNumber number) {
  if (quarantined_) return;
  // Answers may overtake each other.
  confirmed_read_ = std::max(confirmed_read_, number);
}

bool Progress::Accepted(LogIndex index) {
  size_t done = 0;
  while (done < inflight_.size() && inflight_[done].last <= index) {
    inflight_bytes_ -= inflight_[done].bytes;
    ++done;
  }
  inflight_.erase(inflight_.begin(),
                  inflight_.begin() + static_cast<std::ptrdiff_t>(done));
  const bool news = index > match_;
  match_ = std::max(match_, index);
  if (!quarantined_) promised_ = std::max(promised_, index);
  // More may match than was sent: an answer can be about an Append of the time
  // before this probe.
  next_ = std::max(next_, match_.Next());
  moved_ = true;
  if (mode_ == Mode::kProbe) {
    // Only an answer to a probe proves where the logs agree; any answer does.
    mode_ = Mode::kReplicate;
    next_ = match_.Next();
    ForgetInflight();
    return true;
  }
  if (mode_ == Mode::kReplicate && catching_up_from_.has_value() &&
      inflight_.empty()) {
    catching_up_from_.reset();
  }
  return news;
}

bool Progress::Refused(LogIndex refused, LogIndex hint) {
  if (mode_ == Mode::kSnapshot) return false;
  if (quarantined_ && refused <= match_ && refused > LogIndex(0)) {
    // It has lost its tail once more. Nothing counts on what a member in
    // quarantine acknowledged.
    match_ = LogIndex(0);
    catching_up_from_.reset();
    BecomeProbe();
    next_ = std::min(refused.Previous(), hint).Next();
    return true;
  }
  // It has acknowledged since what it refuses here: this answer was overtaken.
  if (refused <= match_) return false;
  if (mode_ == Mode::kReplicate) {
    BecomeProbe();
    return true;
  }
  // An answer to another place than the one asked about last.
  if (refused.Next() != next_) return false;
  next_ = std::max(match_, std::min(refused.Previous(), hint)).Next();
  probe_sent_ = false;
  return true;
}

bool Progress::ShouldProbe(LogIndex last_index) {
  if (mode_ == Mode::kSnapshot) return false;
  if (mode_ == Mode::kProbe) {
    probe_sent_ = false;
    return true;
  }
  // A member in quarantine may have lost once more what it acknowledged.
  // An Append that is lost leaves a gap, and what follows it is refused; but if
  // it was the last, nothing would tell. So silence over a heartbeat is asked
  // about.
  const bool stuck = !moved_ && (match_ < last_index || quarantined_);
  moved_ = false;
  return stuck;
}

void Progress::BecomeProbe() {
  mode_ = Mode::kProbe;
  next_ = match_.Next();
  probe_sent_ = false;
  ForgetInflight();
}

void Progress::BecomeSnapshot(Time now) {
  mode_ = Mode::kSnapshot;
  transfer_ = SnapshotTransfer{};
  transfer_.last_step = now;
  ForgetInflight();
}

void Progress::InstalledSnapshot(LogIndex index) {
  match_ = std::max(match_, index);
  if (!quarantined_) promised_ = std::max(promised_, index);
  catching_up_from_ = index;
  BecomeProbe();
}

std::optional<LogIndex> Progress::hold() const {
  if (mode_ != Mode::kSnapshot) return catching_up_from_;
  // Until the node names the snapshot, any index may turn out to be it.
  return transfer_.snapshot.has_value() ? transfer_.snapshot->index
                                        : LogIndex(0);
}

void Progress::ForgetInflight() {
  inflight_.clear();
  inflight_bytes_ = 0;
}

bool operator==(const Progress& a, const Progress& b) {
  const auto tie = [](const Progress& p) {
    return std::tie(p.mode_, p.match_, p.promised_, p.quarantined_, p.next_,
                    p.probe_sent_, p.moved_, p.inflight_, p.inflight_bytes_,
                    p.told_commit_, p.confirmed_read_, p.last_contact_,
                    p.heard_, p.transfer_, p.catching_up_from_);
  };
  return tie(a) == tie(b);
}

}  // namespace microovn::raft
