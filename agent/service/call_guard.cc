// SPDX-License-Identifier: Apache-2.0
#include "agent/service/call_guard.h"

#include "absl/strings/str_cat.h"
#include "agent/errors/leader_errors.h"
#include "agent/server/caller_context.h"
#include "agent/server/passed_caller.h"
#include "agent/service/administration_check.h"
#include "agent/service/leader_call.h"
#include "agent/service/requests.h"
#include "agent/state/values/cluster_state.h"
#include "agent/state/values/users.h"
#include "base/status/error.h"
#include "base/status/grpc_status.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"

namespace microovn::agent {
namespace {

// The words are MicroOVN's; why it is so, and what to do, is with them.
absl::Status NotInitialized(const LocalNode& node) {
  const std::string former = node.removed_as();
  if (!former.empty()) {
    return MakeError(
        absl::StatusCode::kFailedPrecondition,
        "Database is not yet initialized",
        {"NOT_BOOTSTRAPPED",
         absl::StrCat(
             "this node was removed from its cluster, where it was ", former,
             "; to have it back, run 'microovn cluster add ", former,
             "' on a member, and 'microovn cluster join TOKEN' here")});
  }
  const v1::GetClusterResponse::State phase = node.phase();
  if (phase == v1::GetClusterResponse::STATE_STARTING) {
    return MakeError(absl::StatusCode::kUnavailable,
                     "Database is still starting", {"STARTING", ""});
  }
  return MakeError(absl::StatusCode::kFailedPrecondition,
                   "Database is not yet initialized",
                   {"NOT_BOOTSTRAPPED",
                    "run 'microovn cluster bootstrap' or 'microovn cluster "
                    "join TOKEN'"});
}

// A certificate opens nothing unless its key is registered for a member now:
// a removed member's, or one that was issued behind the log's back, does not.
absl::Status CheckRegistry(const ClusterState& state, const Caller& caller) {
  if (caller.role == Role::kJoiner || caller.spki_sha256.empty()) {
    return absl::OkStatus();
  }
  if (IsUser(caller)) {
    return CheckUser(state, {caller.id, std::string(RoleName(caller.role)),
                             caller.spki_sha256});
  }
  // A node whose log has not arrived knows nobody yet; the chain has proved
  // that the caller is of this cluster.
  // Not so for an expired one, whose key is all that speaks for it.
  if (!state.bootstrapped() && !caller.expired) return absl::OkStatus();
  const statepb::Member* member = FindMemberByKey(state, caller.spki_sha256);
  if (member != nullptr && member->member_id() == caller.id) {
    return absl::OkStatus();
  }
  if (state.tombstones.Find(caller.id) != nullptr) {
    return MakeError(absl::StatusCode::kUnauthenticated,
                     "the calling member was removed from the cluster",
                     {"MEMBER_REMOVED", ""});
  }
  return MakeError(absl::StatusCode::kUnauthenticated,
                   "the caller's certificate is not registered",
                   {"CERTIFICATE_NOT_REGISTERED", ""});
}

// "admin", "operator:alice", "admin@node4": whom node4 has passed on.
std::string SubjectOf(const Caller& caller, const Membership* member) {
  std::string subject(RoleName(caller.role));
  if (!caller.id.empty()) absl::StrAppend(&subject, ":", caller.id);
  if (!caller.via.empty() && member != nullptr) {
    absl::StrAppend(&subject, "@", NameOfMember(*member->state(), caller.via));
  }
  return subject;
}

}  // namespace

absl::StatusOr<Caller> CallGuard::Admit(const grpc::ServerContextBase& context,
                                        absl::string_view method) const {
  if (calls_ != nullptr) RETURN_IF_ERROR(calls_->Check(context));
  const std::shared_ptr<Membership> member = node_->member();
  const std::string cluster_id =
      member == nullptr ? "" : member->identity().cluster_id();
  ASSIGN_OR_RETURN(Caller caller, CallerOf(context, cluster_id, clock_->Now()));
  const bool passed_on = caller.role == Role::kMember && !caller.expired &&
                         DoneByOf(method) != DoneBy::kAsked &&
                         IsPassedOn(context);
  // What a member passes on is judged by who asked it.
  if (!passed_on) RETURN_IF_ERROR(Authorize(caller, method));
  if (member != nullptr) {
    // Who has just been admitted, or was given a certificate, may call before
    // this node has heard of it.
    absl::Status registered = CheckRegistry(*member->state(), caller);
    // Not so for who was revoked: his calls are ended while they wait.
    if (!registered.ok() && ReasonOf(registered) != "USER_REVOKED" &&
        member->Barrier(absl::Seconds(1)).ok()) {
      registered = CheckRegistry(*member->state(), caller);
    }
    RETURN_IF_ERROR(registered);
  }
  return passed_on ? AdmitPassedOn(context, caller, method) : caller;
}

// `caller` is a member, and registered if this node knows anybody.
absl::StatusOr<Caller> CallGuard::AdmitPassedOn(
    const grpc::ServerContextBase& context, const Caller& caller,
    absl::string_view method) const {
  const std::shared_ptr<Membership> member = node_->member();
  const auto state = member == nullptr ? nullptr : member->state();
  if (state == nullptr || !state->bootstrapped()) return NotLeader();
  const statepb::Authority* authority =
      state->authorities.Find(AuthorityKey(statepb::PLANE_CLUSTER));
  const std::string roots = authority == nullptr ? "" : authority->bundle_pem();
  ASSIGN_OR_RETURN(Caller person, PassedCaller(context, caller,
                                               {member->identity().cluster_id(),
                                                roots, clock_->Now()}));
  RETURN_IF_ERROR(CheckRegistry(*state, person));
  RETURN_IF_ERROR(Authorize(person, method));
  return person;
}

void CallGuard::RecordChange(const Caller& caller, absl::string_view method,
                             const absl::Status& outcome) const {
  if (security_ == nullptr) return;
  const std::shared_ptr<Membership> member = node_->member();
  const std::string reason = ReasonOf(outcome);
  const std::string subject = SubjectOf(caller, member.get());
  const std::string node = member == nullptr ? "" : member->name();
  if (reason == "NOT_ADMINISTERED_HERE") {
    // Who may do nothing does not fill the log either: it counts.
    security_->Refused(method.substr(method.rfind('/') + 1), subject, node,
                       reason);
    return;
  }
  security_->Changed(method, subject, node,
                     outcome.ok()     ? "ok"
                     : reason.empty() ? "failed"
                                      : reason);
}

grpc::Status CallGuard::Run(const grpc::ServerContextBase& context,
                            absl::string_view method,
                            const Handler& handler) const {
  const absl::StatusOr<Caller> caller = Admit(context, method);
  if (!caller.ok()) {
    // Who is refused may ask again many times a second.
    LOG_EVERY_T(WARNING, 5) << "refused " << method << ": " << caller.status();
    return ToGrpcStatus(caller.status());
  }
  const absl::Status status = handler(*caller);
  RecordChange(*caller, method, status);
  if (!status.ok()) {
    VLOG(1) << method << " by " << RoleName(caller->role) << ": " << status;
  }
  return ToGrpcStatus(status);
}

grpc::Status CallGuard::RunOnMember(const grpc::ServerContextBase& context,
                                    absl::string_view method,
                                    const MemberHandler& handler) const {
  return Run(context, method, [this, &handler](const Caller& caller) {
    const std::shared_ptr<Membership> member = node_->member();
    if (member == nullptr) return NotInitialized(*node_);
    return handler(caller, *member);
  });
}

grpc::Status CallGuard::RunAtLeader(const grpc::ServerContextBase& context,
                                    const Exchange& exchange,
                                    const MemberHandler& handler) const {
  return RunOnMember(
      context, exchange.method,
      [&](const Caller& caller, Membership& member) -> absl::Status {
        LeaderCall call;
        call.passed = PassedRequestOf(context, caller, member.id(),
                                      exchange.method, *exchange.request);
        call.response = exchange.response;
        call.deadline = absl::FromChrono(context.deadline());
        call.came_passed_on = !caller.via.empty();
        return CallLeader(member, call, [&]() -> absl::Status {
          RETURN_IF_ERROR(
              CheckAdministration(caller, member, *exchange.request));
          return handler(caller, member);
        });
      });
}

}  // namespace microovn::agent
