// SPDX-License-Identifier: Apache-2.0
// Records of the applied state: what a state machine keeps. Plain values.
#ifndef MICROOVN_RAFT_STORAGE_RECORD_RECORD_H_
#define MICROOVN_RAFT_STORAGE_RECORD_RECORD_H_

#include <cstddef>
#include <optional>
#include <string>
#include <tuple>

namespace microovn::raft {

struct Record {
  std::string key;
  std::string value;

  friend bool operator==(const Record& a, const Record& b) {
    return std::tie(a.key, a.value) == std::tie(b.key, b.value);
  }
};

// The new value of a record; no value removes it.
struct Mutation {
  std::string key;
  std::optional<std::string> value;

  friend bool operator==(const Mutation& a, const Mutation& b) {
    return std::tie(a.key, a.value) == std::tie(b.key, b.value);
  }
};

// Bounds of the record formats.
// So that a size that is read from a stream can be refused before anything is
// allocated for it.
inline constexpr size_t kMaxRecordKey = 4 << 10;
inline constexpr size_t kMaxRecordValue = 16 << 20;

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_RECORD_RECORD_H_
