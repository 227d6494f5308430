// SPDX-License-Identifier: Apache-2.0
// What the core's node is asked to do, in order, and the claim that says who
// does it (THREADS.md).
#ifndef MICROOVN_RAFT_NODE_LOOP_INBOX_H_
#define MICROOVN_RAFT_NODE_LOOP_INBOX_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "raft/core/values/configuration.h"
#include "raft/core/values/input.h"
#include "raft/core/values/types.h"
#include "raft/node/apply/applier.h"
#include "raft/node/metrics/node_status.h"
#include "raft/transport/transport.h"

namespace microovn::raft {

// Each `done` runs exactly once and must not block; deadlines are monotonic
// time.
struct ProposalItem {
  std::string command;
  absl::Duration deadline;
  Receiver::ProposalDone done;
};

struct ReadItem {
  absl::Duration deadline;
  // The index to wait for.
  std::function<void(absl::StatusOr<LogIndex>)> done;
};

struct ChangeItem {
  ConfigurationTarget target;
  LogIndex expected;
  absl::Duration deadline;
  std::function<void(absl::Status)> done;
};

struct TransferItem {
  MemberId to;  // none: whoever is best
  std::function<void(absl::Status)> done;
};

struct StatusItem {
  std::function<void(NodeStatus)> done;
};

using InboxItem = std::variant<Input, ProposalItem, ReadItem, ChangeItem,
                               TransferItem, StatusItem, SnapshotPiece>;

// Of what waits for one round: a core that is stuck must not cost memory
// without end. Other kinds are bounded by those who bring them.
struct InboxLimits {
  size_t max_messages = size_t{16} * 1024;
  size_t max_proposals = size_t{16} * 1024;
  size_t max_proposal_bytes = 32 << 20;
};

// One thread at a time works on what is in the inbox and on all that it leads
// to: whoever holds the claim. Thread-safe.
class Inbox {
 public:
  explicit Inbox(const InboxLimits& limits) : limits_(limits) {}

  // False, and the item is untouched, if it was refused: too much of its kind
  // is waiting, or the inbox is closed. What storage and applier report is only
  // refused when closed. The caller tries to Claim afterwards.
  bool Add(InboxItem&& item);

  // Whether the caller has the claim now: there is something, and nobody works
  // on it. Otherwise whoever does will find it.
  // Add, then Claim, is enough: who held the claim when it was refused looks at
  // the inbox once more, or wakes the thread, before or while it gives it back.
  bool Claim();

  // For the thread that is always there: waits until there is something, it is
  // time, or the inbox is closed, and then for the claim.
  void WaitAndClaim();

  // When the thread of WaitAndClaim last had its turn there, monotonic time;
  // zero before the first. It has one at every wake-up, so at every time that
  // Release was told, unless it is stuck or waits for a claim that somebody
  // stuck has. Never waits.
  absl::Duration last_turn() const;

  // Gives the claim back. At `wake` (monotonic) it is time. Wakes the thread if
  // something is left, the inbox is closed, it waits for the claim, or it would
  // sleep past `wake`; otherwise nobody.
  void Release(absl::Duration wake);

  // All that waits. With the claim only.
  // In the order of Add; the limits begin anew.
  std::vector<InboxItem> Take();

  // Refuses all further items. Those inside stay for whoever ends the node, who
  // answers them.
  void Close();
  bool closed() const;

 private:
  bool Admit(const InboxItem& item) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const InboxLimits limits_;
  mutable Mutex mu_;
  CondVar changed_;
  std::vector<InboxItem> items_ ABSL_GUARDED_BY(mu_);
  // From the beginning: nothing is done before the thread is there.
  bool claimed_ ABSL_GUARDED_BY(mu_) = true;
  // When it is time; until when the thread sleeps unless it is woken, if it
  // does; due_: it only waits for the claim.
  absl::Duration wake_ ABSL_GUARDED_BY(mu_) = absl::ZeroDuration();
  absl::Duration asleep_until_ ABSL_GUARDED_BY(mu_) = -absl::InfiniteDuration();
  bool due_ ABSL_GUARDED_BY(mu_) = false;
  size_t messages_ ABSL_GUARDED_BY(mu_) = 0;
  size_t proposals_ ABSL_GUARDED_BY(mu_) = 0;
  size_t proposal_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  std::atomic<int64_t> turn_micros_{0};
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_LOOP_INBOX_H_
