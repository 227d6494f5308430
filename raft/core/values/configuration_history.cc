// SPDX-License-Identifier: Apache-2.0
#include "raft/core/values/configuration_history.h"

#include <utility>

namespace microovn::raft {

const ConfigurationHistory::Item& ConfigurationHistory::At(
    LogIndex index) const {
  size_t at = items_.size() - 1;
  while (at > 0 && items_[at].index > index) --at;
  return items_[at];
}

const ConfigurationHistory::Item* ConfigurationHistory::NewestWithVoter(
    MemberId member, LogIndex since) const {
  const Item& oldest = At(since);
  for (auto item = items_.rbegin(); item != items_.rend(); ++item) {
    if (item->configuration.IsVoter(member)) return &*item;
    if (&*item == &oldest) break;
  }
  return nullptr;
}

void ConfigurationHistory::Append(LogIndex index, Configuration configuration) {
  items_.push_back({index, std::move(configuration)});
}

bool ConfigurationHistory::TruncateFrom(LogIndex index) {
  const size_t before = items_.size();
  while (items_.size() > 1 && items_.back().index >= index) items_.pop_back();
  return items_.size() != before;
}

void ConfigurationHistory::CompactTo(LogIndex index) {
  size_t drop = 0;
  while (drop + 1 < items_.size() && items_[drop + 1].index <= index) ++drop;
  items_.erase(items_.begin(),
               items_.begin() + static_cast<std::ptrdiff_t>(drop));
}

}  // namespace microovn::raft
