// SPDX-License-Identifier: Apache-2.0
// How a node ends so that nobody's request fails because of it (raft.md 5a.7).
#include <optional>

#include "glog/logging.h"
#include "raft/node/raft_node.h"

namespace microovn::raft {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(10);
// Whoever did not answer for so long does not take over.
constexpr absl::Duration kSilence = absl::Seconds(1);
// The next leader tells all that it leads at once; this is for the way.
constexpr absl::Duration kLastQuestions = absl::Milliseconds(60);

// A voter that answered lately and may take over.
bool HasSuccessor(const NodeStatus& status) {
  for (const PeerProgress& peer : status.peers) {
    if (peer.voter && peer.last_contact_ago.has_value() &&
        *peer.last_contact_ago < kSilence) {
      return true;
    }
  }
  return false;
}

}  // namespace

void RaftNode::Stop() {
  {
    MutexLock lock(&mu_);
    // Whoever comes second waits for the first: after Stop nothing of the node
    // runs, whoever asked for it.
    if (stopping_) {
      while (!stopped_) changed_.Wait(&mu_);
      return;
    }
    stopping_ = true;
  }
  if (options_.hand_over > absl::ZeroDuration()) HandOver();
  // The transport last: it carries the answers that the loop's end gives.
  // From here on each is ended after those that give it work.
  inbox_.Close();
  loop_->Join();
  space_->Stop();
  transport_->Stop();
  writer_->Stop();
  applier_->Stop();
  observers_.Stop();
  // Last of all that answer: what waits there is tried once more, and finds the
  // inbox closed.
  retries_.Stop();
  MutexLock lock(&mu_);
  // Callers that got their answer may still be on their way out of this object.
  while (calls_ > 0) changed_.Wait(&mu_);
  stopped_ = true;
  changed_.SignalAll();
}

void RaftNode::HandOver() {
  const absl::Duration end = Clock::Real().Monotonic() + options_.hand_over;
  const bool led = YieldLeadership(end);
  // An election that the bid has begun takes less.
  const absl::Duration elected =
      Clock::Real().Monotonic() +
      absl::Microseconds(2 * options_.core.election_timeout);
  // What was accepted is committed by the next leader and answered here; what
  // was refused meanwhile goes there.
  MutexLock lock(&mu_);
  while (Clock::Real().Monotonic() < end && !inbox_.closed() &&
         (calls_ > 0 || !proposals_.empty() ||
          (led && !loop_->leader().has_value() &&
           Clock::Real().Monotonic() < elected))) {
    changed_.WaitWithTimeout(&mu_, kPoll);
  }
  if (!led) return;
  // Who has not heard of the next leader yet still asks here, and must get an
  // answer: a connection that breaks instead leaves the outcome open.
  changed_.WaitWithTimeout(&mu_, kLastQuestions);
}

// Whether this member led and does not any more.
bool RaftNode::YieldLeadership(absl::Duration end) {
  bool led = false;
  for (;;) {
    const NodeStatus status = Status();
    if (status.role != Role::kLeader) return led;
    led = true;
    const absl::Duration left = end - Clock::Real().Monotonic();
    // Without anyone to take over, to wait would only keep callers from an
    // answer.
    if (left <= absl::ZeroDuration() || inbox_.closed() ||
        !HasSuccessor(status)) {
      return false;
    }
    const absl::Status handed = TransferLeadership(std::nullopt, left);
    LOG_IF(WARNING, !handed.ok()) << "raft: " << handed.message();
    if (!handed.ok()) {
      MutexLock lock(&mu_);
      changed_.WaitWithTimeout(&mu_, kPoll);
    }
  }
}

}  // namespace microovn::raft
