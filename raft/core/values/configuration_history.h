// SPDX-License-Identifier: Apache-2.0
// The configurations that a log holds, so that truncation, compaction and
// snapshots re-derive the one in force from what remains (raft.md 5b.7).
// Thread-compatible value.
#ifndef MICROOVN_RAFT_CORE_VALUES_CONFIGURATION_HISTORY_H_
#define MICROOVN_RAFT_CORE_VALUES_CONFIGURATION_HISTORY_H_

#include <cstddef>
#include <vector>

#include "raft/core/values/configuration.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

class ConfigurationHistory {
 public:
  struct Item {
    LogIndex index;
    Configuration configuration;

    friend bool operator==(const Item& a, const Item& b) {
      return a.index == b.index && a.configuration == b.configuration;
    }
  };

  ConfigurationHistory(LogIndex index, Configuration base)
      : items_{{index, std::move(base)}} {}

  // The last one of the log, committed or not.
  const Item& InForce() const { return items_.back(); }
  // The last one at or before `index`, which must not be compacted.
  const Item& At(LogIndex index) const;
  // The one that InForce() follows; itself if there is no other.
  const Item& BeforeInForce() const {
    return items_.size() > 1 ? items_[items_.size() - 2] : items_.back();
  }

  // The newest in which `member` votes of At(since) and those behind it; null
  // if it votes in none.
  const Item* NewestWithVoter(MemberId member, LogIndex since) const;

  void Append(LogIndex index, Configuration configuration);
  // Returns whether the one in force changed.
  bool TruncateFrom(LogIndex index);
  // Forgets what is not needed to answer At(index) and later.
  void CompactTo(LogIndex index);

  friend bool operator==(const ConfigurationHistory& a,
                         const ConfigurationHistory& b) {
    return a.items_ == b.items_;
  }

 private:
  friend struct CoreArchive;

  std::vector<Item> items_;  // never empty, ascending
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_VALUES_CONFIGURATION_HISTORY_H_
