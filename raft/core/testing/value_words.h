// SPDX-License-Identifier: Apache-2.0
// The values of the core as people read them in a trace: members are 1, 2, 3,
// an entry's place is index/term, and what has its default value is not said.
// Pure functions.
#ifndef MICROOVN_RAFT_CORE_TESTING_VALUE_WORDS_H_
#define MICROOVN_RAFT_CORE_TESTING_VALUE_WORDS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "raft/core/values/configuration.h"
#include "raft/core/values/entry.h"
#include "raft/core/values/output.h"
#include "raft/core/values/snapshot_metadata.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

std::string Words(MemberId member);
std::string Words(const std::vector<MemberId>& members);
std::string Words(LogPosition position);
std::string Words(const HardState& state);
std::string Words(const Entry& entry);
std::string Words(const std::vector<Entry>& entries);
std::string Words(const Configuration& configuration);
std::string Words(const SnapshotMetadata& snapshot);
std::string Words(const Payload& payload);

absl::string_view Words(Role role);
absl::string_view Words(RoleReason reason);
absl::string_view Words(RefusedReason reason);
absl::string_view Words(RejectedReason reason);
absl::string_view Words(ConfigurationError error);
absl::string_view Words(FaultKind kind);

// `text` with the 32 digits of members 1 to 9 replaced by their numbers.
std::string ShortIds(std::string text);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_TESTING_VALUE_WORDS_H_
