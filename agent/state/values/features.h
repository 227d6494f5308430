// SPDX-License-Identifier: Apache-2.0
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
// A CA is rotated by phases that all members follow.
inline constexpr char kFeatureCaRotation[] = "ca-rotation";
// The level from which a rotation of the cluster CA can leave members behind
// that come back later.
inline constexpr uint32_t kCaRotationSetsAside = 2;
// An operation that waits can be ended, and is undone.
inline constexpr char kFeatureOperationCancel[] = "operation-cancel";

// Events name who asked, count what repeats, and tell what the leader sees.
inline constexpr char kFeatureEvents[] = "cluster-events";

// A member whose sealing key was lost gets another, and the CA keys with it.
inline constexpr char kFeatureSealingRenewal[] = "sealing-renewal";

// A CA's key is made by the cluster, and its certificate by somebody else.
inline constexpr char kFeatureCaRequest[] = "ca-request";

// Settings that came after the first version, a level for each addition.
inline constexpr char kFeatureOvnSettings[] = "ovn-settings";

// A token can make a member a worker (values/worker.h).
inline constexpr char kFeatureWorkers[] = "workers";

// A joiner signs all that it asks for, and not its name and key alone.
inline constexpr char kFeatureJoinStatement[] = "join-statement";

// Certificates are read before they are taken into the state, and the key of a
// member's is one that is registered for it.
inline constexpr char kFeatureParsedCertificates[] = "parsed-certificates";

// The state counts centrals that were removed, for others to take their places.
inline constexpr char kFeatureCentralReplacement[] = "central-replacement";

// A member's tunnel address can be changed.
inline constexpr char kFeatureMemberAddresses[] = "member-addresses";
// People get certificates, roles and an end of both (values/users.h).
inline constexpr char kFeatureUsers[] = "users";
// One of OVN's databases that has lost its quorum is made anew from one copy,
// and the log hears of a member that was made its only voter.
inline constexpr char kFeatureDatabaseRecovery[] = "database-recovery";

// What this build supports, by name.
const std::vector<KnownFeature>& KnownFeatures();
// The same, as it is announced.
FeatureLevels AnnouncedFeatures();

// Zero while it is not active.
uint32_t ActiveLevel(const ClusterState& state, absl::string_view name);

// What the members' announcements make active, for the whole table: those
// whose level is higher than now.
// None while the upgrade is held.
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

// Whether every member knows a setting of this name: until then it is no
// setting to any of them.
bool AllowsConfig(const ClusterState& state, absl::string_view key);

// The same for a value that came later than its setting.
bool AllowsConfigValue(const ClusterState& state, absl::string_view key,
                       absl::string_view value);

// The same for who asks: FEATURE_NOT_SUPPORTED, naming those who do not know
// it. OK for keys that this build does not know either.
absl::Status RequireConfigSupport(const ClusterState& state,
                                  absl::string_view key,
                                  absl::string_view value = "");

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_VALUES_FEATURES_H_
