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
class ReadyHandler {
 public:
  explicit ReadyHandler(ReadyActions actions);

  // Takes the parts of `output` that it acts on.
  void Handle(Output* output);

  // Everything up to `token` is durable.
  void Stored(StorageToken token);

 private:
  const ReadyActions actions_;
  StorageToken stored_;
  // In the order in which the core gave them; their tokens grow.
  std::deque<Send> held_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_LOOP_READY_HANDLER_H_
