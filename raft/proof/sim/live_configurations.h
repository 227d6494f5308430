// SPDX-License-Identifier: Apache-2.0
// The configurations that may still decide something: the last committed one
// and all that were appended behind it, by anyone. Tells the nemesis which
// member may be lost for good, and the liveness phase whom to heal.
// Thread-compatible.
#ifndef MICROOVN_RAFT_PROOF_SIM_LIVE_CONFIGURATIONS_H_
#define MICROOVN_RAFT_PROOF_SIM_LIVE_CONFIGURATIONS_H_

#include <cstddef>
#include <vector>

#include "absl/functional/function_ref.h"
#include "raft/core/values/configuration.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

class LiveConfigurations {
 public:
  using Predicate = absl::FunctionRef<bool(MemberId)>;

  // Some member has this configuration in its log.
  void Appended(LogIndex index, const Configuration& configuration);
  // The configuration at `index` is committed: no earlier one decides.
  void Committed(LogIndex index);

  // Whether those for whom `present` is true have a quorum of each of these
  // configurations; of those at least for which the `alive` ones have one.
  // (A leader cut off from all others may append any configuration.)
  bool HaveQuorum(Predicate present, Predicate alive) const;

  size_t size() const { return items_.size(); }

 private:
  struct Item {
    LogIndex index;
    Configuration configuration;
  };

  std::vector<Item> items_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_PROOF_SIM_LIVE_CONFIGURATIONS_H_
