// SPDX-License-Identifier: Apache-2.0
// The settings there are: what each does, what it takes, what holds when it is
// not set. Asked by Apply, the config service and the command line's help.
//
// Pure; the registry is immutable.
#ifndef MICROOVN_AGENT_STATE_VALUES_CONFIG_KEYS_H_
#define MICROOVN_AGENT_STATE_VALUES_CONFIG_KEYS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn::agent {

// On which members, or by what, people administer the cluster.
inline constexpr char kConfigAdministration[] = "cluster.administration";
inline constexpr char kAdministrationMembers[] = "members";
inline constexpr char kAdministrationVoters[] = "voters";
inline constexpr char kAdministrationCertificates[] = "certificates";
// Addresses of an OVN central outside this cluster; set, no local one is used.
inline constexpr char kConfigCentralIps[] = "ovn.central-ips";
// Milliseconds after which a silent leader of OVN's databases is replaced.
inline constexpr char kConfigElectionTimer[] = "ovn.election-timer";
// The tunnels' protocol, or two of them.
inline constexpr char kConfigEncapsulation[] = "ovn.encapsulation";
// How much OVN's and Open vSwitch's daemons log.
inline constexpr char kConfigLogLevel[] = "ovn.log-level";
// Milliseconds of silence after which the ends of OVN's connections ask for
// each other.
inline constexpr char kConfigProbeInterval[] = "ovn.probe-interval";
// How many members should have central.
inline constexpr char kConfigCentralCount[] = "ovn.central-count";
// Seconds of silence after which another member takes a central's place.
inline constexpr char kConfigCentralReplacement[] = "ovn.central-replacement";
inline constexpr char kCentralReplacementOff[] = "off";
// Seconds that an agent's certificate is valid.
inline constexpr char kConfigCertificateLifetime[] =
    "cluster.certificate-lifetime";
// Seconds that a certificate of an OVN service is valid.
inline constexpr char kConfigOvnCertificateLifetime[] =
    "ovn.certificate-lifetime";
// Whether what cannot be taken back waits.
inline constexpr char kConfigUpgrade[] = "cluster.upgrade";
inline constexpr char kUpgradeHeld[] = "hold";
// The member that may be away for its upgrade, alone.
inline constexpr char kConfigUpgradeSlot[] = "cluster.upgrade-slot";
// Seconds after which a silent member counts as down.
inline constexpr char kConfigVoterTimeout[] = "cluster.voter-timeout";
// How many members should vote.
inline constexpr char kConfigVoters[] = "cluster.voters";

struct ConfigKey {
  absl::string_view name;
  // One sentence without a full stop.
  absl::string_view description;
  // Empty when unset means "none".
  absl::string_view default_value;
  // What it takes, as in "one of 1, 3, 5".
  absl::string_view allowed;
  bool (*valid)(absl::string_view value);
  // Whether a change gives nodes something to do. What only the leader or a
  // timer reads wakes no reconciler, and nobody reports that it has converged.
  bool nodes_follow = false;
  // Keys that came after the first version are known to all members from this
  // level of the feature kFeatureOvnSettings on; see RequireConfigSupport.
  uint32_t settings_level = 0;
  // Of two who set it at the same time the first one has it: to take it from
  // them, or from whoever else has it, one says the revision that one saw.
  bool taken = false;
};

// By name.
const std::vector<ConfigKey>& ConfigKeys();
// Null for unknown keys.
const ConfigKey* FindConfigKey(absl::string_view name);

// False for unknown keys.
bool NodesFollow(absl::string_view name);

// CONFIG_KEY_UNKNOWN with the keys there are.
absl::StatusOr<const ConfigKey*> RequireConfigKey(absl::string_view name);
// Also CONFIG_VALUE_INVALID with what the key takes.
absl::Status ValidateConfig(absl::string_view name, absl::string_view value);

// What is worse with this valid value, a sentence without a full stop; empty
// when nothing is.
std::string ConfigWarning(absl::string_view name, absl::string_view value);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_VALUES_CONFIG_KEYS_H_
