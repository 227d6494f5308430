// SPDX-License-Identifier: Apache-2.0
#include "agent/service/ovn_service.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "agent/api/converters.h"
#include "agent/errors/service_errors.h"
#include "agent/health/facts.h"
#include "agent/service/database_recovery.h"
#include "agent/service/paging.h"
#include "agent/service/requests.h"
#include "agent/state/operation/change_service.h"
#include "agent/state/plan/plan_services.h"
#include "base/crypto/random.h"
#include "base/status/status_macros.h"

namespace microovn::agent {
namespace {

struct ServiceChange {
  v1::Service service;
  std::string asked_member;
  std::string member;
  bool enable;
  bool allow_disable_last_central;
  bool validate_only;
  RequestIdentity identity;
};

absl::StatusOr<statepb::Member> Target(const ClusterState& state,
                                       const std::string& resource,
                                       const std::string& self_id) {
  auto member = RequireMember(state, resource, self_id);
  if (member.ok() || !absl::IsNotFound(member.status())) return member;
  return TargetMemberNotFound(absl::StripPrefix(resource, "members/"));
}

absl::StatusOr<google::longrunning::Operation> Change(
    Membership& member, const ServiceChange& change) {
  ServiceRequest request;
  ASSIGN_OR_RETURN(request.service, FromApi(change.service));
  RETURN_IF_ERROR(RequireQuorum(member));
  const auto state = member.state();
  if (auto first = FirstOperation(*state, change.identity)) return *first;
  ASSIGN_OR_RETURN(const statepb::Member target,
                   Target(*state, change.member, change.asked_member));
  request.member_id = target.member_id();
  request.enable = change.enable;
  request.allow_disable_last_central = change.allow_disable_last_central;
  ASSIGN_OR_RETURN(const ChangePlan plan, PlanServiceChange(*state, request));

  const statepb::Operation operation =
      ServiceChangeOf(RandomSource::Real().Id(), target, request);
  if (change.validate_only) return PlannedOperation(*state, operation, plan);
  return StartOperation(member, operation, change.identity);
}

// The daemons of each service, by the units' names.
bool BelongsTo(absl::string_view unit, statepb::Service service) {
  switch (service) {
    case statepb::SERVICE_CENTRAL:
      return absl::StartsWith(unit, "ovn-ovsdb-server-") ||
             unit == "ovn-northd";
    case statepb::SERVICE_CHASSIS:
      return unit == "chassis";
    case statepb::SERVICE_SWITCH:
      return unit == "switch" || unit == "ovs-ovsdb-server";
    default:
      return false;
  }
}

v1::MemberService Describe(const ClusterFacts& facts,
                           const statepb::Member& member,
                           statepb::Service service) {
  v1::MemberService row;
  row.set_name(absl::StrCat("members/", member.name(), "/services/",
                            ServiceName(service)));
  row.set_service(ToApi(service));
  const auto answer = facts.answers.find(member.member_id());
  if (answer == facts.answers.end() || !answer->second.ok()) return row;
  for (const v1::Daemon& daemon : answer->second->daemons()) {
    if (BelongsTo(daemon.unit(), service)) *row.add_daemons() = daemon;
  }
  row.set_ready(row.daemons_size() > 0 &&
                std::all_of(row.daemons().begin(), row.daemons().end(),
                            [](const v1::Daemon& daemon) {
                              return daemon.state() == v1::Daemon::STATE_READY;
                            }));
  return row;
}

absl::StatusOr<std::vector<statepb::Member>> Selected(
    const ClusterState& state, const std::string& parent,
    const std::string& self_id) {
  if (parent != "members/-") {
    ASSIGN_OR_RETURN(statepb::Member member,
                     RequireMember(state, parent, self_id));
    return std::vector<statepb::Member>{std::move(member)};
  }
  std::vector<statepb::Member> members;
  for (const auto& [id, member] : state.members.records()) {
    members.push_back(*member);
  }
  std::sort(members.begin(), members.end(),
            [](const auto& a, const auto& b) { return a.name() < b.name(); });
  return members;
}

}  // namespace

grpc::Status OvnService::EnableService(
    grpc::ServerContext* context, const v1::EnableServiceRequest* request,
    google::longrunning::Operation* response) {
  return guard_->RunAtLeader(
      *context, {"microovn.v1.OvnService/EnableService", request, response},
      [&](const Caller& caller, Membership& member) -> absl::Status {
        ASSIGN_OR_RETURN(
            const RequestIdentity identity,
            IdentityOf(*request, AskerOf(*context, caller, member.id())));
        ASSIGN_OR_RETURN(
            *response,
            Change(member, {request->service(), AskedMember(caller, member),
                            request->member(), true, false,
                            request->validate_only(), identity}));
        return absl::OkStatus();
      });
}

grpc::Status OvnService::DisableService(
    grpc::ServerContext* context, const v1::DisableServiceRequest* request,
    google::longrunning::Operation* response) {
  return guard_->RunAtLeader(
      *context, {"microovn.v1.OvnService/DisableService", request, response},
      [&](const Caller& caller, Membership& member) -> absl::Status {
        ASSIGN_OR_RETURN(
            const RequestIdentity identity,
            IdentityOf(*request, AskerOf(*context, caller, member.id())));
        ASSIGN_OR_RETURN(
            *response,
            Change(member, {request->service(), AskedMember(caller, member),
                            request->member(), false,
                            request->allow_disable_last_central(),
                            request->validate_only(), identity}));
        return absl::OkStatus();
      });
}

grpc::Status OvnService::RecoverDatabase(
    grpc::ServerContext* context, const v1::RecoverDatabaseRequest* request,
    google::longrunning::Operation* response) {
  return guard_->RunAtLeader(
      *context, {"microovn.v1.OvnService/RecoverDatabase", request, response},
      [&](const Caller& caller, Membership& member) -> absl::Status {
        ASSIGN_OR_RETURN(
            *response,
            agent::RecoverDatabase(member, *request,
                                   AskerOf(*context, caller, member.id())));
        return absl::OkStatus();
      });
}

grpc::Status OvnService::ListServices(grpc::ServerContext* context,
                                      const v1::ListServicesRequest* request,
                                      v1::ListServicesResponse* response) {
  return guard_->RunOnMember(
      *context, "microovn.v1.OvnService/ListServices",
      [&](const Caller&, Membership& member) -> absl::Status {
        const ClusterFacts facts = member.Gather(
            /*linearizable=*/true, /*probe=*/true, kGatherTimeout);
        ASSIGN_OR_RETURN(
            const std::vector<statepb::Member> members,
            Selected(*facts.state, request->parent(), member.id()));
        std::vector<v1::MemberService> rows;
        for (const statepb::Member& selected : members) {
          const auto answer = facts.answers.find(selected.member_id());
          if (answer == facts.answers.end() || !answer->second.ok()) {
            response->add_unreachable(MemberResource(selected));
          }
          for (const int service : selected.services()) {
            rows.push_back(Describe(facts, selected,
                                    static_cast<statepb::Service>(service)));
          }
        }
        ASSIGN_OR_RETURN(const Page page,
                         PageOf(static_cast<int>(rows.size()),
                                request->page_size(), request->page_token()));
        for (int i = page.begin; i < page.end; ++i) {
          *response->add_services() = rows[static_cast<size_t>(i)];
        }
        response->set_next_page_token(page.next_token);
        return absl::OkStatus();
      });
}

}  // namespace microovn::agent
