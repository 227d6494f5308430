// SPDX-License-Identifier: Apache-2.0
#include "raft/core/values/recovered.h"

#include <algorithm>
#include <utility>

namespace microovn::raft {

Recovered Bootstrap(const Identity& founder) {
  // As an entry, and not as the base of an empty log: so it reaches all who
  // join by the log, and has a place in the chain.
  Configuration configuration;
  configuration.voters = {founder.member};
  configuration.incarnations = {{founder.member, founder.incarnation}};

  Entry entry;
  entry.index = LogIndex(1);
  entry.term = Term(1);
  entry.kind = EntryKind::kConfiguration;
  entry.payload = Payload(EncodeConfiguration(configuration));
  entry.chain = ChainOf(ChainHash(0), entry);

  Recovered recovered;
  // No vote: the first election is in term 2.
  recovered.hard_state.term = Term(1);
  recovered.entries.push_back(std::move(entry));
  return recovered;
}

Recovered JoinerOf(std::vector<MemberId> voters) {
  Recovered recovered;
  std::sort(voters.begin(), voters.end());
  voters.erase(std::unique(voters.begin(), voters.end()), voters.end());
  recovered.base.configuration.voters = std::move(voters);
  return recovered;
}

bool IsIntact(const SnapshotMetadata& base, const std::vector<Entry>& entries) {
  LogIndex index = base.index;
  Term term = base.term;
  ChainHash chain = base.chain;
  for (const Entry& entry : entries) {
    if (entry.index != index.Next() || entry.term < term ||
        entry.chain != ChainOf(chain, entry)) {
      return false;
    }
    index = entry.index;
    term = entry.term;
    chain = entry.chain;
  }
  return true;
}

}  // namespace microovn::raft
