// The replicated state of the simulation: a running hash over the commands, so
// that two members that applied the same prefix, and only they, are equal.
// Value.
#ifndef MICROOVN_RAFT_SIM_SIM_STATE_MACHINE_H_
#define MICROOVN_RAFT_SIM_SIM_STATE_MACHINE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "raft/core/entry.h"
#include "raft/core/types.h"

namespace microovn::raft {

// A command's payload: the operation's number, then filler.
std::string EncodeCommand(uint64_t operation, size_t filler);
uint64_t DecodeCommand(absl::string_view payload);

class SimStateMachine {
 public:
  // Entries come in order of their index.
  void Apply(const Entry& entry);

  LogIndex applied() const { return applied_; }
  uint64_t hash() const { return hash_; }

  // The same bytes on every member that applied as much.
  std::string Snapshot() const;
  static std::optional<SimStateMachine> Restore(absl::string_view bytes);

 private:
  LogIndex applied_;
  uint64_t hash_ = 0;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_SIM_SIM_STATE_MACHINE_H_
