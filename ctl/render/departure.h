// SPDX-License-Identifier: Apache-2.0
// Whether a member may be away for its upgrade: what the log and the databases
// can do without it, and whose turn it is. Pure.
#ifndef MICROOVN_CTL_RENDER_DEPARTURE_H_
#define MICROOVN_CTL_RENDER_DEPARTURE_H_

#include <string>
#include <vector>

#include "microovn/v1/status.pb.h"

namespace microovn::ctl {

struct Departure {
  // It votes or has a server, so that two such members are not away at the same
  // time. Any number of the others may be.
  bool needs_slot = false;
  // Why it must not go now, in sentences; empty when it may.
  std::vector<std::string> obstacles;
  // What stands still while it is away, whenever that is: a cluster so small
  // that it can lose nobody is no reason never to upgrade it.
  std::vector<std::string> warnings;
};

// `member` is the name of one; `holder` of who has the upgrade slot, empty when
// nobody has. Who has left the cluster does not hold it.
Departure PlanDeparture(const v1::ClusterStatus& status,
                        const std::string& member, const std::string& holder);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_RENDER_DEPARTURE_H_
