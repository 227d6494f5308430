// SPDX-License-Identifier: Apache-2.0
// Findings over time: what was there at one look only is not told, nor is what
// was missing at one. Pure; times are Clock::Monotonic(). Thread-compatible.
#ifndef MICROOVN_AGENT_HISTORY_FINDING_MEMORY_H_
#define MICROOVN_AGENT_HISTORY_FINDING_MEMORY_H_

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "microovn/internal/state/v1/state.pb.h"
#include "microovn/v1/status.pb.h"

namespace microovn::agent {

// Reason and member's name.
using FindingKey = std::pair<std::string, std::string>;
using FindingKeys = std::set<FindingKey>;

// Those that become events. Who does not answer is told as a member that is
// lost; what only holds while there is no leader has nobody to tell it.
FindingKeys EventFindings(const v1::ClusterStatus& status);

class FindingMemory {
 public:
  static constexpr absl::Duration kRaisedAfter = absl::Seconds(5);
  static constexpr absl::Duration kClearedAfter = absl::Seconds(8);

  // What was told before this memory began.
  explicit FindingMemory(const internal::state::v1::Observation& told = {});

  void See(const FindingKeys& present, absl::Duration now);
  const FindingKeys& raised() const { return raised_; }
  // Whether a look soon may change what is raised.
  bool Unsettled() const { return !turning_.empty(); }

 private:
  FindingKeys raised_;
  // Seen otherwise than it was told, since.
  std::map<FindingKey, absl::Duration> turning_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_HISTORY_FINDING_MEMORY_H_
