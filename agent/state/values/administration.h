// SPDX-License-Identifier: Apache-2.0
// Who administers the cluster: by cluster.administration, and never on a
// worker.
//
// It is about where somebody asks, and whether with a certificate. Who comes
// with one to the member that does it has a role by that, and is not asked
// where from. Pure.
#ifndef MICROOVN_AGENT_STATE_VALUES_ADMINISTRATION_H_
#define MICROOVN_AGENT_STATE_VALUES_ADMINISTRATION_H_

#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/state/values/cluster_state.h"

namespace microovn::agent {

// NOT_ADMINISTERED_HERE, with where it is, unless what people ask on
// `member_id` is to be done. `voters` are the ids of those who vote now: there
// is one always, so nobody is locked out by what is set.
absl::Status CheckAdministeredOn(const ClusterState& state,
                                 const std::set<std::string>& voters,
                                 const std::string& member_id);

// Of a user at a socket, where the place is good: ADMINISTERED_BY_CERTIFICATE
// with cluster.administration at certificates, as long as an administrator's is
// valid `now`; nobody is locked out by one that ends, or by a CA that is
// replaced.
absl::Status CheckAdministeredAtSockets(const ClusterState& state,
                                        absl::Time now);

// What root on a voter may do nevertheless. He could open the CAs' keys anyway,
// so this hides nothing from him; it is an event, with who asked.
bool IsWayBack(absl::string_view key, absl::string_view value);

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
