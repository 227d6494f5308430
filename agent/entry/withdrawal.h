// SPDX-License-Identifier: Apache-2.0
// Tells the cluster that an admitted member does not come after all, so that
// it is taken back and its token good again at once and not at the join's
// deadline.
#ifndef MICROOVN_AGENT_ENTRY_WITHDRAWAL_H_
#define MICROOVN_AGENT_ENTRY_WITHDRAWAL_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "agent/identity/identity_store.h"
#include "base/time/clock.h"
#include "microovn/internal/node/v1/node.pb.h"

namespace microovn::agent {

// One round of the members that are known, within `patience`; `round` counts
// the rounds, each of which begins with another member. OK when the cluster has
// forgotten the member. MEMBER_NOT_JOINING when the join was confirmed before,
// so that it stands. Any other error: the cluster could not be told or is not
// done yet, and nothing is known (JoinOutcome).
absl::Status WithdrawJoin(const internal::node::v1::NodeIdentity& identity,
                          const ClusterCredentials& credentials,
                          const Clock& clock, const absl::Status& why,
                          absl::Duration patience, int round);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ENTRY_WITHDRAWAL_H_
