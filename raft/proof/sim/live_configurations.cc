// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/sim/live_configurations.h"

#include <algorithm>

#include "raft/core/values/quorum.h"

namespace microovn::raft {

void LiveConfigurations::Appended(LogIndex index,
                                  const Configuration& configuration) {
  const bool known =
      std::any_of(items_.begin(), items_.end(), [&](const Item& item) {
        return item.index == index && item.configuration == configuration;
      });
  if (!known) items_.push_back({index, configuration});
}

void LiveConfigurations::Committed(LogIndex index) {
  items_.erase(
      std::remove_if(items_.begin(), items_.end(),
                     [index](const Item& item) { return item.index < index; }),
      items_.end());
}

bool LiveConfigurations::HaveQuorum(Predicate present, Predicate alive) const {
  return std::all_of(items_.begin(), items_.end(), [&](const Item& item) {
    return HasQuorum(item.configuration, present) ||
           !HasQuorum(item.configuration, alive);
  });
}

}  // namespace microovn::raft
