// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/sim/register_history.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace microovn::raft {

void RegisterHistory::Invoke(size_t client, size_t key, bool read) {
  if (!enabled_) return;
  RegisterOperation operation;
  operation.client = client;
  operation.key = absl::StrCat(key);
  operation.kind =
      read ? RegisterOperation::Kind::kRead : RegisterOperation::Kind::kWrite;
  if (!read) operation.value = absl::StrCat(operations_.size() + 1);
  operation.invoked = ++clock_;
  operation.outcome = RegisterOperation::Outcome::kUnknown;
  operations_.push_back(std::move(operation));
}

void RegisterHistory::CompleteWrite(uint64_t operation) {
  if (!enabled_) return;
  RegisterOperation& done = operations_[operation - 1];
  done.returned = ++clock_;
  done.outcome = RegisterOperation::Outcome::kOk;
}

void RegisterHistory::CompleteRead(uint64_t operation, uint64_t value) {
  if (!enabled_) return;
  RegisterOperation& done = operations_[operation - 1];
  if (value != 0) done.value = absl::StrCat(value);
  done.returned = ++clock_;
  done.outcome = RegisterOperation::Outcome::kOk;
}

void RegisterHistory::Refuse(uint64_t operation) {
  if (!enabled_) return;
  RegisterOperation& done = operations_[operation - 1];
  done.returned = ++clock_;
  done.outcome = RegisterOperation::Outcome::kRefused;
}

}  // namespace microovn::raft
