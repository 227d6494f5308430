// SPDX-License-Identifier: Apache-2.0
#include "agent/state/values/cluster_state.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "agent/state/values/config_keys.h"

namespace microovn::agent {
namespace {

using statepb::Member;

template <typename Predicate>
const Member* FirstMember(const ClusterState& state, Predicate matches) {
  for (const auto& [id, member] : state.members.records()) {
    if (matches(*member)) return member.get();
  }
  return nullptr;
}

template <typename Predicate>
std::vector<const Member*> Select(const ClusterState& state,
                                  Predicate matches) {
  std::vector<const Member*> selected;
  for (const auto& [id, member] : state.members.records()) {
    if (matches(*member)) selected.push_back(member.get());
  }
  std::sort(selected.begin(), selected.end(),
            [](const Member* a, const Member* b) {
              return a->ordinal() < b->ordinal();
            });
  return selected;
}

}  // namespace

const statepb::Cluster& ClusterState::cluster() const {
  const statepb::Cluster* record = cluster_record.Find(kClusterKey);
  return record == nullptr ? statepb::Cluster::default_instance() : *record;
}

std::string AuthorityKey(statepb::Plane plane) {
  return plane == statepb::PLANE_CLUSTER ? "cluster" : "ovn";
}

std::string EventKey(uint64_t revision) {
  return absl::StrFormat("%020d", revision);
}

std::string ServiceName(statepb::Service service) {
  switch (service) {
    case statepb::SERVICE_CENTRAL:
      return "central";
    case statepb::SERVICE_CHASSIS:
      return "chassis";
    case statepb::SERVICE_SWITCH:
      return "switch";
    default:
      return "unknown";
  }
}

std::string DatabaseTitle(absl::string_view name) {
  return name == "nb" ? "Northbound" : "Southbound";
}

std::string MemberResource(const Member& member) {
  return absl::StrCat("members/", member.name());
}

const Member* FindMember(const ClusterState& state, absl::string_view name) {
  return FirstMember(state,
                     [name](const Member& m) { return m.name() == name; });
}

const Member* FindMemberByKey(const ClusterState& state,
                              absl::string_view spki_sha256) {
  return FirstMember(state, [spki_sha256](const Member& m) {
    return std::find(m.spki_sha256().begin(), m.spki_sha256().end(),
                     spki_sha256) != m.spki_sha256().end();
  });
}

std::string NameOfMember(const ClusterState& state, absl::string_view id) {
  const Member* member = state.members.Find(id);
  return member == nullptr ? std::string(id) : member->name();
}

std::vector<const Member*> MembersInOrder(const ClusterState& state) {
  return Select(state, [](const Member&) { return true; });
}

std::vector<const Member*> ActiveMembers(const ClusterState& state) {
  return Select(
      state, [](const Member& m) { return m.state() == Member::STATE_ACTIVE; });
}

std::vector<const Member*> CentralMembers(const ClusterState& state) {
  return Select(
      state, [](const Member& m) { return Runs(m, statepb::SERVICE_CENTRAL); });
}

bool Runs(const Member& member, statepb::Service service) {
  return member.state() != Member::STATE_LEAVING &&
         std::find(member.services().begin(), member.services().end(),
                   service) != member.services().end();
}

bool Creates(const statepb::Database& database, absl::string_view member_id) {
  return !database.created() && database.creator_id() == member_id;
}

bool Recovers(const statepb::Database& database) {
  return !database.created() && !database.replaced_cluster_id().empty();
}

bool HasJoined(const statepb::Database& database, absl::string_view member_id) {
  return std::find(database.joined_ids().begin(), database.joined_ids().end(),
                   member_id) != database.joined_ids().end();
}

std::string ConfigValue(const ClusterState& state, absl::string_view key) {
  const statepb::ConfigEntry* entry = state.configs.Find(key);
  if (entry != nullptr) return entry->value();
  const ConfigKey* known = FindConfigKey(key);
  return known == nullptr ? "" : std::string(known->default_value);
}

int ConfigNumber(const ClusterState& state, absl::string_view key) {
  int number = 0;
  return absl::SimpleAtoi(ConfigValue(state, key), &number) ? number : 0;
}

}  // namespace microovn::agent
