// What the cluster may do, by name and level: the replicated feature table.
//
// Each member announces what its agent supports, at its join and in its
// reports. A feature is active at the highest level that every member, those
// without a vote included, has announced; it never goes back. The entry that
// brings the last announcement makes it active, so that all members begin at
// the same entry. What Apply does differently, and commands that older agents
// do not know, are tied to an active feature. Whoever does not support what is
// active does not get in, and an agent that has become too old does not start.
//
// The rule knows no feature by name: agents of different versions come to the
// same table. Pure.
#ifndef MICROOVN_AGENT_STATE_VALUES_FEATURES_H_
#define MICROOVN_AGENT_STATE_VALUES_FEATURES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "agent/state/values/cluster_state.h"
#include "google/protobuf/repeated_field.h"
#include "microovn/internal/state/v1/command.pb.h"

namespace microovn::agent {

using FeatureLevels = google::protobuf::RepeatedPtrField<statepb::FeatureLevel>;

struct KnownFeature {
  absl::string_view name;
  uint32_t level;
  // One sentence without a full stop.
  absl::string_view description;
};

// A joiner that does not come after all says so in the log.
inline constexpr char kFeatureJoinWithdrawal[] = "join-withdrawal";

// What this build supports, by name.
const std::vector<KnownFeature>& KnownFeatures();
// The same, as it is announced.
FeatureLevels AnnouncedFeatures();

// Zero while it is not active.
uint32_t ActiveLevel(const ClusterState& state, absl::string_view name);

// What the members' announcements make active, for the whole table: those
// whose level is higher than now.
std::vector<statepb::FeatureLevel> RisingFeatures(const ClusterState& state);

// Names of members that keep `name` from reaching `level`, in their order.
std::vector<std::string> WhoLacks(const ClusterState& state,
                                  absl::string_view name, uint32_t level);

// FEATURE_NOT_SUPPORTED unless `supported` covers what is active.
absl::Status CheckSupport(const ClusterState& state,
                          const FeatureLevels& supported,
                          absl::string_view who);

// Whether the state allows commands of this kind; those of the first version
// always.
bool AllowsCommand(const ClusterState& state, statepb::Command::BodyCase body);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_VALUES_FEATURES_H_
