// SPDX-License-Identifier: Apache-2.0
// The replicated state of the simulation: a few registers that hold the number
// of the operation that wrote them last, and a running hash over all commands,
// so that two members that applied the same prefix, and only they, are equal.
// Value.
#ifndef MICROOVN_RAFT_PROOF_SIM_SIM_STATE_MACHINE_H_
#define MICROOVN_RAFT_PROOF_SIM_SIM_STATE_MACHINE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "raft/core/values/entry.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

inline constexpr size_t kRegisters = 4;

// Writes its number to the register `key`. Operation 0 writes nothing.
struct SimCommand {
  uint64_t operation = 0;
  size_t key = 0;
};

// A command's payload ends with `filler` bytes of no meaning.
std::string EncodeCommand(const SimCommand& command, size_t filler);
SimCommand DecodeCommand(absl::string_view payload);

class SimStateMachine {
 public:
  // Entries come in order of their index.
  void Apply(const Entry& entry);

  // As if an entry had been applied wrongly.
  void Corrupt() { ++hash_; }

  LogIndex applied() const { return applied_; }
  uint64_t hash() const { return hash_; }
  // The operation that wrote the register last; 0: none.
  uint64_t value(size_t key) const { return values_[key]; }

  // The same bytes on every member that applied as much.
  std::string Snapshot() const;
  static size_t SnapshotSize(LogIndex applied);
  static std::optional<SimStateMachine> Restore(absl::string_view bytes);

 private:
  LogIndex applied_;
  uint64_t hash_ = 0;
  std::array<uint64_t, kRegisters> values_ = {};
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_PROOF_SIM_SIM_STATE_MACHINE_H_
