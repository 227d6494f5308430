// SPDX-License-Identifier: Apache-2.0
// The replicated state as a value: every record of state.proto by its key, and
// the questions that agents ask of it.
//
// Apply changes one; everybody else reads published snapshots. Copying is
// cheap. Thread-compatible, like the tables it holds.
#ifndef MICROOVN_AGENT_STATE_VALUES_CLUSTER_STATE_H_
#define MICROOVN_AGENT_STATE_VALUES_CLUSTER_STATE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "agent/state/values/table.h"
#include "microovn/internal/state/v1/state.pb.h"

namespace microovn::agent {

namespace statepb = ::microovn::internal::state::v1;

// The key of the one record in ClusterState::cluster_record.
inline constexpr char kClusterKey[] = "cluster";
// The same in ClusterState::observations.
inline constexpr char kObservationKey[] = "leader";

struct ClusterState {
  // Empty before bootstrap, then one record.
  Table<statepb::Cluster> cluster_record;
  Table<statepb::Member> members;                  // by member id
  Table<statepb::Tombstone> tombstones;            // by member id
  Table<statepb::JoinToken> tokens;                // by token id
  Table<statepb::Authority> authorities;           // by AuthorityKey(plane)
  Table<statepb::IssuedCertificate> certificates;  // by serial
  Table<statepb::ConfigEntry> configs;             // by config key
  Table<statepb::Database> databases;              // "nb", "sb"
  Table<statepb::MemberReport> reports;            // by member id
  Table<statepb::Operation> operations;            // by operation id
  Table<statepb::CompletedRequest> requests;       // by request id
  Table<statepb::Event> events;                    // by EventKey(revision)
  Table<statepb::FeatureLevel> features;           // by name
  Table<statepb::Observation> observations;        // by kObservationKey
  Table<statepb::User> users;                      // by name

  bool bootstrapped() const { return !cluster_record.empty(); }
  // All defaults before bootstrap.
  const statepb::Cluster& cluster() const;
  uint64_t revision() const { return cluster().revision(); }
  uint64_t desired_revision() const { return cluster().desired_revision(); }
};

// "cluster" and "ovn"; the plane must be one of the two.
std::string AuthorityKey(statepb::Plane plane);
// Keeps the order of revisions.
std::string EventKey(uint64_t revision);

// "central", "chassis", "switch": the words of the command line.
std::string ServiceName(statepb::Service service);
// "Northbound" for "nb", "Southbound" for "sb".
std::string DatabaseTitle(absl::string_view name);
// "members/NAME", as the API names it.
std::string MemberResource(const statepb::Member& member);

// Members. Null when there is none; valid as long as `state`.
const statepb::Member* FindMember(const ClusterState& state,
                                  absl::string_view name);
// The member that this key is admitted for.
const statepb::Member* FindMemberByKey(const ClusterState& state,
                                       absl::string_view spki_sha256);
// The member's name, or its id when there is no such member any more.
std::string NameOfMember(const ClusterState& state, absl::string_view id);

// In the order in which they came.
std::vector<const statepb::Member*> MembersInOrder(const ClusterState& state);
// Neither joining nor leaving, in the order in which they came.
std::vector<const statepb::Member*> ActiveMembers(const ClusterState& state);
// Those that should run central, in the order in which they came.
std::vector<const statepb::Member*> CentralMembers(const ClusterState& state);

// Whether `member` should run `service`; nothing runs on a leaving member.
bool Runs(const statepb::Member& member, statepb::Service service);

// Whether `member_id` is to make the database; who is not, joins it. False
// once it has been made: a creator that has lost its file joins.
bool Creates(const statepb::Database& database, absl::string_view member_id);
bool HasJoined(const statepb::Database& database, absl::string_view member_id);
// Whether its creator is to make it from its copy of the one before it.
bool Recovers(const statepb::Database& database);

// The value that holds: what was set, or the default. Empty for unknown keys.
std::string ConfigValue(const ClusterState& state, absl::string_view key);
// The same for the keys that hold numbers.
int ConfigNumber(const ClusterState& state, absl::string_view key);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_VALUES_CLUSTER_STATE_H_
