// SPDX-License-Identifier: Apache-2.0
#include "ctl/testing/fake_cluster.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status/error.h"
#include "ctl/testing/fake_member.h"
#include "ctl/testing/fake_node.h"
#include "ctl/testing/fake_recovery.h"
#include "ctl/testing/fake_rotation.h"
#include "ctl/testing/fake_users.h"
#include "glog/logging.h"

namespace microovn::ctl {
namespace {

using google::longrunning::Operation;
namespace lro = google::longrunning;

// Of so many, of which a majority must stay.
uint32_t CanLose(uint32_t live, uint32_t all) {
  return live > all / 2 + 1 ? live - (all / 2 + 1) : 0;
}

bool Answers(const v1::Member& member) {
  return member.status() == v1::Member::STATUS_ONLINE;
}

v1::DatabaseStatus MakeDatabase(const Scenario& scenario,
                                const std::string& name,
                                const std::string& schema) {
  v1::DatabaseStatus database;
  database.set_name(name);
  database.set_schema(schema);
  database.set_leader("node1");
  for (int i = 0; i < scenario.members; ++i) {
    const v1::Member member = MakeMember(scenario, i);
    if (member.worker()) continue;
    v1::DatabaseReplica* replica = database.add_replicas();
    replica->set_member(member.name().substr(8));
    replica->set_reachable(Answers(member));
    if (!replica->reachable()) continue;
    replica->set_status("cluster member");
    replica->set_expected_schema(schema);
    replica->set_servers(scenario.members);
    database.set_live_servers(database.live_servers() + 1);
  }
  database.set_servers(static_cast<uint32_t>(database.replicas_size()));
  database.set_can_lose(CanLose(database.live_servers(), database.servers()));
  return database;
}

v1::GetStatusResponse MakeStatus(const Scenario& scenario) {
  v1::GetStatusResponse response;
  v1::ClusterStatus* status = response.mutable_status();
  status->set_health(scenario.sick ? v1::HEALTH_DEGRADED : v1::HEALTH_HEALTHY);
  status->set_leader("node1");
  status->set_term(scenario.sick ? 8 : 7);
  status->set_voters(scenario.workers ? 1 : scenario.members);
  for (int i = 0; i < scenario.members; ++i) {
    v1::MemberStatus* row = status->add_members();
    *row->mutable_member() = MakeMember(scenario, i);
    if (!Answers(row->member())) continue;
    if (row->member().role() == v1::Member::ROLE_VOTER) {
      status->set_voters_online(status->voters_online() + 1);
    }
    for (const char* unit : {"ovn-ovsdb-server-nb", "ovn-ovsdb-server-sb",
                             "ovn-northd", "chassis", "switch"}) {
      if (row->member().worker() && absl::StartsWith(unit, "ovn-")) continue;
      v1::Daemon* daemon = row->add_daemons();
      daemon->set_unit(unit);
      const bool failed = scenario.sick &&
                          row->member().name() == "members/node2" &&
                          daemon->unit() == "ovn-northd";
      daemon->set_state(failed ? v1::Daemon::STATE_FAILED
                               : v1::Daemon::STATE_READY);
    }
    row->set_datapath("netdev");
    row->set_datapath_detail("the kernel has no openvswitch module");
  }
  status->set_log_can_lose(CanLose(status->voters_online(), status->voters()));
  status->set_can_lose(status->log_can_lose());
  *status->add_databases() = MakeDatabase(scenario, "Northbound", "7.0.0");
  *status->add_databases() = MakeDatabase(scenario, "Southbound", "20.27.0");
  if (scenario.leaderless) LoseDatabaseQuorum(status);
  if (scenario.sick) {
    v1::Finding* finding = status->add_findings();
    finding->set_reason("MEMBER_UNREACHABLE");
    finding->set_severity(v1::SEVERITY_WARNING);
    finding->set_message("node10 has not answered for 6 m");
    finding->set_remedy("microovn cluster remove node10 --force");
    status->add_expired_certificates("OVN Chassis Service");
  }
  return response;
}

v1::GetLogResponse MakeLog(const Scenario& scenario) {
  v1::GetLogResponse log;
  log.set_term(scenario.sick ? 8 : 7);
  if (!scenario.leaderless) log.set_leader("node1");
  for (int i = 0; i < scenario.members; ++i) {
    const v1::Member member = MakeMember(scenario, i);
    v1::LogReplica* replica = log.add_replicas();
    replica->set_member(member.name().substr(8));
    if (!Answers(member) || (scenario.leaderless && !member.leader())) continue;
    replica->set_reachable(true);
    replica->set_role(member.leader() ? "leader" : "follower");
    replica->set_term(log.term());
    replica->set_leader("node1");
    replica->set_last_index(8300);
    replica->set_commit_index(8300);
    replica->set_last_term(6);
    replica->set_applied_index(member.leader() ? 8300 : 8299);
    replica->mutable_writes()->set_count(12);
    replica->mutable_writes()->mutable_median()->set_nanos(1'024'000);
    replica->mutable_writes()->mutable_percentile_99()->set_nanos(16'384'000);
    if (!member.leader()) continue;
    replica->set_role_reason("election won");
    replica->mutable_quorum_contact_age()->set_nanos(12'000'000);
    *replica->mutable_commits() = replica->writes();
    for (int j = 0; j < scenario.members; ++j) {
      const v1::Member other = MakeMember(scenario, j);
      if (other.leader()) continue;
      v1::LogPeer* peer = replica->add_peers();
      peer->set_member(other.name().substr(8));
      peer->set_voter(true);
      peer->set_match_index(8300 - other.lag());
      peer->mutable_contact_age()->set_seconds(Answers(other) ? 0 : 360);
    }
  }
  return log;
}

v1::ListMembersResponse MakeMembers(const Scenario& scenario) {
  v1::ListMembersResponse response;
  for (int i = 0; i < scenario.members; ++i) {
    *response.add_members() = MakeMember(scenario, i);
  }
  return response;
}

Operation MakeOperation(const std::string& kind, bool done,
                        bool risky = false) {
  v1::OperationMetadata metadata;
  metadata.set_kind(kind);
  metadata.set_target("members/node2");
  SetTime(FakeNow(), metadata.mutable_create_time());
  v1::Step* first = metadata.mutable_plan()->add_steps();
  first->set_description("leave the Northbound database");
  first->add_members("node2");
  first->set_state(done ? v1::Step::STATE_DONE : v1::Step::STATE_RUNNING);
  v1::Step* second = metadata.mutable_plan()->add_steps();
  second->set_description("stop the services");
  second->set_state(done ? v1::Step::STATE_DONE : v1::Step::STATE_PENDING);
  if (risky) {
    v1::Risk* risk = metadata.mutable_plan()->add_risks();
    risk->set_name("quorum-loss");
    risk->set_description("the cluster may stop to accept changes");
  }
  Operation operation;
  operation.set_name("operations/" + kind + "-1");
  operation.mutable_metadata()->PackFrom(metadata);
  operation.set_done(done);
  if (done) operation.mutable_response()->PackFrom(v1::Member());
  return operation;
}

absl::Status NotInitialized() {
  return MakeError(
      absl::StatusCode::kFailedPrecondition,
      "this node is not a member of a cluster",
      {"NOT_BOOTSTRAPPED",
       "run microovn cluster bootstrap or microovn cluster join TOKEN",
       {}});
}

void PlayReads(const Scenario& scenario, FakeAgent* agent) {
  agent->Answer<v1::GetLogRequest, v1::GetLogResponse>(
      kGetLog, [scenario](const auto&) { return MakeLog(scenario); });
  agent->Answer<v1::GetStatusRequest, v1::GetStatusResponse>(
      kGetStatus, [scenario](const auto&) { return MakeStatus(scenario); });
  agent->Answer<v1::ListMembersRequest, v1::ListMembersResponse>(
      kListMembers, [scenario](const auto&) { return MakeMembers(scenario); });
  agent->Answer<v1::GetMemberRequest, v1::GetMemberResponse>(
      kGetMember,
      [scenario](const v1::GetMemberRequest& request)
          -> absl::StatusOr<v1::GetMemberResponse> {
        const v1::ListMembersResponse members = MakeMembers(scenario);
        for (const v1::Member& member : members.members()) {
          if (member.name() != request.name()) continue;
          v1::GetMemberResponse response;
          *response.mutable_member() = member;
          return response;
        }
        return MakeError(
            absl::StatusCode::kNotFound, "there is no such member",
            {"MEMBER_NOT_FOUND", "see: microovn cluster list", {}});
      });
  agent->AnswerStream<v1::WatchEventsRequest, v1::WatchEventsResponse>(
      kWatchEvents, [](const v1::WatchEventsRequest& request) {
        std::vector<v1::WatchEventsResponse> responses;
        for (uint64_t revision : {7, 9}) {
          if (revision <= request.after_revision()) continue;
          v1::WatchEventsResponse response;
          response.mutable_event()->set_revision(revision);
          SetTime(FakeNow(), response.mutable_event()->mutable_time());
          response.mutable_event()->set_type("MEMBER_ADDED");
          response.mutable_event()->set_resource("members/node2");
          response.mutable_event()->set_message("node2 has joined");
          if (revision == 9) {
            v1::Asker& asker = *response.mutable_event()->mutable_asker();
            asker.set_user("alice");
            asker.set_member("node1");
            asker.set_via("node3");
          }
          responses.push_back(response);
        }
        return responses;
      });
}

void PlayTokens(FakeAgent* agent) {
  agent->Answer<v1::CreateJoinTokenRequest, v1::CreateJoinTokenResponse>(
      kCreateJoinToken,
      [](const v1::CreateJoinTokenRequest& request)
          -> absl::StatusOr<v1::CreateJoinTokenResponse> {
        if (request.member() == "node2") {
          return MakeError(absl::StatusCode::kAlreadyExists,
                           "node2 is a member already",
                           {"MEMBER_NAME_TAKEN", "", {}});
        }
        v1::CreateJoinTokenResponse response;
        response.set_token(absl::StrCat("eyJ-for-", request.member(), "-",
                                        request.ttl().seconds(), "s"));
        return response;
      });
  agent->Answer<v1::ListJoinTokensRequest, v1::ListJoinTokensResponse>(
      kListJoinTokens, [](const auto&) {
        v1::ListJoinTokensResponse response;
        v1::JoinToken* token = response.add_join_tokens();
        token->set_name("joinTokens/0123");
        token->set_member("node4");
        SetTime(FakeNow() + absl::Hours(2), token->mutable_expire_time());
        return response;
      });
  agent->Answer<v1::DeleteJoinTokenRequest, v1::DeleteJoinTokenResponse>(
      kDeleteJoinToken,
      [](const v1::DeleteJoinTokenRequest& request)
          -> absl::StatusOr<v1::DeleteJoinTokenResponse> {
        if (request.name() != "joinTokens/0123" || request.request_id().empty())
          return absl::InternalError("not what was asked for");
        return v1::DeleteJoinTokenResponse();
      });
  agent->Answer<v1::UpdateMemberRequest, v1::UpdateMemberResponse>(
      kUpdateMember, [](const v1::UpdateMemberRequest& request) {
        v1::UpdateMemberResponse response;
        if (request.validate_only()) {
          response.mutable_plan()->add_steps()->set_description(
              "change the tunnel address of node2 from 10.0.0.2 to 10.1.0.2");
        }
        response.mutable_member()->set_name("members/node2");
        response.mutable_member()->set_encap_ip(request.member().encap_ip());
        return response;
      });
  agent->Answer<v1::TransferLeaderRequest, v1::TransferLeaderResponse>(
      kTransferLeader, [](const v1::TransferLeaderRequest& request) {
        v1::TransferLeaderResponse response;
        if (request.validate_only()) {
          response.mutable_plan()->add_steps()->set_description(
              "hand the lead from node1 to node2");
        } else {
          response.set_leader("node2");
        }
        return response;
      });
}

absl::StatusOr<Operation> ChangeService(const Scenario& scenario,
                                        v1::Service service, bool allow_last,
                                        bool enable, bool validate_only,
                                        const std::string& member) {
  const bool central = service == v1::SERVICE_CENTRAL;
  const bool enabled = service != v1::SERVICE_SWITCH;
  if (member == "members/node9") {
    return MakeError(absl::StatusCode::kNotFound, "there is no member node9",
                     {"MEMBER_NOT_FOUND", "see: microovn cluster list", {}});
  }
  if (enable && enabled) {
    return MakeError(absl::StatusCode::kAlreadyExists,
                     "this service is already enabled",
                     {"SERVICE_ALREADY_ENABLED", "", {}});
  }
  if (!enable && !enabled) {
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     "this service is not enabled",
                     {"SERVICE_NOT_ENABLED", "", {}});
  }
  if (!enable && central && scenario.members == 1 && !allow_last) {
    return MakeError(
        absl::StatusCode::kFailedPrecondition,
        "cannot disable last central node without explicit confirmation",
        {"LAST_CENTRAL", "add --allow-disable-last-central", {}});
  }
  Operation operation = MakeOperation(enable ? "enable" : "disable", true);
  if (validate_only) {
    operation.set_name("operations/planned");
    operation.clear_response();
    return operation;
  }
  v1::ChangeServiceResult result;
  const int centrals = scenario.members - (central && !enable ? 1 : 0);
  result.set_central_count(centrals);
  result.set_even_central(centrals > 0 && centrals % 2 == 0);
  result.set_few_central(centrals > 0 && centrals < 3);
  operation.mutable_response()->PackFrom(result);
  return operation;
}

void PlayServices(const Scenario& scenario, FakeAgent* agent) {
  // The switch is off and everything else is on.
  agent->Answer<v1::EnableServiceRequest, Operation>(
      kEnableService, [scenario](const v1::EnableServiceRequest& request) {
        return ChangeService(scenario, request.service(), false, true,
                             request.validate_only(), request.member());
      });
  agent->Answer<v1::DisableServiceRequest, Operation>(
      kDisableService, [scenario](const v1::DisableServiceRequest& request) {
        return ChangeService(scenario, request.service(),
                             request.allow_disable_last_central(), false,
                             request.validate_only(), request.member());
      });
}

void PlayOperations(FakeAgent* agent) {
  agent->Answer<v1::RemoveMemberRequest, Operation>(
      kRemoveMember,
      [](const v1::RemoveMemberRequest& request) -> absl::StatusOr<Operation> {
        if (request.name() == "members/node10" &&
            request.accept_risks().empty()) {
          return MakeError(
              absl::StatusCode::kFailedPrecondition,
              "removing node10 now would leave 1 of 2 voters online",
              {"QUORUM_WOULD_BE_LOST",
               "bring node2 back, or accept it with --accept-risk=quorum-loss",
               {}});
        }
        return MakeOperation("remove-member", false, request.validate_only());
      });
  agent->Answer<lro::WaitOperationRequest, Operation>(
      kWaitOperation, [](const auto& request) {
        return request.name() == kFakeRotation
                   ? RotatedCa(/*set_aside=*/false)
                   : MakeOperation("remove-member", true);
      });
  agent->Answer<lro::GetOperationRequest, Operation>(
      kGetOperation, [](const auto& request) -> absl::StatusOr<Operation> {
        if (request.name() != "operations/remove-member-1") {
          return MakeError(
              absl::StatusCode::kNotFound, "there is no such operation",
              {"OPERATION_NOT_FOUND", "see: microovn operation list", {}});
        }
        return MakeOperation("remove-member", false);
      });
  agent->Answer<lro::ListOperationsRequest, lro::ListOperationsResponse>(
      kListOperations, [](const auto&) {
        lro::ListOperationsResponse all;
        *all.add_operations() = MakeOperation("remove-member", false);
        return all;
      });
  agent->Answer<lro::CancelOperationRequest, google::protobuf::Empty>(
      kCancelOperation, [](const auto&) { return google::protobuf::Empty(); });
}

}  // namespace

void PlayCluster(const std::string& scenario, FakeAgent* agent) {
  PlayNode(scenario == "blank", agent);
  PlayTokens(agent);
  PlayUsers(agent);
  if (scenario == "blank") {
    agent->Answer<v1::GetStatusRequest, v1::GetStatusResponse>(
        kGetStatus, [](const auto&) { return NotInitialized(); });
    return;
  }
  CHECK(scenario == "healthy" || scenario == "sick" || scenario == "alone" ||
        scenario == "workers" || scenario == "leaderless");
  const Scenario played = {scenario == "sick", scenario == "alone" ? 1 : 3,
                           scenario == "workers", scenario == "leaderless"};
  PlayReads(played, agent);
  PlayServices(played, agent);
  PlayOperations(agent);
  PlayRotation(agent);
  PlayRecovery(played.leaderless, agent);
}

}  // namespace microovn::ctl
