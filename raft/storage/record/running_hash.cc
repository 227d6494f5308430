// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/record/running_hash.h"

#include <cstdint>

#include "base/crypto/digest.h"

namespace microovn::raft {

std::string EmptyStateHash() { return std::string(kDigestSize, '\0'); }

std::string FoldApplied(absl::string_view hash, LogIndex index,
                        const std::vector<Mutation>& mutations,
                        absl::string_view outcome) {
  DigestBuilder digest;
  digest.Add(hash);
  digest.Add(index.value());
  digest.Add(outcome);
  // Counts and presence are added too, so that no two lists make the same
  // bytes.
  digest.Add(mutations.size());
  for (const Mutation& mutation : mutations) {
    digest.Add(mutation.key);
    digest.Add(uint64_t{mutation.value.has_value()});
    if (mutation.value.has_value()) digest.Add(*mutation.value);
  }
  return digest.Finish();
}

}  // namespace microovn::raft
