// SPDX-License-Identifier: Apache-2.0
// Replicated states for tests, a line for each fact.
#ifndef MICROOVN_AGENT_RECONCILE_TESTING_STATE_BUILDER_H_
#define MICROOVN_AGENT_RECONCILE_TESTING_STATE_BUILDER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/reconcile/facts/node_view.h"
#include "agent/state/values/cluster_state.h"
#include "microovn/internal/state/v1/command.pb.h"

namespace microovn::agent {

// A cluster of id 'c'*32 at revision 1. Member "node1" has the id '1'*32 and
// the address 10.0.0.1:6686. Not thread-safe.
class StateBuilder {
 public:
  StateBuilder() {
    cluster_.set_format(1);
    cluster_.set_cluster_id(std::string(32, 'c'));
    At(1);
  }

  static std::string Id(int number) {
    return std::string(32, static_cast<char>('0' + number));
  }

  StateBuilder& At(uint64_t revision) {
    cluster_.set_revision(revision);
    cluster_.set_desired_revision(revision);
    state_.cluster_record.Put(kClusterKey, cluster_);
    return *this;
  }

  StateBuilder& Member(
      int number, const std::vector<statepb::Service>& services,
      statepb::Member::State state = statepb::Member::STATE_ACTIVE) {
    statepb::Member member;
    member.set_member_id(Id(number));
    member.set_name(absl::StrCat("node", number));
    member.set_address(absl::StrCat(host_prefix_, number, ":6686"));
    member.set_ordinal(static_cast<uint64_t>(number));
    member.set_state(state);
    for (const statepb::Service service : services) {
      member.add_services(service);
    }
    state_.members.Put(member.member_id(), member);
    return *this;
  }

  // Addresses of members that follow: "127.0.0." gives 127.0.0.1.
  StateBuilder& Hosts(std::string prefix) {
    host_prefix_ = std::move(prefix);
    return *this;
  }

  StateBuilder& EncapIp(int number, const std::string& ip) {
    statepb::Member member = *state_.members.Find(Id(number));
    member.set_encap_ip(ip);
    state_.members.Put(member.member_id(), member);
    return *this;
  }

  // "nb" or "sb"; made when somebody has joined.
  StateBuilder& Database(const std::string& name, int creator,
                         const std::vector<int>& joined,
                         const std::string& cluster_id) {
    statepb::Database database;
    database.set_name(name);
    database.set_creator_id(Id(creator));
    database.set_created(!joined.empty());
    database.set_ovsdb_cluster_id(cluster_id);
    for (const int number : joined) database.add_joined_ids(Id(number));
    state_.databases.Put(name, database);
    return *this;
  }

  StateBuilder& Databases(int creator, const std::vector<int>& joined,
                          const std::string& cluster_id = "") {
    return Database("nb", creator, joined, cluster_id)
        .Database("sb", creator, joined, cluster_id);
  }

  // "nb", to be made anew, or made anew, in the place of that one.
  StateBuilder& Replaces(const std::string& cluster_id) {
    statepb::Database database = *state_.databases.Find("nb");
    database.set_replaced_cluster_id(cluster_id);
    state_.databases.Put("nb", database);
    return *this;
  }

  // At the address that member `number` would have, or another one.
  StateBuilder& Tombstone(int number, const std::string& name,
                          const std::string& address = "") {
    statepb::Tombstone tombstone;
    tombstone.set_member_id(Id(number));
    tombstone.set_name(name);
    tombstone.set_address(address.empty()
                              ? absl::StrCat(host_prefix_, number, ":6686")
                              : address);
    state_.tombstones.Put(tombstone.member_id(), tombstone);
    return *this;
  }

  StateBuilder& PutOut(int number) {
    statepb::Member member = *state_.members.Find(Id(number));
    member.set_put_out_revision(cluster_.desired_revision());
    state_.members.Put(member.member_id(), member);
    return *this;
  }

  StateBuilder& Remove(int number) {
    state_.members.Erase(Id(number));
    return *this;
  }

