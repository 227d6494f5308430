// SPDX-License-Identifier: Apache-2.0
#include "agent/health/testing/test_facts.h"

#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

void AddDatabase(int n, const std::string& name,
                 peerpb::GetLocalStatusResponse& answer) {
  const bool nb = name == "nb";
  peerpb::LocalDatabase* database = answer.add_databases();
  database->set_name(name);
  database->set_schema(nb ? "7.0.0" : "20.27.0");
  database->mutable_replica()->set_status("cluster member");
  database->mutable_replica()->set_role(n == 1 ? "leader" : "follower");
  database->set_server_id(absl::StrCat("5e00", n, "-0000"));
  database->set_leader("5e001");
  database->set_settled_millis(3'600'000);
  for (int other = 1; other <= 3; ++other) {
    peerpb::DatabaseServer* server = database->add_servers();
    server->set_id(absl::StrCat("5e00", other));
    server->set_address(
        absl::StrCat("ssl:10.0.0.", other, nb ? ":6643" : ":6644"));
    server->set_self(other == n);
    // A follower hears from its leader only.
    server->set_heard_millis(other == n ? 0 : n == 1 || other == 1 ? 20 : -1);
  }
  if (nb) return;
  database->set_has_rows(true);
  for (int other = 1; other <= 3; ++other) {
    peerpb::ChassisRow* row = database->add_chassis();
    row->set_name(absl::StrCat("node", other));
    row->add_encap_types("geneve");
    row->add_encap_ips(absl::StrCat("10.0.0.", other));
  }
}

}  // namespace

std::string IdOf(int n) { return absl::StrCat(std::string(31, '0'), n); }

statepb::Member MakeMember(int n) {
  statepb::Member member;
  member.set_member_id(IdOf(n));
  member.set_name(absl::StrCat("node", n));
  member.set_address(absl::StrCat("10.0.0.", n, ":6686"));
  member.set_ordinal(static_cast<uint64_t>(n));
  member.set_state(statepb::Member::STATE_ACTIVE);
  member.add_services(statepb::SERVICE_CENTRAL);
  member.add_services(statepb::SERVICE_CHASSIS);
  return member;
}

peerpb::GetLocalStatusResponse HealthyAnswer(int n) {
  peerpb::GetLocalStatusResponse answer;
  answer.set_member_id(IdOf(n));
  answer.set_applied_index(100);
  answer.set_expected_nb_schema("7.0.0");
  answer.set_expected_sb_schema("20.27.0");
  for (const char* unit : {"ovn-northd", "chassis", "ovn-ovsdb-server-nb",
                           "ovn-ovsdb-server-sb"}) {
    v1::Daemon* daemon = answer.add_daemons();
    daemon->set_unit(unit);
    daemon->set_state(v1::Daemon::STATE_READY);
    daemon->set_pid(4711);
    peerpb::DaemonPulse* pulse = answer.add_pulses();
    pulse->set_unit(unit);
    pulse->set_ready_millis(60'000);
  }
  AddDatabase(n, "nb", answer);
  AddDatabase(n, "sb", answer);
  return answer;
}

ClusterFacts HealthyFacts() {
  ClusterState state;
  statepb::Cluster cluster;
  cluster.set_cluster_id(std::string(32, 'c'));
  state.cluster_record.Put(kClusterKey, cluster);
  ClusterFacts facts;
  for (int n = 1; n <= 3; ++n) {
    state.members.Put(IdOf(n), MakeMember(n));
    facts.voters.insert(IdOf(n));
    facts.answers.insert_or_assign(IdOf(n), HealthyAnswer(n));
  }
  facts.state = std::make_shared<const ClusterState>(std::move(state));
  facts.self_id = IdOf(1);
  facts.leader_id = IdOf(1);
  facts.last_index = 100;
  facts.now = absl::FromUnixSeconds(1'700'000'000);
  return facts;
}

void Silence(ClusterFacts& facts, int n) {
  facts.answers.insert_or_assign(IdOf(n), absl::UnavailableError("silence"));
}

void ChangeState(ClusterFacts& facts,
                 const std::function<void(ClusterState&)>& change) {
  ClusterState state = *facts.state;
  change(state);
  facts.state = std::make_shared<const ClusterState>(std::move(state));
}

void ChangeAnswer(
    ClusterFacts& facts, int n,
    const std::function<void(peerpb::GetLocalStatusResponse&)>& change) {
  change(*facts.answers.at(IdOf(n)));
}

peerpb::DaemonPulse& PulseOf(peerpb::GetLocalStatusResponse& answer,
                             const std::string& unit) {
  for (peerpb::DaemonPulse& pulse : *answer.mutable_pulses()) {
    if (pulse.unit() == unit) return pulse;
  }
  std::abort();
}

std::string ReasonsIn(const v1::ClusterStatus& status) {
  std::string reasons;
  for (const v1::Finding& finding : status.findings()) {
    reasons += finding.reason() + " ";
  }
  return reasons;
}

std::string FindingsIn(const v1::ClusterStatus& status) {
  std::string text;
  for (const v1::Finding& finding : status.findings()) {
    absl::StrAppend(&text, text.empty() ? "" : " | ", finding.reason(), " ",
                    finding.member());
  }
  return text;
}

}  // namespace microovn::agent
