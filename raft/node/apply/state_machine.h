// SPDX-License-Identifier: Apache-2.0
// What a node replicates: a deterministic machine that commands change.
#ifndef MICROOVN_RAFT_NODE_APPLY_STATE_MACHINE_H_
#define MICROOVN_RAFT_NODE_APPLY_STATE_MACHINE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "raft/core/values/types.h"
#include "raft/storage/record/record.h"

namespace microovn::raft {

// One call after the other, each of which sees what those before it did, on any
// thread that works for the node: it must neither wait nor call the node. The
// first Load comes from RaftNode::Open. Outlives the node.
class StateMachine {
 public:
  struct Applied {
    // What of the stored records changes; with these, the result and the
    // outcome alone the node persists, answers and hashes.
    std::vector<Mutation> mutations;
    // For who proposed it; nobody else sees it.
    std::string result;
    // What of the result every version must agree on: the running hash has it.
    std::string outcome;
  };

  virtual ~StateMachine() = default;

  // The same on every member: depends on the state and the arguments only. It
  // cannot fail; a refused command is a result like any other. Nothing of it
  // may be seen from outside before Publish.
  // Each member calls it at another time, and once more after a restart for
  // what was not written yet: so without clock, random source or I/O. What only
  // the leader can say is in the command (NodeOptions::stamp).
  virtual Applied Apply(LogIndex index, absl::string_view command) = 0;

  // Replaces the whole state, at the start and when a snapshot has arrived. An
  // error ends the process: the records are not what this version wrote.
  virtual absl::Status Load(LogIndex applied, std::vector<Record> records) = 0;

  // Everything up to `applied` is durable, by way of the log: make it visible.
  virtual void Publish(LogIndex applied) = 0;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_APPLY_STATE_MACHINE_H_
