// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/nodesim/kv_machine.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/crypto/random.h"
#include "raft/storage/record/record_codec.h"

namespace microovn::raft {
namespace {

constexpr size_t kNumber = 8;

std::string SessionKey(uint64_t session) {
  return absl::StrCat("session", session);
}

uint64_t NumberAt(absl::string_view bytes, size_t place) {
  const auto number = DecodeNumber(bytes.substr(place * kNumber, kNumber));
  return number.ok() ? *number : 0;
}

// The same in every run, as a seeded simulation needs.
uint64_t DigestOf(absl::string_view key, absl::string_view value) {
  uint64_t digest = key.size();
  for (const absl::string_view part : {key, value}) {
    for (const char c : part) {
      digest = digest * 1099511628211u + static_cast<unsigned char>(c);
    }
  }
  return SeededRandom(digest).Next();
}

}  // namespace

std::string EncodeKvCommand(const KvCommand& command) {
  return absl::StrCat(
      EncodeNumber(command.operation), EncodeNumber(command.session),
      EncodeNumber(command.sequence), EncodeNumber(command.key),
      EncodeNumber(command.removes ? 1 : 0), std::string(command.filler, 'x'));
}

KvCommand DecodeKvCommand(absl::string_view bytes) {
  KvCommand command;
  command.operation = NumberAt(bytes, 0);
  command.session = NumberAt(bytes, 1);
  command.sequence = NumberAt(bytes, 2);
  command.key = NumberAt(bytes, 3);
  command.removes = NumberAt(bytes, 4) != 0;
  command.filler = bytes.size() - 5 * kNumber;
  return command;
}

StateMachine::Applied KvMachine::Apply(LogIndex index,
                                       absl::string_view bytes) {
  const KvCommand command = DecodeKvCommand(bytes);
  const std::string session = SessionKey(command.session);
  Applied applied;
  if (command.sequence <= LastSequence(command.session)) {
    applied.result = records_[session].substr(kNumber);
    applied.outcome = applied.result;
    return applied;
  }
  const std::string key = absl::StrCat("key", command.key);
  applied.mutations.push_back({key, std::nullopt});
  if (!command.removes) {
    applied.mutations.back().value = std::string(bytes);
  }
  applied.result = EncodeNumber(index.value());
  applied.outcome = applied.result;
  applied.mutations.push_back(
      {session, EncodeNumber(command.sequence) + applied.result});
  for (const Mutation& mutation : applied.mutations) Set(mutation);
  return applied;
}

absl::Status KvMachine::Load(LogIndex, std::vector<Record> records) {
  records_.clear();
  digest_ = 0;
  for (Record& record : records) {
    Set({std::move(record.key), std::move(record.value)});
  }
  return absl::OkStatus();
}

uint64_t KvMachine::LastSequence(uint64_t session) const {
  const auto record = records_.find(SessionKey(session));
  return record == records_.end() ? 0 : NumberAt(record->second, 0);
}

void KvMachine::Set(const Mutation& mutation) {
  const auto old = records_.find(mutation.key);
  if (old != records_.end()) {
    digest_ ^= DigestOf(old->first, old->second);
    records_.erase(old);
  }
  if (!mutation.value.has_value()) return;
  digest_ ^= DigestOf(mutation.key, *mutation.value);
  records_[mutation.key] = *mutation.value;
}

}  // namespace microovn::raft
