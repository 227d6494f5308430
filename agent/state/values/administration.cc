// SPDX-License-Identifier: Apache-2.0
#include "agent/state/values/administration.h"

#include <vector>

#include "absl/strings/str_join.h"
#include "agent/errors/cluster_errors.h"
#include "agent/errors/user_errors.h"
#include "agent/state/values/config_keys.h"
#include "agent/state/values/users.h"

namespace microovn::agent {
namespace {

using statepb::Member;

bool IsAdministeredOn(const Member& member, const std::set<std::string>& voters,
                      absl::string_view setting) {
  if (member.worker()) return false;
  return setting == kAdministrationMembers ||
         voters.count(member.member_id()) > 0;
}

// The names, in the order in which they came.
std::string Where(const ClusterState& state,
                  const std::set<std::string>& voters,
                  absl::string_view setting) {
  std::vector<std::string> names;
  for (const Member* member : ActiveMembers(state)) {
    if (IsAdministeredOn(*member, voters, setting)) {
      names.push_back(member->name());
    }
  }
  return absl::StrJoin(names, ", ");
}

}  // namespace

absl::Status CheckAdministeredOn(const ClusterState& state,
                                 const std::set<std::string>& voters,
                                 const std::string& member_id) {
  const Member* member = state.members.Find(member_id);
  if (member == nullptr) return MemberNotFound(member_id);
  const std::string setting = ConfigValue(state, kConfigAdministration);
  if (IsAdministeredOn(*member, voters, setting)) return absl::OkStatus();
  return NotAdministeredHere(member->name(), member->worker(),
                             Where(state, voters, setting));
}

absl::Status CheckAdministeredAtSockets(const ClusterState& state,
                                        absl::Time now) {
  if (ConfigValue(state, kConfigAdministration) ==
          kAdministrationCertificates &&
      HasAdmin(state, now)) {
    return AdministeredByCertificate();
  }
  return absl::OkStatus();
}

bool IsWayBack(absl::string_view key, absl::string_view value) {
  return key == kConfigAdministration && value == kAdministrationVoters;
}

bool IsOwnUpgradeSlot(const ClusterState& state, const std::string& member_id,
                      absl::string_view key, absl::string_view value) {
  const Member* member = state.members.Find(member_id);
  if (key != kConfigUpgradeSlot || member == nullptr || member->worker()) {
    return false;
  }
  const auto is_its_own = [member](absl::string_view slot) {
    return slot.empty() || slot == member->name();
  };
  return is_its_own(value) && is_its_own(ConfigValue(state, key));
}

absl::Status CheckStaysAdministeredOn(const ClusterState& state,
                                      const std::set<std::string>& voters,
                                      const std::string& member_id,
                                      absl::string_view value) {
  const Member* member = state.members.Find(member_id);
  if (member == nullptr || IsAdministeredOn(*member, voters, value)) {
    return absl::OkStatus();
  }
  return WouldShutOutAsker(member->name(), Where(state, voters, value));
}

}  // namespace microovn::agent
