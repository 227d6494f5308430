// SPDX-License-Identifier: Apache-2.0
// The cluster's state as the machine that the log drives: bytes in, bytes out,
// Apply in between, snapshots to the store.
//
// Called by the raft node, one call after the other, on any thread that works
// for it; the store is what other
// threads read. Outlives the node, and the store outlives it.
#ifndef MICROOVN_AGENT_STATE_REPLICATED_STATE_H_
#define MICROOVN_AGENT_STATE_REPLICATED_STATE_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "agent/state/store/state_store.h"
#include "agent/state/values/cluster_state.h"
#include "raft/node/apply/state_machine.h"
#include "raft/storage/record/record.h"

namespace microovn::agent {

class ReplicatedState final : public raft::StateMachine {
 public:
  explicit ReplicatedState(StateStore* store) : store_(store) {}

  // `command` is a serialized Command, the result a serialized Result. Bytes
  // that are no command are refused like any other.
  Applied Apply(raft::LogIndex index, absl::string_view command) override;
  absl::Status Load(raft::LogIndex applied,
                    std::vector<raft::Record> records) override;
  // Wakes nobody when nothing has changed.
  void Publish(raft::LogIndex applied) override;

 private:
  StateStore* const store_;
  ClusterState state_;
  bool changed_ = false;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_REPLICATED_STATE_H_
