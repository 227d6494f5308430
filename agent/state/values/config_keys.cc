#include "agent/state/values/config_keys.h"

#include <cstddef>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "agent/errors/config_errors.h"
#include "base/host_port.h"
#include "base/status_macros.h"

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

bool ThreeFive(absl::string_view value) { return value == "3" || value == "5"; }

}  // namespace

const std::vector<ConfigKey>& ConfigKeys() {
  static const auto* const kKeys = new std::vector<ConfigKey>{
      {kConfigCertificateLifetime,
       "Seconds that the agents' own certificates are valid from their next "
       "renewal on, which is at half of that",
       "2592000", "a whole number from 60 to 31536000", CertificateLifetime},
      {kConfigVoterTimeout,
       "Seconds after which a stand-by takes the place of a silent voter", "20",
       "a whole number from 5 to 3600", VoterTimeout},
      {kConfigVoters,
       "How many members vote in the replicated log, when there are as many",
       "3", "3 or 5", ThreeFive},
      {kConfigCentralCount,
       "How many members get central by default when they join", "3",
       "1, 3 or 5", OneThreeFive},
      {kConfigCentralIps,
       "Addresses of an OVN central outside this cluster, for all members", "",
       "up to 16 different IPv4 or IPv6 addresses without brackets or spaces, "
       "separated by commas",
       ValidCentralIps, /*nodes_follow=*/true},
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

}  // namespace microovn::agent
