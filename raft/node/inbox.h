// What the raft thread is asked to do, in order.
#ifndef MICROOVN_RAFT_NODE_INBOX_H_
#define MICROOVN_RAFT_NODE_INBOX_H_

#include <cstddef>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "raft/core/configuration.h"
#include "raft/core/input.h"
#include "raft/core/types.h"
#include "raft/node/applier.h"
#include "raft/node/node_status.h"
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

struct InboxLimits {
  size_t max_messages = 16 * 1024;
  size_t max_proposals = 16 * 1024;
  size_t max_proposal_bytes = 32 << 20;
};

// Thread-safe.
class Inbox {
 public:
  explicit Inbox(const InboxLimits& limits) : limits_(limits) {}

  // False, and the item is untouched, if it was refused: too much of its kind
  // is waiting, or the inbox is closed. What storage and applier report is only
  // refused when closed.
  bool Add(InboxItem&& item);

  // All that waits; waits itself until there is something, `timeout` has
  // passed, or the inbox is closed.
  std::vector<InboxItem> Take(absl::Duration timeout);

  void Close();
  bool closed() const;

 private:
  bool Admit(const InboxItem& item) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const InboxLimits limits_;
  mutable Mutex mu_;
  CondVar changed_;
  std::vector<InboxItem> items_ ABSL_GUARDED_BY(mu_);
  size_t messages_ ABSL_GUARDED_BY(mu_) = 0;
  size_t proposals_ ABSL_GUARDED_BY(mu_) = 0;
  size_t proposal_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_INBOX_H_