  // What the member reports of its servers.
  StateBuilder& ServerId(int number, const std::string& id) {
    statepb::MemberReport report;
    report.set_member_id(Id(number));
    report.set_nb_server_id(id);
    report.set_sb_server_id(id);
    state_.reports.Put(report.member_id(), report);
    return *this;
  }

  // Schemas that the member's OVN expects, as it reports.
  StateBuilder& Expects(int number, const std::string& nb,
                        const std::string& sb) {
    const statepb::MemberReport* known = state_.reports.Find(Id(number));
    statepb::MemberReport report;
    if (known != nullptr) report = *known;
    report.set_member_id(Id(number));
    report.set_expected_nb_schema(nb);
    report.set_expected_sb_schema(sb);
    state_.reports.Put(report.member_id(), report);
    return *this;
  }

  StateBuilder& Config(const std::string& key, const std::string& value) {
    statepb::ConfigEntry entry;
    entry.set_key(key);
    entry.set_value(value);
    state_.configs.Put(key, entry);
    return *this;
  }

  StateBuilder& OvnAuthority(const std::string& ca_pem,
                             const std::string& bundle_pem) {
    statepb::Authority authority;
    authority.set_plane(statepb::PLANE_OVN);
    authority.set_certificate_pem(ca_pem);
    authority.set_bundle_pem(bundle_pem);
    state_.authorities.Put(AuthorityKey(statepb::PLANE_OVN), authority);
    return *this;
  }

  // A rotation of OVN's CA has come as far as this.
  StateBuilder& OvnGeneration(uint64_t generation) {
    statepb::Authority authority =
        *state_.authorities.Find(AuthorityKey(statepb::PLANE_OVN));
    authority.set_generation(generation);
    authority.set_rotation_id(std::string(32, 'r'));
    state_.authorities.Put(AuthorityKey(statepb::PLANE_OVN), authority);
    return *this;
  }

  // The rotation of OvnGeneration, which the removal of that member called for.
  StateBuilder& RotatedBecauseOf(const std::string& name) {
    statepb::Operation rotation;
    rotation.set_operation_id(std::string(32, 'r'));
    rotation.set_because_of(name);
    state_.operations.Put(rotation.operation_id(), rotation);
    return *this;
  }

  StateBuilder& OvnPhase(statepb::Authority::Phase phase) {
    statepb::Authority authority =
        *state_.authorities.Find(AuthorityKey(statepb::PLANE_OVN));
    authority.set_phase(phase);
    state_.authorities.Put(AuthorityKey(statepb::PLANE_OVN), authority);
    return *this;
  }

  StateBuilder& ClusterGeneration(uint64_t generation) {
    statepb::Authority authority;
    authority.set_plane(statepb::PLANE_CLUSTER);
    authority.set_generation(generation);
    authority.set_rotation_id(std::string(32, 'r'));
    state_.authorities.Put(AuthorityKey(statepb::PLANE_CLUSTER), authority);
    return *this;
  }

  // What Apply does with a report.
  StateBuilder& Report(const statepb::ReportMember& command) {
    const statepb::MemberReport& report = command.report();
    state_.reports.Put(report.member_id(), report);
    const statepb::Member* known = state_.members.Find(report.member_id());
    if (known == nullptr) return *this;
    statepb::Member member = *known;
    *member.mutable_features() = command.features();
    state_.members.Put(member.member_id(), member);
    return *this;
  }

  NodeView View(int self) const {
    return NodeView(std::make_shared<const ClusterState>(state_), Id(self));
  }

 private:
  std::string host_prefix_ = "10.0.0.";
  statepb::Cluster cluster_;
  ClusterState state_;
};

inline const std::vector<statepb::Service>& AllStateServices() {
  static const auto& services = *new std::vector<statepb::Service>{
      statepb::SERVICE_CENTRAL, statepb::SERVICE_CHASSIS,
      statepb::SERVICE_SWITCH};
  return services;
}

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_TESTING_STATE_BUILDER_H_
