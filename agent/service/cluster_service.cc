// SPDX-License-Identifier: Apache-2.0
#include "agent/service/cluster_service.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/api/converters.h"
#include "agent/errors/cluster_errors.h"
#include "agent/errors/token_errors.h"
#include "agent/health/member_rows.h"
#include "agent/server/caller.h"
#include "agent/service/lead_transfer.h"
#include "agent/service/member_update.h"
#include "agent/service/paging.h"
#include "agent/service/requests.h"
#include "agent/state/operation/remove_member.h"
#include "agent/state/plan/plan_remove.h"
#include "agent/state/values/worker.h"
#include "base/crypto/random.h"
#include "base/crypto/scoped_wipe.h"
#include "base/status/status_macros.h"
#include "base/time/duration_proto.h"
#include "pki/join/token_issuer.h"
#include "pki/name/member_name.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

// Beyond what MicroOVN's clients ask for; a token lives in a terminal's
// history.
constexpr absl::Duration kMaxTtl = pki::kMaxTokenLifetime;

absl::StatusOr<absl::Duration> TtlOf(
    const v1::CreateJoinTokenRequest& request) {
  if (!request.has_ttl()) return pki::kTokenLifetime;
  const absl::Duration ttl = FromProto(request.ttl());
  if (ttl < absl::Seconds(1) || ttl > kMaxTtl) {
    return TokenLifetimeInvalid(kMaxTtl);
  }
  return ttl;
}

std::set<std::string> UnreachableIds(const ClusterFacts& facts) {
  std::set<std::string> ids;
  for (const auto& [id, answer] : facts.answers) {
    if (!answer.ok()) ids.insert(id);
  }
  return ids;
}

// Root on any member but a worker may come to administer the cluster and to
// hold its CAs' keys: who lets one in is an administrator.
absl::Status CheckMayLetIn(const Caller& caller,
                           const v1::CreateJoinTokenRequest& request) {
  if (caller.role != Role::kOperator || request.worker()) {
    return absl::OkStatus();
  }
  return RoleTooSmall(caller, Role::kAdmin,
                      "a join token for a member that is no worker");
}

absl::StatusOr<google::longrunning::Operation> RemoveMember(
    Membership& member, const v1::RemoveMemberRequest& request,
    const statepb::Asker& asker) {
  ASSIGN_OR_RETURN(const RequestIdentity identity, IdentityOf(request, asker));
  const ClusterFacts facts = member.Gather(
      /*linearizable=*/true, /*probe=*/true, kGatherTimeout);
  if (auto first = FirstOperation(*facts.state, identity)) return *first;
  if (facts.stale) RETURN_IF_ERROR(CheckQuorum(facts));
  ASSIGN_OR_RETURN(
      const statepb::Member target,
      RequireMember(*facts.state, request.name().empty() ? "-" : request.name(),
                    member.id()));
  RemovalRequest removal;
  removal.member_id = target.member_id();
  removal.force = request.force();
  removal.accepted_risks.insert(request.accept_risks().begin(),
                                request.accept_risks().end());
  ReachabilityFacts reachability;
  reachability.unreachable_ids = UnreachableIds(facts);
  reachability.voter_ids = facts.voters;
  ASSIGN_OR_RETURN(const ChangePlan plan,
                   PlanRemoval(*facts.state, removal, reachability));
  const statepb::Operation operation =
      RemovalOf(RandomSource::Real().Id(), target, removal.force,
                removal.accepted_risks.count(kRiskLastCentral) > 0,
                request.keep_authorities());
  if (request.validate_only()) {
    return PlannedOperation(*facts.state, operation, plan);
  }
  ASSIGN_OR_RETURN(google::longrunning::Operation started,
                   StartOperation(member, operation, identity));
  WarnIn(plan, started);
  return started;
}

// gRPC has made the message for this call, and frees it as it is. Nobody else
// has it, so the secret in it can be wiped by whoever has used it.
template <typename Message>
Message* Received(const Message* request) {
  return const_cast<Message*>(request);
}

}  // namespace

grpc::Status ClusterService::BootstrapCluster(
    grpc::ServerContext* context, const v1::BootstrapClusterRequest* request,
    v1::BootstrapClusterResponse* response) {
  const ScopedWipe wiped(Received(request)->mutable_ovn_ca_private_key_pem());
  return guard_->Run(
      *context, "microovn.v1.ClusterService/BootstrapCluster",
      [&](const Caller& caller) -> absl::Status {
        ASSIGN_OR_RETURN(
            *response,
            node_->Bootstrap(*request, AskerOf(*context, caller, "")));
        return absl::OkStatus();
      });
}

