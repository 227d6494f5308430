// SPDX-License-Identifier: Apache-2.0
// A hash over everything that happens in a simulated run: which member got
// which input when, and all that it put out. Runs that differ anywhere have
// different hashes; one seed has the same on every compiler. Value.
#ifndef MICROOVN_RAFT_PROOF_SIM_TRACE_HASH_H_
#define MICROOVN_RAFT_PROOF_SIM_TRACE_HASH_H_

#include <cstddef>
#include <cstdint>

#include "raft/core/values/input.h"
#include "raft/core/values/output.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

class TraceHash {
 public:
  // A message was hashed when it was sent; here counts which one arrives.
  void AddInput(Time now, size_t slot, const Input& input);
  void AddOutput(const Output& output);
  void Add(uint64_t word);

  uint64_t value() const { return state_; }

 private:
  uint64_t state_ = 0;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_PROOF_SIM_TRACE_HASH_H_
