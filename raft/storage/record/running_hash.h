// SPDX-License-Identifier: Apache-2.0
// The digest of how the applied state came about. Members that applied the
// same log up to the same index have the same digest; where they do not, one
// of them is broken. Pure.
#ifndef MICROOVN_RAFT_STORAGE_RECORD_RUNNING_HASH_H_
#define MICROOVN_RAFT_STORAGE_RECORD_RUNNING_HASH_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "raft/core/values/types.h"
#include "raft/storage/record/record.h"

namespace microovn::raft {

// Of the empty state, before the first command.
std::string EmptyStateHash();

// After the command at `index` had `outcome` and `mutations`.
// Over what changes and not over the whole state, so that it costs what the
// command does; and over the hash before it, so that a difference never goes
// away. The result is not in it, only the outcome: words for people may differ
// between versions (ADR 18).
std::string FoldApplied(absl::string_view hash, LogIndex index,
                        const std::vector<Mutation>& mutations,
                        absl::string_view outcome);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_RECORD_RUNNING_HASH_H_
