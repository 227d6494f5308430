// SPDX-License-Identifier: Apache-2.0
#include "agent/health/cluster_status.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/api/converters.h"
#include "agent/health/database_findings.h"
#include "agent/health/database_view.h"
#include "agent/health/member_rows.h"
#include "agent/state/values/features.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

// Nobody is at the other end of a tunnel.
bool AloneWithItsTunnels(const ClusterState& state) {
  return state.members.records().size() < 2;
}

// What a member says of itself, for those who read of all of them.
void AddOwnFindings(const ClusterFacts& facts,
                    const peerpb::GetLocalStatusResponse& local,
                    const std::string& name, v1::MemberStatus& status) {
  for (const v1::Finding& finding : local.findings()) {
    if (finding.reason() == "TUNNELS_NOT_POSSIBLE" &&
        AloneWithItsTunnels(*facts.state)) {
      continue;
    }
    v1::Finding* added = status.add_findings();
    *added = finding;
    if (added->member().empty()) added->set_member(name);
    if (!absl::StrContains(added->message(), name)) {
      added->set_message(absl::StrCat(name, ": ", finding.message()));
    }
  }
}

v1::MemberStatus DescribeMemberStatus(const ClusterFacts& facts,
                                      v1::Member row) {
  v1::MemberStatus status;
  const auto answer = facts.answers.find(row.member_id());
  *status.mutable_member() = std::move(row);
  if (answer == facts.answers.end() || !answer->second.ok()) return status;
  const peerpb::GetLocalStatusResponse& local = *answer->second;
  *status.mutable_daemons() = local.daemons();
  AddOwnFindings(facts, local, NameOfMember(*facts.state, answer->first),
                 status);
  status.set_datapath(local.datapath());
  status.set_datapath_detail(local.datapath_detail());
  status.set_ovn_version(local.ovn_version());
  status.set_ovs_version(local.ovs_version());
  status.set_custody(local.custody());
  status.set_converged_revision(local.converged_revision());
  return status;
}

const std::string& ExpectedSchema(const peerpb::GetLocalStatusResponse& local,
                                  absl::string_view name) {
  return name == "nb" ? local.expected_nb_schema() : local.expected_sb_schema();
}

// The row of one member's server, and what it says of the whole database.
void AddReplica(const ClusterFacts& facts, const statepb::Member& member,
                absl::string_view name, v1::DatabaseStatus& status) {
  v1::DatabaseReplica replica;
  const auto answer = facts.answers.find(member.member_id());
  if (answer != facts.answers.end() && answer->second.ok()) {
    const peerpb::LocalDatabase* local = LocalDatabaseOf(*answer->second, name);
    if (local != nullptr) {
      replica = local->replica();
      if (status.schema().empty()) status.set_schema(local->schema());
      if (status.cluster_id().empty()) {
        status.set_cluster_id(local->cluster_id());
      }
    }
    replica.set_reachable(true);
    replica.set_expected_schema(ExpectedSchema(*answer->second, name));
  }
  replica.set_member(member.name());
  *status.add_replicas() = std::move(replica);
}

v1::DatabaseStatus DescribeDatabase(const ClusterFacts& facts,
                                    absl::string_view name) {
  v1::DatabaseStatus status;
  status.set_name(DatabaseTitle(name));
  for (const statepb::Member* member : CentralMembers(*facts.state)) {
    AddReplica(facts, *member, name, status);
  }
  const DatabaseView view = ViewDatabase(facts, name);
  status.set_leader(view.leader);
  status.set_servers(static_cast<uint32_t>(view.servers.size()));
  status.set_live_servers(view.live());
  status.set_can_lose(view.CanLose());
  if (status.replicas().empty()) {
    status.set_error("no member has central");
    return status;
  }
  if (status.schema().empty()) {
    status.set_error("no database server answered");
    return status;
  }
  // Every member that answers must expect what is in use, as the schema may
  // only move when all of them can follow.
  status.set_schema_current(true);
  for (const auto& [id, answer] : facts.answers) {
    if (!answer.ok()) continue;
    const std::string& expected = ExpectedSchema(*answer, name);
    if (!expected.empty() && expected != status.schema()) {
      status.set_schema_current(false);
    }
  }
  return status;
}

uint32_t VotersOnline(const ClusterFacts& facts) {
  return static_cast<uint32_t>(std::count_if(
      facts.voters.begin(), facts.voters.end(),
      [&facts](const std::string& id) {
        const auto answer = facts.answers.find(id);
        return answer != facts.answers.end() && answer->second.ok();
      }));
}

// The least of the three quorums: whichever members are lost, all of them go
// on.
void AddTolerance(const ClusterState& state, v1::ClusterStatus& status) {
  const uint32_t needed = status.voters() / 2 + 1;
  status.set_log_can_lose(
      status.voters_online() > needed ? status.voters_online() - needed : 0);
  status.set_can_lose(status.log_can_lose());
  if (!OwnsDatabases(state)) return;
  for (const v1::DatabaseStatus& database : status.databases()) {
    status.set_can_lose(std::min(status.can_lose(), database.can_lose()));
  }
}

void AddFeatures(const ClusterState& state, v1::ClusterStatus& status) {
  std::map<std::string, uint32_t> supported;
  for (const auto& [id, member] : state.members.records()) {
    for (const statepb::FeatureLevel& feature : member->features()) {
      uint32_t& level = supported[feature.name()];
      level = std::max(level, feature.level());
    }
  }
  for (const auto& [name, level] : supported) {
    v1::FeatureStatus* feature = status.add_features();
    feature->set_name(name);
    feature->set_active_level(ActiveLevel(state, name));
    feature->set_supported_level(level);
    for (const std::string& member : WhoLacks(state, name, level)) {
      feature->add_waiting_for(member);
    }
  }
}

}  // namespace

std::vector<v1::DatabaseStatus> DescribeDatabases(const ClusterFacts& facts) {
  return {DescribeDatabase(facts, "nb"), DescribeDatabase(facts, "sb")};
}

v1::ClusterStatus DescribeCluster(const ClusterFacts& facts) {
  v1::ClusterStatus status;
  status.set_cluster_id(facts.state->cluster().cluster_id());
  const std::vector<v1::Member> rows = DescribeMembers(facts);
  for (const std::string& name : Unreachable(rows)) {
    status.add_unreachable(name);
  }
  for (const v1::Member& row : rows) {
    *status.add_members() = DescribeMemberStatus(facts, row);
  }
  for (v1::DatabaseStatus& database : DescribeDatabases(facts)) {
    *status.add_databases() = std::move(database);
  }
  if (!facts.leader_id.empty()) {
    status.set_leader(NameOfMember(*facts.state, facts.leader_id));
  }
  status.set_term(facts.term);
  status.set_voters(static_cast<uint32_t>(facts.voters.size()));
  status.set_voters_online(VotersOnline(facts));
  AddTolerance(*facts.state, status);
  status.set_revision(facts.state->revision());
  AddFeatures(*facts.state, status);
  status.set_stale(facts.stale);
  *status.mutable_time() = ToTimestamp(absl::ToUnixSeconds(facts.now));
  const std::vector<v1::Finding> findings = FindProblems(facts, status);
  status.set_health(Verdict(findings));
  for (const v1::Finding& finding : findings) {
    *status.add_findings() = finding;
  }
  return status;
}

}  // namespace microovn::agent
