// SPDX-License-Identifier: Apache-2.0
#include "agent/state/values/config_keys.h"

#include <cstddef>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "agent/errors/config_errors.h"
#include "base/status/status_macros.h"
#include "base/text/host_port.h"
#include "pki/name/member_name.h"

namespace microovn::agent {
namespace {

// OVSDB clients try their remotes one after another; more than this helps
// nobody.
constexpr size_t kMaxCentralIps = 16;

bool ValidCentralIps(absl::string_view value) {
  const std::vector<std::string> items = absl::StrSplit(value, ',');
  if (items.size() > kMaxCentralIps) return false;
  std::set<std::string> seen;
  for (const std::string& item : items) {
    const absl::StatusOr<std::string> address = ParseIpAddress(item);
    if (!address.ok() || !seen.insert(*address).second) return false;
  }
  return true;
}

bool OneThreeFive(absl::string_view value) {
  return value == "1" || value == "3" || value == "5";
}

bool NumberFrom(int least, int most, absl::string_view value) {
  int number = 0;
  return absl::SimpleAtoi(value, &number) && number >= least &&
         number <= most && value == absl::StrCat(number);
}

bool VoterTimeout(absl::string_view value) {
  return NumberFrom(5, 3600, value);
}

// A year at most.
bool CertificateLifetime(absl::string_view value) {
  return NumberFrom(60, 365 * 86400, value);
}

// As long as the cluster's own OVN CA at most.
bool OvnCertificateLifetime(absl::string_view value) {
  return NumberFrom(60, 3650 * 86400, value);
}

bool Upgrade(absl::string_view value) {
  return value == "automatic" || value == kUpgradeHeld;
}

bool Administration(absl::string_view value) {
  return value == kAdministrationMembers || value == kAdministrationVoters ||
         value == kAdministrationCertificates;
}

bool UpgradeSlot(absl::string_view value) { return pki::IsMemberName(value); }

bool LogLevel(absl::string_view value) {
  return value == "off" || value == "emer" || value == "err" ||
         value == "warn" || value == "info" || value == "dbg";
}

bool ElectionTimer(absl::string_view value) {
  return NumberFrom(1000, 60000, value);
}

// OVN takes less than a second for a second.
bool ProbeInterval(absl::string_view value) {
  return value == "0" || NumberFrom(1000, 3600000, value);
}

bool CentralReplacement(absl::string_view value) {
  return value == kCentralReplacementOff || NumberFrom(60, 86400, value);
}

bool Encapsulation(absl::string_view value) {
  return value == "geneve" || value == "vxlan" || value == "geneve,vxlan";
}

bool ThreeFive(absl::string_view value) { return value == "3" || value == "5"; }

}  // namespace

const std::vector<ConfigKey>& ConfigKeys() {
  static const auto* const kKeys = new std::vector<ConfigKey>{
      {kConfigAdministration,
       "Who administers the cluster: root on any member, on voters only, or "
       "people with certificates only; root on a worker never does",
       "members", "members, voters or certificates", Administration,
       /*nodes_follow=*/false,
       /*settings_level=*/6},
      {kConfigCertificateLifetime,
       "Seconds that the agents' own certificates are valid from their next "
       "renewal on, which is at half of that",
       "2592000", "a whole number from 60 to 31536000", CertificateLifetime},
      {kConfigUpgrade,
       "Whether databases are converted and features switched on once all "
       "members can; on hold, an upgrade can be taken back",
       "automatic", "automatic or hold", Upgrade, /*nodes_follow=*/true},
      {kConfigUpgradeSlot,
       "Member that may be away for its upgrade, alone; taken by microovn "
       "upgrade begin",
       "", "a member's name", UpgradeSlot, /*nodes_follow=*/false,
       /*settings_level=*/4, /*taken=*/true},
      {kConfigVoterTimeout,
       "Seconds after which a stand-by takes the place of a silent voter", "20",
       "a whole number from 5 to 3600", VoterTimeout},
      {kConfigVoters,
       "How many members vote in the replicated log, when there are as many",
       "3", "3 or 5", ThreeFive},
      {kConfigCentralCount,
       "How many members have central, by default at a join and by replacement",
       "3", "1, 3 or 5", OneThreeFive},
      {kConfigCentralIps,
       "Addresses of an OVN central outside this cluster, for all members", "",
       "up to 16 different IPv4 or IPv6 addresses without brackets or spaces, "
       "separated by commas",
       ValidCentralIps, /*nodes_follow=*/true},
      {kConfigCentralReplacement,
       "Seconds of silence after which another member takes the place of a "
       "central; of one that was removed, at once",
       "900", "off, or a whole number from 60 to 86400", CentralReplacement,
       /*nodes_follow=*/false, /*settings_level=*/7},
      {kConfigOvnCertificateLifetime,
       "Seconds that certificates of OVN's services are valid from their next "
       "issue on",
       "63072000", "a whole number from 60 to 315360000",
       OvnCertificateLifetime},
      {kConfigElectionTimer,
       "Milliseconds after which OVN's databases replace a leader that is "
       "silent",
       "1000", "a whole number from 1000 to 60000", ElectionTimer,
       /*nodes_follow=*/true, /*settings_level=*/2},
      {kConfigEncapsulation,
       "Protocol of the tunnels between chassis; of two, OVN prefers Geneve",
       "geneve", "geneve, vxlan or geneve,vxlan", Encapsulation,
       /*nodes_follow=*/true, /*settings_level=*/1},
      {kConfigLogLevel,
       "Least severe messages that OVN's and Open vSwitch's daemons log",
       "info", "off, emer, err, warn, info or dbg", LogLevel,
       /*nodes_follow=*/true, /*settings_level=*/3},
      {kConfigProbeInterval,
       "Milliseconds of silence after which OVN's databases and daemons ask "
       "whether the other end is there, 0 for never; not set, OVN's own values "
       "or those set by hand hold",
       "", "0, or a whole number from 1000 to 3600000", ProbeInterval,
       /*nodes_follow=*/true, /*settings_level=*/5},
  };
  return *kKeys;
}

const ConfigKey* FindConfigKey(absl::string_view name) {
  for (const ConfigKey& key : ConfigKeys()) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

bool NodesFollow(absl::string_view name) {
  const ConfigKey* key = FindConfigKey(name);
  return key != nullptr && key->nodes_follow;
}

absl::StatusOr<const ConfigKey*> RequireConfigKey(absl::string_view name) {
  const ConfigKey* key = FindConfigKey(name);
  if (key != nullptr) return key;
  return ConfigKeyUnknown(
      name, absl::StrJoin(ConfigKeys(), ", ",
                          [](std::string* out, const ConfigKey& known) {
                            absl::StrAppend(out, known.name);
                          }));
}

absl::Status ValidateConfig(absl::string_view name, absl::string_view value) {
  ASSIGN_OR_RETURN(const ConfigKey* key, RequireConfigKey(name));
  if (!key->valid(value)) return ConfigValueInvalid(name, value, key->allowed);
  return absl::OkStatus();
}

std::string ConfigWarning(absl::string_view name, absl::string_view value) {
  if (name == kConfigAdministration && value == kAdministrationCertificates) {
    return "no root, and nobody at a socket, changes anything any more; "
           "root on a voter can take this back with microovn config set "
           "cluster.administration voters, and no administrator's certificate "
           "that is valid means the same as voters";
  }
  if (name == kConfigEncapsulation && absl::StrContains(value, "vxlan")) {
    return "with VXLAN on any chassis OVN has room for 4095 switches and "
           "routers of 2047 ports each, and an ACL cannot match on the port "
           "that "
           "a packet came in by";
  }
  if (name == kConfigProbeInterval && value == "0") {
    return "nobody notices that the other end of a connection is gone when its "
           "machine or the network between them has died, until TCP does";
  }
  return "";
}

}  // namespace microovn::agent
