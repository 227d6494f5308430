// SPDX-License-Identifier: Apache-2.0
// Why a member's data cannot be opened, for people.
#ifndef MICROOVN_RAFT_NODE_OPEN_ERROR_H_
#define MICROOVN_RAFT_NODE_OPEN_ERROR_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace microovn::raft {

// DATA_LOSS, reason STORAGE_DAMAGED.
absl::Status DamagedError(absl::string_view detail);

// What the storage's Open and Read answer, with the reasons STORAGE_DAMAGED and
// STORAGE_IN_USE; other statuses as they are.
absl::Status OpenError(const absl::Status& status);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_OPEN_ERROR_H_
