// SPDX-License-Identifier: Apache-2.0
#include "agent/service/user_service.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "agent/api/converters.h"
#include "agent/errors/user_errors.h"
#include "agent/service/paging.h"
#include "agent/service/requests.h"
#include "agent/state/values/features.h"
#include "agent/state/values/limits.h"
#include "agent/state/values/users.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"
#include "base/time/duration_proto.h"
#include "pki/name/member_name.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

// Short: who is away for longer than a week asks again.
constexpr absl::Duration kLifetime = absl::Hours(7 * 24);
constexpr absl::Duration kLeast = absl::Minutes(1);
constexpr absl::Duration kMost = absl::Hours(365 * 24);
constexpr size_t kLongestRequest = 16 << 10;

absl::StatusOr<statepb::User::Role> RoleFromApi(v1::User::Role role) {
  switch (role) {
    case v1::User::ROLE_VIEWER:
      return statepb::User::ROLE_VIEWER;
    case v1::User::ROLE_OPERATOR:
      return statepb::User::ROLE_OPERATOR;
    case v1::User::ROLE_ADMIN:
      return statepb::User::ROLE_ADMIN;
    default:
      return UserInvalid("a user needs a role");
  }
}

v1::User::State ToApi(UserStanding standing) {
  switch (standing) {
    case UserStanding::kValid:
      return v1::User::STATE_VALID;
    case UserStanding::kExpired:
      return v1::User::STATE_EXPIRED;
    case UserStanding::kRevoked:
      return v1::User::STATE_REVOKED;
    case UserStanding::kSuperseded:
      return v1::User::STATE_SUPERSEDED;
  }
  return v1::User::STATE_UNSPECIFIED;
}

v1::User ToApi(const ClusterState& state, const statepb::User& user,
               absl::Time now) {
  v1::User api;
  api.set_name(UserResource(user.name()));
  // The numbers are the same.
  api.set_role(static_cast<v1::User::Role>(user.role()));
  api.set_state(ToApi(StandingOf(state, user, now)));
  *api.mutable_create_time() = ToTimestamp(user.created_seconds());
  *api.mutable_expire_time() = ToTimestamp(user.not_after_seconds());
  if (user.revoked_seconds() != 0) {
    *api.mutable_revoke_time() = ToTimestamp(user.revoked_seconds());
  }
  api.set_spki_sha256(user.spki_sha256());
  api.set_serial(user.serial());
  return api;
}

absl::Status RequireUsers(const ClusterState& state) {
  if (ActiveLevel(state, kFeatureUsers) > 0) return absl::OkStatus();
  return UsersNotSupported(WhoLacks(state, kFeatureUsers, 1));
}

absl::Status CheckUserName(absl::string_view name) {
  if (pki::IsMemberName(name) && name.size() <= kMaxUserName) {
    return absl::OkStatus();
  }
  return UserInvalid(
      absl::StrCat("\"", Shown(name, 80), "\" is no name for a user"));
}

// A whole request; who asks and where is added by the handler.
absl::StatusOr<peerpb::IssueUserRequest> Parsed(
    const v1::CreateUserRequest& request) {
  RETURN_IF_ERROR(CheckUserName(request.user_id()));
  RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  const absl::Duration ttl =
      request.has_ttl() ? FromProto(request.ttl()) : kLifetime;
  if (ttl < kLeast || ttl > kMost) return UserLifetimeInvalid(kLeast, kMost);
  peerpb::IssueUserRequest issue;
  ASSIGN_OR_RETURN(const statepb::User::Role role, RoleFromApi(request.role()));
  if (request.certificate_request_pem().size() > kLongestRequest) {
    return UserRequestInvalid("it is too long");
  }
  issue.set_name(request.user_id());
  issue.set_role(role);
  issue.set_ttl_seconds(absl::ToInt64Seconds(ttl));
  issue.set_certificate_request_pem(request.certificate_request_pem());
  issue.set_request_id(request.request_id());
  return issue;
}

