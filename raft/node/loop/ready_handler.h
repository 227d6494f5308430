// SPDX-License-Identifier: Apache-2.0
// Acts on an Output in the order that raft_core.h demands: persist, then send,
// then apply; what promises durability leaves after its token was stored.
#ifndef MICROOVN_RAFT_NODE_LOOP_READY_HANDLER_H_
#define MICROOVN_RAFT_NODE_LOOP_READY_HANDLER_H_

#include <deque>
#include <functional>

#include "raft/core/values/message.h"
#include "raft/core/values/output.h"
#include "raft/core/values/types.h"
#include "raft/node/apply/applier.h"

namespace microovn::raft {

struct ReadyActions {
  std::function<void(Persist)> persist;
  std::function<void(Message)> send;
  std::function<void(ApplierTask)> apply;
};

// Owned by the raft loop.
// Sends wait here and not in the writer, so that one that promises nothing
// leaves while the disk works: a leader's own sync runs beside its followers'
// (raft.md 5b.21).
class ReadyHandler {
 public:
  explicit ReadyHandler(ReadyActions actions);

  // Takes the parts of `output` that it acts on.
  // `persist` is called before any send, so that a batch is on its way when a
  // message that waits for it is held; and before `apply`, so that an install
  // finds all batches before it in the writer.
  void Handle(Output* output);

  // Everything up to `token` is durable.
  void Stored(StorageToken token);

 private:
  const ReadyActions actions_;
  StorageToken stored_;
  // In the order in which the core gave them. A token may be less than the one
  // before it: a message that promises nothing waits only for the batch with
  // its term. It then leaves later than it could, with that one, and never
  // earlier.
  std::deque<Send> held_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_LOOP_READY_HANDLER_H_
