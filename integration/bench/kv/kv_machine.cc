// SPDX-License-Identifier: Apache-2.0
#include "integration/bench/kv/kv_machine.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"
#include "raft/storage/record/record_codec.h"

namespace microovn::raft {
namespace {

constexpr size_t kNumberSize = sizeof(uint64_t);

// Two strings, the first with its length before it.
struct Parts {
  absl::string_view first;
  absl::string_view second;
};

std::optional<Parts> Split(absl::string_view bytes) {
  const auto size = DecodeNumber(bytes.substr(0, kNumberSize));
  if (!size.ok() || *size > bytes.size() - kNumberSize) return std::nullopt;
  bytes.remove_prefix(kNumberSize);
  return Parts{bytes.substr(0, *size), bytes.substr(*size)};
}

}  // namespace

std::string EncodePut(absl::string_view key, absl::string_view value) {
  return absl::StrCat(EncodeNumber(key.size()), key, value);
}

StateMachine::Applied KvMachine::Apply(LogIndex index,
                                       absl::string_view command) {
  Applied applied;
  const std::optional<Parts> put = Split(command);
  if (!put.has_value()) return applied;
  std::string key(put->first);
  applied.mutations.push_back(
      {key, absl::StrCat(EncodeNumber(index.value()), put->second)});
  pending_.push_back(
      {std::move(key), KvValue{index, std::string(put->second)}});
  return applied;
}

absl::Status KvMachine::Load(LogIndex, std::vector<Record> records) {
  MutexLock lock(&mu_);
  pending_.clear();
  values_.clear();
  for (Record& record : records) {
    const absl::string_view value = record.value;
    ASSIGN_OR_RETURN(const uint64_t index,
                     DecodeNumber(value.substr(0, kNumberSize)));
    values_[std::move(record.key)] =
        KvValue{LogIndex(index), std::string(value.substr(kNumberSize))};
  }
  return absl::OkStatus();
}

void KvMachine::Publish(LogIndex) {
  MutexLock lock(&mu_);
  for (auto& [key, value] : pending_) {
    values_[std::move(key)] = std::move(value);
  }
  pending_.clear();
}

std::optional<KvValue> KvMachine::Get(absl::string_view key) const {
  MutexLock lock(&mu_);
  const auto at = values_.find(key);
  if (at == values_.end()) return std::nullopt;
  return at->second;
}

}  // namespace microovn::raft
