// SPDX-License-Identifier: Apache-2.0
// One of OVN's databases as a whole, put together from what each of its servers
// says of itself and of the others. Pure.
#ifndef MICROOVN_AGENT_HEALTH_DATABASE_VIEW_H_
#define MICROOVN_AGENT_HEALTH_DATABASE_VIEW_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/health/facts.h"

namespace microovn::agent {

// A server that the cluster counts.
struct DatabaseServerView {
  enum class State {
    // It takes part: it says so itself, or its leader has heard it just now.
    kLive,
    // Nobody has heard it, and whoever is on that member cannot be asked.
    kSilent,
    // Its member answers, but the server does not.
    kDown,
    // Its member has a server of another id, or none: it never comes back.
    kDead,
    // It answers and does not get what the leader has.
    kBehind,
  };

  // The member's name; empty when no member has its address.
  std::string member;
  std::string address;
  State state = State::kLive;
};

struct DatabaseView {
  // Of the configuration that the leader goes by, or the best that is known;
  // empty when nobody knows one.
  std::vector<DatabaseServerView> servers;
  // The name of the member whose server leads, by whoever can know; empty when
  // there is none.
  std::string leader;
  // For how long nobody has known a leader.
  absl::Duration leaderless;

  uint32_t live() const;
  uint32_t CanLose() const;
};

// How long a server that is not heard of is waited for. Its leader asks it
// three times in an election timer.
absl::Duration ServerSilence(const ClusterState& state);
// How long an election may take, and a server look for its cluster.
absl::Duration ElectionPatience(const ClusterState& state);
// How long a server that is behind may get nothing.
inline constexpr absl::Duration kServerStalls = absl::Seconds(3);

// `name` is "nb" or "sb".
DatabaseView ViewDatabase(const ClusterFacts& facts, absl::string_view name);

// What `answer` says of its own server; null if there is none.
const internal::peer::v1::LocalDatabase* LocalDatabaseOf(
    const internal::peer::v1::GetLocalStatusResponse& answer,
    absl::string_view name);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_HEALTH_DATABASE_VIEW_H_
