// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/sim/history.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace microovn::raft {

uint64_t History::Invoke() {
  Operation operation;
  operation.floor = seen_;
  operations_.push_back(operation);
  return operations_.size();
}

std::optional<std::string> History::CompleteWrite(uint64_t operation,
                                                  LogIndex index) {
  ++writes_;
  const Operation& done = operations_[operation - 1];
  if (done.index != index) {
    return absl::StrCat("write ", operation, " was told index ", index.value(),
                        " but is at ", done.index.value());
  }
  if (index <= done.floor) {
    return absl::StrCat("write ", operation, " at index ", index.value(),
                        " took effect before it began: ", done.floor.value(),
                        " had been seen");
  }
  seen_ = std::max(seen_, index);
  return std::nullopt;
}

std::optional<std::string> History::CompleteRead(uint64_t operation,
                                                 LogIndex applied,
                                                 uint64_t hash) {
  ++reads_;
  if (applied < operations_[operation - 1].floor) {
    return absl::StrCat("stale read ", operation, ": saw index ",
                        applied.value(), ", but ",
                        operations_[operation - 1].floor.value(),
                        " had been seen before it began");
  }
  if (applied > LogIndex(0) &&
      applied_[static_cast<size_t>(applied.value() - 1)].hash != hash) {
    return absl::StrCat("read ", operation, " saw a state that never was");
  }
  seen_ = std::max(seen_, applied);
  return std::nullopt;
}

void History::AcceptLoss(LogIndex kept) {
  while (applied() > kept) {
    const uint64_t operation = applied_.back().operation;
    if (operation != 0) operations_[operation - 1].index = LogIndex(0);
    applied_.pop_back();
  }
  seen_ = std::min(seen_, kept);
  for (Operation& operation : operations_) {
    operation.floor = std::min(operation.floor, kept);
  }
}

uint64_t History::HashAt(LogIndex index) const {
  if (index == LogIndex(0)) return 0;
  return applied_[static_cast<size_t>(index.value() - 1)].hash;
}

std::optional<std::string> History::Refuse(uint64_t operation) {
  Operation& refused = operations_[operation - 1];
  refused.refused = true;
  if (refused.index == LogIndex(0)) return std::nullopt;
  return absl::StrCat("operation ", operation, " was refused but is at index ",
                      refused.index.value());
}

std::optional<std::string> History::Apply(LogIndex index, uint64_t operation,
                                          uint64_t hash) {
  if (index <= applied()) {
    const Effect& known = applied_[static_cast<size_t>(index.value() - 1)];
    if (known.operation == operation && known.hash == hash) {
      return std::nullopt;
    }
    return absl::StrCat("members disagree on index ", index.value());
  }
  if (index != applied().Next()) {
    return absl::StrCat("index ", index.value(), " was applied before ",
                        applied().value() + 1);
  }
  applied_.push_back({operation, hash});
  if (operation == 0) return std::nullopt;
  Operation& done = operations_[operation - 1];
  if (done.refused) {
    return absl::StrCat("operation ", operation, " was refused and happened");
  }
  if (done.index != LogIndex(0)) {
    return absl::StrCat("operation ", operation, " happened twice");
  }
  done.index = index;
  return std::nullopt;
}

}  // namespace microovn::raft
