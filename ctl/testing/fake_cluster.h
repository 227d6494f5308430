// SPDX-License-Identifier: Apache-2.0
// Clusters that a FakeAgent can play, for the golden transcripts.
#ifndef MICROOVN_CTL_TESTING_FAKE_CLUSTER_H_
#define MICROOVN_CTL_TESTING_FAKE_CLUSTER_H_

#include <string>

#include "ctl/testing/fake_agent.h"

namespace microovn::ctl {

// `scenario` is "healthy" (three members), "sick" (node10 does not answer, a
// certificate has expired), "alone" (one member), "workers" (two of three do
// not vote), "leaderless" (the OVN databases have no quorum) or "blank" (before
// bootstrap). CHECK-fails for another one.
void PlayCluster(const std::string& scenario, FakeAgent* agent);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_TESTING_FAKE_CLUSTER_H_