absl::Status PlanUser(const ClusterState& state,
                      const peerpb::IssueUserRequest& issue, absl::Time now,
                      v1::Plan* plan) {
  const statepb::User* known = state.users.Find(issue.name());
  if (known != nullptr &&
      StandingOf(state, *known, now) == UserStanding::kValid) {
    return UserExists(issue.name());
  }
  *plan = OneStep(
      absl::StrCat("give ", issue.name(), " a certificate as ",
                   UserRoleName(issue.role()), ", valid for ",
                   absl::FormatDuration(absl::Seconds(issue.ttl_seconds()))));
  return absl::OkStatus();
}

}  // namespace

grpc::Status UserService::CreateUser(grpc::ServerContext* context,
                                     const v1::CreateUserRequest* request,
                                     v1::CreateUserResponse* response) {
  return guard_->RunAtLeader(
      *context, {"microovn.v1.UserService/CreateUser", request, response},
      [&](const Caller& caller, Membership& member) -> absl::Status {
        ASSIGN_OR_RETURN(peerpb::IssueUserRequest issue, Parsed(*request));
        RETURN_IF_ERROR(RequireQuorum(member));
        RETURN_IF_ERROR(RequireUsers(*member.state()));
        if (request->validate_only()) {
          return PlanUser(*member.state(), issue, clock_->Now(),
                          response->mutable_plan());
        }
        *issue.mutable_asker() = AskerOf(*context, caller, member.id());
        ASSIGN_OR_RETURN(const peerpb::IssueUserResponse issued,
                         member.issuance().IssueUser(issue));
        *response->mutable_user() =
            ToApi(*member.state(), issued.user(), clock_->Now());
        response->set_certificate_pem(issued.user().certificate_pem());
        response->set_ca_certificate_pem(issued.cluster_bundle_pem());
        return absl::OkStatus();
      });
}

grpc::Status UserService::ListUsers(grpc::ServerContext* context,
                                    const v1::ListUsersRequest* request,
                                    v1::ListUsersResponse* response) {
  return guard_->RunOnMember(
      *context, "microovn.v1.UserService/ListUsers",
      [&](const Caller&, Membership& member) -> absl::Status {
        PrepareRead(*context, member);
        const auto state = member.state();
        const absl::Time now = clock_->Now();
        ASSIGN_OR_RETURN(const Page page,
                         PageOf(static_cast<int>(state->users.size()),
                                request->page_size(), request->page_token()));
        int row = 0;
        for (const auto& [name, user] : state->users.records()) {
          if (row >= page.begin && row < page.end) {
            *response->add_users() = ToApi(*state, *user, now);
          }
          ++row;
        }
        response->set_next_page_token(page.next_token);
        return absl::OkStatus();
      });
}

grpc::Status UserService::RevokeUser(grpc::ServerContext* context,
                                     const v1::RevokeUserRequest* request,
                                     v1::RevokeUserResponse* response) {
  return guard_->RunAtLeader(
      *context, {"microovn.v1.UserService/RevokeUser", request, response},
      [&](const Caller& caller, Membership& member) -> absl::Status {
        ASSIGN_OR_RETURN(
            const RequestIdentity identity,
            IdentityOf(*request, AskerOf(*context, caller, member.id())));
        ASSIGN_OR_RETURN(const std::string name,
                         ResourceId(request->name(), "users"));
        RETURN_IF_ERROR(RequireQuorum(member));
        RETURN_IF_ERROR(RequireUsers(*member.state()));
        if (request->validate_only()) {
          const auto state = member.state();
          const statepb::User* user = state->users.Find(name);
          if (user == nullptr) return UserUnknown(name);
          *response->mutable_user() = ToApi(*state, *user, clock_->Now());
          *response->mutable_plan() =
              OneStep(absl::StrCat("revoke the certificate of ", name));
          return absl::OkStatus();
        }
        statepb::Command command = CommandFor(identity);
        command.mutable_revoke_user()->set_name(name);
        ASSIGN_OR_RETURN(const statepb::Result result,
                         member.Propose(std::move(command), kProposeTimeout));
        *response->mutable_user() =
            ToApi(*member.state(), result.user(), clock_->Now());
        return absl::OkStatus();
      });
}

}  // namespace microovn::agent
