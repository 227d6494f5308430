// SPDX-License-Identifier: Apache-2.0
// What the clients of a simulated cluster saw of its registers, for the
// search of linearizability.h. Knows nothing of logs and indices. Costs
// nothing unless enabled. Thread-compatible.
#ifndef MICROOVN_RAFT_PROOF_SIM_REGISTER_HISTORY_H_
#define MICROOVN_RAFT_PROOF_SIM_REGISTER_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "raft/proof/sim/linearizability.h"

namespace microovn::raft {

class RegisterHistory {
 public:
  explicit RegisterHistory(bool enabled) : enabled_(enabled) {}

  // Operations are numbered from 1 on in the order of these calls. A write
  // writes its own number. Until it is completed or refused, the outcome of an
  // operation is unknown.
  void Invoke(size_t client, size_t key, bool read);
  void CompleteWrite(uint64_t operation);
  // `value`: the write that it saw; 0: none.
  void CompleteRead(uint64_t operation, uint64_t value);
  void Refuse(uint64_t operation);

  const std::vector<RegisterOperation>& operations() const {
    return operations_;
  }

 private:
  bool enabled_;
  // Grows with every event, so that no two happen at the same time.
  int64_t clock_ = 0;
  std::vector<RegisterOperation> operations_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_PROOF_SIM_REGISTER_HISTORY_H_
