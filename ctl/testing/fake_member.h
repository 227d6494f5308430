// SPDX-License-Identifier: Apache-2.0
// The members of the clusters that are played.
#ifndef MICROOVN_CTL_TESTING_FAKE_MEMBER_H_
#define MICROOVN_CTL_TESTING_FAKE_MEMBER_H_

#include "microovn/v1/cluster.pb.h"

namespace microovn::ctl {

struct Scenario {
  bool sick = false;
  int members = 3;
  // node10 is a worker, and node2 stands by.
  bool workers = false;
  // OVN's databases have lost their quorum.
  bool leaderless = false;
};

// Of `scenario.members`, in the order in which an agent tells of them.
v1::Member MakeMember(const Scenario& scenario, int index);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_TESTING_FAKE_MEMBER_H_