grpc::Status ClusterService::JoinCluster(grpc::ServerContext* context,
                                         const v1::JoinClusterRequest* request,
                                         v1::JoinClusterResponse* response) {
  const ScopedWipe wiped(Received(request)->mutable_token());
  return guard_->Run(*context, "microovn.v1.ClusterService/JoinCluster",
                     [&](const Caller&) -> absl::Status {
                       ASSIGN_OR_RETURN(*response, node_->Join(*request));
                       return absl::OkStatus();
                     });
}

grpc::Status ClusterService::GetCluster(grpc::ServerContext* context,
                                        const v1::GetClusterRequest*,
                                        v1::GetClusterResponse* response) {
  return guard_->Run(
      *context, "microovn.v1.ClusterService/GetCluster", [&](const Caller&) {
        const Versions versions = node_->versions();
        response->set_state(node_->phase());
        response->set_version(versions.agent);
        response->set_ovn_version(versions.ovn);
        response->set_ovs_version(versions.ovs);
        const auto member = node_->member();
        if (member != nullptr) {
          response->set_cluster_id(member->identity().cluster_id());
          response->set_member(member->name());
        }
        return absl::OkStatus();
      });
}

grpc::Status ClusterService::ListMembers(grpc::ServerContext* context,
                                         const v1::ListMembersRequest* request,
                                         v1::ListMembersResponse* response) {
  return guard_->RunOnMember(
      *context, "microovn.v1.ClusterService/ListMembers",
      [&](const Caller&, Membership& member) -> absl::Status {
        const ClusterFacts facts = member.Gather(
            request->read_consistency() != v1::READ_CONSISTENCY_STALE_OK,
            /*probe=*/true, kGatherTimeout);
        const std::vector<v1::Member> rows = DescribeMembers(facts);
        ASSIGN_OR_RETURN(const Page page,
                         PageOf(static_cast<int>(rows.size()),
                                request->page_size(), request->page_token()));
        const std::vector<v1::Member> shown(rows.begin() + page.begin,
                                            rows.begin() + page.end);
        for (const v1::Member& row : shown) *response->add_members() = row;
        for (const std::string& name : Unreachable(shown)) {
          response->add_unreachable(name);
        }
        response->set_next_page_token(page.next_token);
        response->set_stale(facts.stale);
        return absl::OkStatus();
      });
}

grpc::Status ClusterService::GetMember(grpc::ServerContext* context,
                                       const v1::GetMemberRequest* request,
                                       v1::GetMemberResponse* response) {
  return guard_->RunOnMember(
      *context, "microovn.v1.ClusterService/GetMember",
      [&](const Caller&, Membership& member) -> absl::Status {
        const ClusterFacts facts = member.Gather(
            request->read_consistency() != v1::READ_CONSISTENCY_STALE_OK,
            /*probe=*/true, kGatherTimeout);
        ASSIGN_OR_RETURN(
            const statepb::Member record,
            RequireMember(*facts.state, request->name(), member.id()));
        if (facts.stale) context->AddTrailingMetadata(kStaleMetadata, "true");
        *response->mutable_member() = DescribeMember(facts, record);
        return absl::OkStatus();
      });
}

grpc::Status ClusterService::RemoveMember(
    grpc::ServerContext* context, const v1::RemoveMemberRequest* request,
    google::longrunning::Operation* response) {
  return guard_->RunAtLeader(
      *context, {"microovn.v1.ClusterService/RemoveMember", request, response},
      [&](const Caller& caller, Membership& member) -> absl::Status {
        ASSIGN_OR_RETURN(
            *response,
            agent::RemoveMember(member, *request,
                                AskerOf(*context, caller, member.id())));
        return absl::OkStatus();
      });
}

