// SPDX-License-Identifier: Apache-2.0
// What a node does with what lies on it before it founds or joins a cluster:
// nothing of it is adopted.
#ifndef MICROOVN_AGENT_MAKE_WAY_H_
#define MICROOVN_AGENT_MAKE_WAY_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "agent/identity/identity_store.h"
#include "base/time/clock.h"
#include "supervisor/service/paths.h"
#include "supervisor/service/service_driver.h"

namespace microovn::agent {

// Disables and stops every service that runs or would run at a start, and waits
// for their end, twenty seconds at the most.
void StopAllServices(supervisor::ServiceDriver& driver, const Clock& clock);

// Databases, certificates and logs of another time move to backup_UNIXTIME/ in
// the root directory, and the layout is as on a new node.
absl::Status PutAside(const supervisor::Paths& paths, absl::Time now);

// Of a member that was removed: its state follows its data to the backup, but
// for the keys, which are erased.
absl::Status PutStateAside(const IdentityStore& store,
                           const supervisor::Paths& paths, absl::Time now);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MAKE_WAY_H_
