// The settings there are: what each does, what it takes, what holds when it is
// not set. Asked by Apply, the config service and the command line's help.
//
// Pure; the registry is immutable.
#ifndef MICROOVN_AGENT_STATE_VALUES_CONFIG_KEYS_H_
#define MICROOVN_AGENT_STATE_VALUES_CONFIG_KEYS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn::agent {

// Addresses of an OVN central outside this cluster; set, no local one is used.
inline constexpr char kConfigCentralIps[] = "ovn.central-ips";
// How many members should have central.
inline constexpr char kConfigCentralCount[] = "ovn.central-count";
// Seconds that an agent's certificate is valid.
inline constexpr char kConfigCertificateLifetime[] =
    "cluster.certificate-lifetime";
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

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_VALUES_CONFIG_KEYS_H_