grpc::Status ClusterService::CreateJoinToken(
    grpc::ServerContext* context, const v1::CreateJoinTokenRequest* request,
    v1::CreateJoinTokenResponse* response) {
  return guard_->RunAtLeader(
      *context,
      {"microovn.v1.ClusterService/CreateJoinToken", request, response},
      [&](const Caller& caller, Membership& member) -> absl::Status {
        RETURN_IF_ERROR(pki::MemberName::Parse(request->member()).status());
        RETURN_IF_ERROR(CheckRequestId(request->request_id()));
        RETURN_IF_ERROR(CheckMayLetIn(caller, *request));
        ASSIGN_OR_RETURN(const absl::Duration ttl, TtlOf(*request));
        RETURN_IF_ERROR(RequireQuorum(member));
        if (request->worker()) RETURN_IF_ERROR(RequireWorkers(*member.state()));
        if (request->validate_only()) {
          *response->mutable_plan() =
              OneStep(absl::StrCat("make a join token for ", request->member(),
                                   request->worker() ? ", as a worker" : "",
                                   ", valid for ", absl::FormatDuration(ttl)));
          return FindMember(*member.state(), request->member()) == nullptr
                     ? absl::OkStatus()
                     : MemberNameTaken(request->member());
        }
        peerpb::IssueTokenRequest issue;
        issue.set_member_name(request->member());
        issue.set_ttl_seconds(absl::ToInt64Seconds(ttl));
        issue.set_request_id(request->request_id());
        issue.set_worker(request->worker());
        *issue.mutable_asker() = AskerOf(*context, caller, member.id());
        ASSIGN_OR_RETURN(peerpb::IssueTokenResponse issued,
                         member.issuance().IssueToken(issue));
        *response->mutable_join_token() = ToApi(issued.token());
        response->set_token(std::move(*issued.mutable_encoded()));
        return absl::OkStatus();
      });
}

grpc::Status ClusterService::ListJoinTokens(
    grpc::ServerContext* context, const v1::ListJoinTokensRequest* request,
    v1::ListJoinTokensResponse* response) {
  return guard_->RunOnMember(
      *context, "microovn.v1.ClusterService/ListJoinTokens",
      [&](const Caller&, Membership& member) -> absl::Status {
        PrepareRead(*context, member);
        std::vector<v1::JoinToken> tokens;
        for (const auto& [id, token] : member.state()->tokens.records()) {
          if (token->state() == statepb::JoinToken::STATE_USED) continue;
          tokens.push_back(ToApi(*token));
        }
        std::sort(tokens.begin(), tokens.end(),
                  [](const v1::JoinToken& a, const v1::JoinToken& b) {
                    return a.member() < b.member();
                  });
        ASSIGN_OR_RETURN(const Page page,
                         PageOf(static_cast<int>(tokens.size()),
                                request->page_size(), request->page_token()));
        for (int i = page.begin; i < page.end; ++i) {
          *response->add_join_tokens() = tokens[static_cast<size_t>(i)];
        }
        response->set_next_page_token(page.next_token);
        return absl::OkStatus();
      });
}

grpc::Status ClusterService::DeleteJoinToken(
    grpc::ServerContext* context, const v1::DeleteJoinTokenRequest* request,
    v1::DeleteJoinTokenResponse* response) {
  return guard_->RunAtLeader(
      *context,
      {"microovn.v1.ClusterService/DeleteJoinToken", request, response},
      [&](const Caller& caller, Membership& member) -> absl::Status {
        ASSIGN_OR_RETURN(
            const RequestIdentity identity,
            IdentityOf(*request, AskerOf(*context, caller, member.id())));
        ASSIGN_OR_RETURN(const std::string id,
                         ResourceId(request->name(), "joinTokens"));
        RETURN_IF_ERROR(RequireQuorum(member));
        if (request->validate_only()) {
          const auto state = member.state();
          const statepb::JoinToken* token = state->tokens.Find(id);
          if (token == nullptr) return TokenUnknown();
          *response->mutable_plan() = OneStep(
              absl::StrCat("revoke the join token for ", token->member_name()));
          return absl::OkStatus();
        }
        statepb::Command command = CommandFor(identity);
        command.mutable_delete_token()->set_token_id(id);
        return member.Propose(std::move(command), kProposeTimeout).status();
      });
}

grpc::Status ClusterService::TransferLeader(
    grpc::ServerContext* context, const v1::TransferLeaderRequest* request,
    v1::TransferLeaderResponse* response) {
  return guard_->RunAtLeader(
      *context,
      {"microovn.v1.ClusterService/TransferLeader", request, response},
      [&](const Caller&, Membership& member) {
        return agent::TransferLeader(member, *request, *response);
      });
}

grpc::Status ClusterService::UpdateMember(
    grpc::ServerContext* context, const v1::UpdateMemberRequest* request,
    v1::UpdateMemberResponse* response) {
  return guard_->RunAtLeader(
      *context, {"microovn.v1.ClusterService/UpdateMember", request, response},
      [&](const Caller& caller, Membership& member) {
        return agent::UpdateMember(
            member, *request, AskedMember(caller, member),
            AskerOf(*context, caller, member.id()), *response);
      });
}

}  // namespace microovn::agent
