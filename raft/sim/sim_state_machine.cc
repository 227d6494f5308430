#include "raft/sim/sim_state_machine.h"

#include <cstring>

#include "base/random.h"

namespace microovn::raft {
namespace {

constexpr size_t kWords = 2;
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

size_t SnapshotSize(LogIndex applied) {
  return kWords * sizeof(uint64_t) + applied.value() % kFillerModulus;
}

}  // namespace

std::string EncodeCommand(uint64_t operation, size_t filler) {
  std::string payload;
  payload.reserve(sizeof(operation) + filler);
  PutWord(operation, payload);
  payload.append(filler, 'x');
  return payload;
}

uint64_t DecodeCommand(absl::string_view payload) {
  return payload.size() < sizeof(uint64_t) ? 0 : WordAt(payload, 0);
}

void SimStateMachine::Apply(const Entry& entry) {
  applied_ = entry.index;
  if (entry.kind != EntryKind::kCommand) return;
  const uint64_t operation = DecodeCommand(entry.payload.bytes());
  hash_ = SeededRandom(hash_ ^ operation).Next();
}

std::string SimStateMachine::Snapshot() const {
  std::string bytes;
  PutWord(applied_.value(), bytes);
  PutWord(hash_, bytes);
  bytes.resize(SnapshotSize(applied_), 's');
  return bytes;
}

std::optional<SimStateMachine> SimStateMachine::Restore(
    absl::string_view bytes) {
  if (bytes.size() < kWords * sizeof(uint64_t)) return std::nullopt;
  SimStateMachine state;
  state.applied_ = LogIndex(WordAt(bytes, 0));
  state.hash_ = WordAt(bytes, 1);
  if (bytes.size() != SnapshotSize(state.applied_)) return std::nullopt;
  return state;
}

}  // namespace microovn::raft
