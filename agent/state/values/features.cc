// SPDX-License-Identifier: Apache-2.0
#include "agent/state/values/features.h"

#include <algorithm>
#include <map>

#include "agent/errors/cluster_errors.h"
#include "agent/errors/config_errors.h"
#include "agent/state/values/config_keys.h"

namespace microovn::agent {
namespace {

using statepb::Command;
using statepb::FeatureLevel;
using statepb::Member;

struct GatedCommand {
  Command::BodyCase body;
  absl::string_view feature;
  uint32_t level;
};

// Commands that came later than the first version.
constexpr GatedCommand kGated[] = {
    {Command::kWithdrawMember, kFeatureJoinWithdrawal, 1},
    {Command::kObserveCluster, kFeatureEvents, 1},
    {Command::kCancelOperation, kFeatureOperationCancel, 1},
    {Command::kAdvanceRotation, kFeatureCaRotation, 1},
    {Command::kSetSealingCertificate, kFeatureSealingRenewal, 1},
    {Command::kRequestAuthority, kFeatureCaRequest, 1},
    {Command::kSetEncapIp, kFeatureMemberAddresses, 1},
    {Command::kAddUser, kFeatureUsers, 1},
    {Command::kRevokeUser, kFeatureUsers, 1},
};

uint32_t LevelIn(const FeatureLevels& features, absl::string_view name) {
  for (const FeatureLevel& feature : features) {
    if (feature.name() == name) return feature.level();
  }
  return 0;
}

}  // namespace

const std::vector<KnownFeature>& KnownFeatures() {
  static const auto* const kKnown = new std::vector<KnownFeature>{
      {kFeatureCaRequest, 1,
       "The cluster makes a CA's key and a CA of yours its certificate, and "
       "each "
       "key of a rotation has holders of its own"},
      {kFeatureCaRotation, kCaRotationSetsAside,
       "The CAs are replaced in phases that every member follows, and one that "
       "is off can be set aside"},
      {kFeatureCentralReplacement, 1,
       "Another member takes the place of a central that was removed or is "
       "lost"},
      {kFeatureEvents, 1,
       "Events name who asked, count what repeats, and tell what the leader "
       "sees"},
      {kFeatureDatabaseRecovery, 1,
       "An OVN database that has lost its quorum is made anew from one copy"},
      {kFeatureJoinStatement, 1,
       "A joiner signs all that it asks for, so that nobody changes it on its "
       "way"},
      {kFeatureJoinWithdrawal, 1,
       "A join that is given up is taken back without waiting for its end"},
      {kFeatureMemberAddresses, 1, "A member's tunnel address can be changed"},
      {kFeatureOperationCancel, 1,
       "An operation that waits can be ended, and is undone"},
      {kFeatureOvnSettings, 7,
       "The tunnels' protocol, the databases' election timer, the daemons' log "
       "level, whose turn it is in an upgrade, how often connections are "
       "probed, where the cluster is administered and when a central is "
       "replaced are settings"},
      {kFeatureParsedCertificates, 1,
       "What is no certificate, or of another key than is registered, does not "
       "get into the state"},
      {kFeatureSealingRenewal, 1,
       "A member whose sealing key was lost gets another, and the CA keys with "
       "it"},
      {kFeatureUsers, 1,
       "People get certificates with a role, and what they open ends when they "
       "are revoked"},
      {kFeatureWorkers, 1,
       "A token can make a member a worker, which never votes or administers"},
  };
  return *kKnown;
}

FeatureLevels AnnouncedFeatures() {
  FeatureLevels announced;
  for (const KnownFeature& known : KnownFeatures()) {
    FeatureLevel* feature = announced.Add();
    feature->set_name(std::string(known.name));
    feature->set_level(known.level);
  }
  return announced;
}

uint32_t ActiveLevel(const ClusterState& state, absl::string_view name) {
  const FeatureLevel* active = state.features.Find(name);
  return active == nullptr ? 0 : active->level();
}

std::vector<FeatureLevel> RisingFeatures(const ClusterState& state) {
  if (ConfigValue(state, kConfigUpgrade) == kUpgradeHeld) return {};
  // Of the names that all members so far have announced.
  std::map<std::string, uint32_t> common;
  bool first = true;
  for (const auto& [id, member] : state.members.records()) {
    std::map<std::string, uint32_t> both;
    for (const FeatureLevel& feature : member->features()) {
      const auto known = common.find(feature.name());
      if (first) {
        both[feature.name()] = feature.level();
      } else if (known != common.end()) {
        both[feature.name()] = std::min(known->second, feature.level());
      }
    }
    common = std::move(both);
    first = false;
  }
  std::vector<FeatureLevel> rising;
  for (const auto& [name, level] : common) {
    if (level <= ActiveLevel(state, name)) continue;
    FeatureLevel feature;
    feature.set_name(name);
    feature.set_level(level);
    rising.push_back(std::move(feature));
  }
  return rising;
}

std::vector<std::string> WhoLacks(const ClusterState& state,
                                  absl::string_view name, uint32_t level) {
  std::vector<std::string> names;
  for (const Member* member : MembersInOrder(state)) {
    if (LevelIn(member->features(), name) < level) {
      names.push_back(member->name());
    }
  }
  return names;
}

absl::Status CheckSupport(const ClusterState& state,
                          const FeatureLevels& supported,
                          absl::string_view who) {
  for (const auto& [name, active] : state.features.records()) {
    if (LevelIn(supported, name) < active->level()) {
      return FeatureNotSupported(who, name, active->level());
    }
  }
  return absl::OkStatus();
}

bool AllowsCommand(const ClusterState& state, Command::BodyCase body) {
  return std::all_of(std::begin(kGated), std::end(kGated),
                     [&state, body](const GatedCommand& gated) {
                       return gated.body != body ||
                              ActiveLevel(state, gated.feature) >= gated.level;
                     });
}

bool AllowsConfig(const ClusterState& state, absl::string_view key) {
  const ConfigKey* known = FindConfigKey(key);
  return known != nullptr &&
         ActiveLevel(state, kFeatureOvnSettings) >= known->settings_level;
}

bool AllowsConfigValue(const ClusterState& state, absl::string_view key,
                       absl::string_view value) {
  return key != kConfigAdministration || value != kAdministrationCertificates ||
         ActiveLevel(state, kFeatureUsers) > 0;
}

absl::Status RequireConfigSupport(const ClusterState& state,
                                  absl::string_view key,
                                  absl::string_view value) {
  if (!AllowsConfigValue(state, key, value)) {
    return ConfigKeyNotSupported(key, WhoLacks(state, kFeatureUsers, 1));
  }
  const ConfigKey* known = FindConfigKey(key);
  if (known == nullptr || AllowsConfig(state, key)) return absl::OkStatus();
  return ConfigKeyNotSupported(
      key, WhoLacks(state, kFeatureOvnSettings, known->settings_level));
}

}  // namespace microovn::agent
