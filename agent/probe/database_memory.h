// SPDX-License-Identifier: Apache-2.0
// What a look at a database's server does not show by itself: for how long it
// has been as it is. Times are Clock::Monotonic(). Copyable value.
#ifndef MICROOVN_AGENT_PROBE_DATABASE_MEMORY_H_
#define MICROOVN_AGENT_PROBE_DATABASE_MEMORY_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "agent/ovn/ovsdb_cluster_status.h"
#include "microovn/internal/peer/v1/peer.pb.h"

namespace microovn::agent {

class DatabaseMemory {
 public:
  // Tells of `status`, seen at `now`, in `database`.
  void Tell(const OvsdbClusterStatus& status, absl::Duration now,
            internal::peer::v1::LocalDatabase& database);

 private:
  // A server that lacks entries.
  struct Behind {
    uint64_t match = 0;
    absl::Duration since;
  };

  absl::Duration StalledFor(const OvsdbClusterStatus& status,
                            const OvsdbServer& server, absl::Duration now);

  std::optional<absl::Duration> leaderless_since_;
  // The leader that was known last, in which term and since when.
  std::string leader_;
  uint64_t term_ = 0;
  absl::Duration settled_since_;
  // By server id; of the term in which this server leads.
  std::map<std::string, Behind> behind_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_PROBE_DATABASE_MEMORY_H_
