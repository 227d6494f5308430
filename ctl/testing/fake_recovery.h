// SPDX-License-Identifier: Apache-2.0
// How a cluster answers whose OVN databases have lost their quorum.
#ifndef MICROOVN_CTL_TESTING_FAKE_RECOVERY_H_
#define MICROOVN_CTL_TESTING_FAKE_RECOVERY_H_

#include "ctl/testing/fake_agent.h"
#include "microovn/v1/status.pb.h"

namespace microovn::ctl {

// Only node1's servers answer, and each has no leader.
void LoseDatabaseQuorum(v1::ClusterStatus* status);

// node1 has the best copy; node10 has none. `lost`: there is no quorum.
void PlayRecovery(bool lost, FakeAgent* agent);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_TESTING_FAKE_RECOVERY_H_
