// SPDX-License-Identifier: Apache-2.0
// Whether a daemon must forget what it remembers of one of OVN's databases:
// pure.
//
// A client of a clustered database remembers the newest index that it has seen
// and takes no server that is behind it, so that it never reads an older past.
// A database that was made anew, put back from a copy, or exchanged for
// another begins with a lower index: its servers would be refused for good.
// The daemon cannot tell the two apart. Here the database's cluster id does;
// where that is the same, that the cluster itself stands behind the server
// that is refused.
#ifndef MICROOVN_AGENT_RECONCILE_DATABASE_CLIENT_MEMORY_H_
#define MICROOVN_AGENT_RECONCILE_DATABASE_CLIENT_MEMORY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace microovn::agent {

// Longer than a client takes to try each server of a database (8 s between two
// at the most).
inline constexpr absl::Duration kRefusedPatience = absl::Seconds(30);

struct ClientMemory {
  // "ovn-controller" and "sb".
  std::string daemon;
  std::string database;
  // One process between its start and its end. Another one remembers nothing.
  std::string process;
  // Of the database that the process has been shown last; empty for none yet.
  std::string cluster_id;
  // Where it was shown: "ssl:10.0.0.1:6642,...".
  std::string remotes;
  // Not written down: since when, on Clock::Monotonic(), the process takes no
  // server although one answers for the whole cluster, and whether it was told
  // to forget for that reason.
  std::optional<absl::Duration> refused_since;
  bool told = false;
};

struct ClientObservation {
  // Empty when the daemon does not run.
  std::string process;
  std::string remotes;
  // Of the database that is to be used now; empty when there is none, or it is
  // not known.
  std::string cluster_id;
  bool connected = false;
  // A server of that very database answers, and is in touch with its cluster.
  bool answers = false;
};

struct ClientPlan {
  bool forget = false;
  ClientMemory memory;
};

ClientPlan PlanClient(ClientMemory memory, const ClientObservation& seen,
                      absl::Duration now);

// A line for each. What cannot be read is left out: the process it was of then
// counts as one that was shown nothing.
std::string FormatMemories(const std::vector<ClientMemory>& memories);
std::vector<ClientMemory> ParseMemories(absl::string_view text);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_DATABASE_CLIENT_MEMORY_H_
