// SPDX-License-Identifier: Apache-2.0
// Checks what clients saw: linearizability by witness. Each completed
// operation says at which index it took effect (a write: its entry; a read:
// the applied index that it observed), and that order must respect real time
// and explain every result. Also what was refused must never happen and
// nothing may happen twice. Thread-compatible.
#ifndef MICROOVN_RAFT_PROOF_SIM_HISTORY_H_
#define MICROOVN_RAFT_PROOF_SIM_HISTORY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "raft/core/values/types.h"

namespace microovn::raft {

// Functions that return a string say what is broken; empty: nothing is.
class History {
 public:
  // A client begins an operation; the number names it, from 1 on.
  uint64_t Invoke();

  std::optional<std::string> CompleteWrite(uint64_t operation, LogIndex index);
  std::optional<std::string> CompleteRead(uint64_t operation, LogIndex applied,
                                          uint64_t hash);
  // The client was told that it definitely did not happen.
  std::optional<std::string> Refuse(uint64_t operation);
  // A member applied `index`: a write with `operation`, or 0 for an entry
  // without one. `hash` is the state after it.
  std::optional<std::string> Apply(LogIndex index, uint64_t operation,
                                   uint64_t hash);

  // What is behind `kept` is given up by decision: clients may find that writes
  // did not happen, and reads saw what never was.
  void AcceptLoss(LogIndex kept);

  // The state at an index that somebody has applied; 0 at index 0.
  uint64_t HashAt(LogIndex index) const;

  uint64_t writes() const { return writes_; }
  uint64_t reads() const { return reads_; }
  LogIndex applied() const { return LogIndex(applied_.size()); }

 private:
  struct Operation {
    // Everything up to here was seen by someone before this began.
    LogIndex floor;
    LogIndex index;  // where it was applied; 0: nowhere yet
    bool refused = false;
  };
  struct Effect {
    uint64_t operation = 0;
    uint64_t hash = 0;
  };

  std::vector<Operation> operations_;
  std::vector<Effect> applied_;  // of index 1, 2, ...
  LogIndex seen_;                // by any completed operation
  uint64_t writes_ = 0;
  uint64_t reads_ = 0;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_PROOF_SIM_HISTORY_H_
