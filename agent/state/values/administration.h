// SPDX-License-Identifier: Apache-2.0
// On which members people administer the cluster: by cluster.administration,
// and never on a worker.
//
// It is about where somebody asks. Who comes with a certificate of his own to
// the member that does it has a role by that. Pure.
#ifndef MICROOVN_AGENT_STATE_VALUES_ADMINISTRATION_H_
#define MICROOVN_AGENT_STATE_VALUES_ADMINISTRATION_H_

#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "agent/state/values/cluster_state.h"

namespace microovn::agent {

// NOT_ADMINISTERED_HERE, with where it is, unless what people ask on
// `member_id` is to be done. `voters` are the ids of those who vote now: there
// is one always, so nobody is locked out by what is set.
absl::Status CheckAdministeredOn(const ClusterState& state,
                                 const std::set<std::string>& voters,
                                 const std::string& member_id);

// Whether it is the upgrade slot that is free or its own, which each member but
// a worker takes and gives back for itself: `value` is its name, or empty.
bool IsOwnUpgradeSlot(const ClusterState& state, const std::string& member_id,
                      absl::string_view key, absl::string_view value);

// Before somebody on `member_id` sets cluster.administration to `value`:
// WOULD_SHUT_OUT_ASKER when nobody could take it back there.
absl::Status CheckStaysAdministeredOn(const ClusterState& state,
                                      const std::set<std::string>& voters,
                                      const std::string& member_id,
                                      absl::string_view value);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_VALUES_ADMINISTRATION_H_
