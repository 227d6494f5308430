// SPDX-License-Identifier: Apache-2.0
// What is known about the cluster at one moment, gathered once; everything
// that is said about its health is a pure function of this.
#ifndef MICROOVN_AGENT_HEALTH_FACTS_H_
#define MICROOVN_AGENT_HEALTH_FACTS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/state/values/cluster_state.h"
#include "microovn/internal/peer/v1/peer.pb.h"

namespace microovn::agent {

// Ids are member ids.
struct ClusterFacts {
  using Answer = absl::StatusOr<internal::peer::v1::GetLocalStatusResponse>;

  std::shared_ptr<const ClusterState> state;
  std::string self_id;
  // Empty when no leader is known.
  std::string leader_id;
  uint64_t term = 0;
  std::set<std::string> voters;
  std::set<std::string> learners;
  // By the leader, as far as it has heard of them in its term.
  std::map<std::string, uint64_t> match_index;
  uint64_t last_index = 0;
  // No quorum confirmed the state.
  bool stale = false;
  // What each member says of itself, this one included; an error for those
  // that did not answer. Empty when nobody was asked.
  std::map<std::string, Answer> answers;
  std::map<std::string, absl::Time> last_seen;
  // How far the wall clock of each member that answered is ahead of this one's;
  // exact to the time that the answer took.
  std::map<std::string, absl::Duration> clock_offsets;
  absl::Time now;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_HEALTH_FACTS_H_
