// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/sim/sim_state_machine.h"

#include <cstring>

#include "base/crypto/random.h"

namespace microovn::raft {
namespace {

constexpr size_t kCommandWords = 2;
constexpr size_t kWords = 2 + kRegisters;
constexpr uint64_t kFillerModulus = 97;

void PutWord(uint64_t word, std::string& out) {
  char bytes[sizeof(word)];
  std::memcpy(bytes, &word, sizeof(word));
  out.append(bytes, sizeof(bytes));
}

uint64_t WordAt(absl::string_view bytes, size_t word) {
  uint64_t value = 0;
  std::memcpy(&value, bytes.data() + word * sizeof(value), sizeof(value));
  return value;
}

}  // namespace

std::string EncodeCommand(const SimCommand& command, size_t filler) {
  std::string payload;
  payload.reserve(kCommandWords * sizeof(uint64_t) + filler);
  PutWord(command.operation, payload);
  PutWord(command.key, payload);
  payload.append(filler, 'x');
  return payload;
}

SimCommand DecodeCommand(absl::string_view payload) {
  SimCommand command;
  if (payload.size() < kCommandWords * sizeof(uint64_t)) return command;
  command.operation = WordAt(payload, 0);
  command.key = static_cast<size_t>(WordAt(payload, 1)) % kRegisters;
  return command;
}

void SimStateMachine::Apply(const Entry& entry) {
  applied_ = entry.index;
  if (entry.kind != EntryKind::kCommand) return;
  const SimCommand command = DecodeCommand(entry.payload.bytes());
  hash_ = SeededRandom(hash_ ^ command.operation).Next();
  if (command.operation != 0) values_[command.key] = command.operation;
}

size_t SimStateMachine::SnapshotSize(LogIndex applied) {
  return kWords * sizeof(uint64_t) + applied.value() % kFillerModulus;
}

std::string SimStateMachine::Snapshot() const {
  std::string bytes;
  PutWord(applied_.value(), bytes);
  PutWord(hash_, bytes);
  for (const uint64_t value : values_) PutWord(value, bytes);
  bytes.resize(SnapshotSize(applied_), 's');
  return bytes;
}

std::optional<SimStateMachine> SimStateMachine::Restore(
    absl::string_view bytes) {
  if (bytes.size() < kWords * sizeof(uint64_t)) return std::nullopt;
  SimStateMachine state;
  state.applied_ = LogIndex(WordAt(bytes, 0));
  state.hash_ = WordAt(bytes, 1);
  for (size_t key = 0; key < kRegisters; ++key) {
    state.values_[key] = WordAt(bytes, 2 + key);
  }
  if (bytes.size() != SnapshotSize(state.applied_)) return std::nullopt;
  return state;
}

}  // namespace microovn::raft
