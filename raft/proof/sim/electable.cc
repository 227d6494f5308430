// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/sim/electable.h"

#include <tuple>

#include "absl/algorithm/container.h"
#include "raft/core/values/quorum.h"

namespace microovn::raft {

bool SomebodyCanWin(const std::vector<LogEnd>& members) {
  // Section 5.4.1.
  const auto grants = [&members](MemberId id, LogPosition candidate) {
    return absl::c_any_of(members, [&](const LogEnd& voter) {
      return voter.member == id &&
             std::tie(voter.last.term, voter.last.index) <=
                 std::tie(candidate.term, candidate.index);
    });
  };
  return absl::c_any_of(members, [&](const LogEnd& candidate) {
    return candidate.configuration.IsVoter(candidate.member) &&
           HasQuorum(candidate.configuration,
                     [&](MemberId id) { return grants(id, candidate.last); });
  });
}

}  // namespace microovn::raft
