#include "agent/service/call_guard.h"

#include "absl/strings/str_cat.h"
#include "agent/server/caller_context.h"
#include "agent/state/values/cluster_state.h"
#include "base/error.h"
#include "base/grpc_status.h"
#include "base/status_macros.h"
#include "glog/logging.h"

namespace microovn::agent {
namespace {

absl::Status NotInitialized(v1::GetClusterResponse::State phase) {
  if (phase == v1::GetClusterResponse::STATE_STARTING) {
    return MakeError(absl::StatusCode::kUnavailable,
                     "Database is still starting", {"STARTING", ""});
  }
  return MakeError(absl::StatusCode::kFailedPrecondition,
                   "Database is not yet initialized",
                   {"NOT_INITIALIZED",
                    "run 'microovn cluster bootstrap' or 'microovn cluster "
                    "join TOKEN'"});
}

// A certificate opens nothing unless its key is registered for a member now:
// a removed member's, or one that was issued behind the log's back, does not.
absl::Status CheckRegistry(const ClusterState& state, const Caller& caller) {
  // A node whose log has not arrived knows nobody yet; the chain has proved
  // that the caller is of this cluster.
  // Not so for an expired one, whose key is all that speaks for it.
  if (caller.role == Role::kJoiner || caller.spki_sha256.empty() ||
      (!state.bootstrapped() && !caller.expired)) {
    return absl::OkStatus();
  }
  if (caller.role == Role::kMember) {
    const statepb::Member* member = FindMemberByKey(state, caller.spki_sha256);
    if (member != nullptr && member->member_id() == caller.id) {
      return absl::OkStatus();
    }
    if (state.tombstones.Find(caller.id) != nullptr) {
      return MakeError(absl::StatusCode::kUnauthenticated,
                       "the calling member was removed from the cluster",
                       {"MEMBER_REMOVED", ""});
    }
  } else {
    for (const auto& [serial, issued] : state.certificates.records()) {
      if (issued->spki_sha256() == caller.spki_sha256) return absl::OkStatus();
    }
  }
  return MakeError(absl::StatusCode::kUnauthenticated,
                   "the caller's certificate is not registered",
                   {"CERTIFICATE_NOT_REGISTERED", ""});
}

}  // namespace

absl::StatusOr<Caller> CallGuard::Admit(const grpc::ServerContextBase& context,
                                        absl::string_view method) const {
  const std::shared_ptr<Membership> member = node_->member();
  const std::string cluster_id =
      member == nullptr ? "" : member->identity().cluster_id();
  ASSIGN_OR_RETURN(Caller caller, CallerOf(context, cluster_id, clock_->Now()));
  RETURN_IF_ERROR(Authorize(caller, method));
  if (member != nullptr) {
    // A member that has just been admitted may call before this node has
    // heard of it.
    absl::Status registered = CheckRegistry(*member->state(), caller);
    if (!registered.ok() && caller.role == Role::kMember &&
        member->Barrier(absl::Seconds(1)).ok()) {
      registered = CheckRegistry(*member->state(), caller);
    }
    RETURN_IF_ERROR(registered);
  }
  return caller;
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
    if (member == nullptr) return NotInitialized(node_->phase());
    return handler(caller, *member);
  });
}

}  // namespace microovn::agent
