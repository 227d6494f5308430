#include "agent/member/raft_caller.h"

#include <algorithm>
#include <optional>

#include "agent/server/caller.h"
#include "agent/server/caller_context.h"
#include "agent/state/cluster_state.h"
#include "base/error.h"
#include "base/status_macros.h"

namespace microovn::agent {
namespace {

absl::Status Refused(absl::string_view why, absl::string_view reason) {
  return MakeError(absl::StatusCode::kUnauthenticated, why,
                   {std::string(reason), ""});
}

bool HasKey(const statepb::Member& member, const std::string& spki) {
  return std::find(member.spki_sha256().begin(), member.spki_sha256().end(),
                   spki) != member.spki_sha256().end();
}

}  // namespace

absl::StatusOr<raft::MemberId> RaftCallerOf(
    const grpc::ServerContextBase& context,
    const std::shared_ptr<Membership>& member) {
  if (member == nullptr) {
    return MakeError(absl::StatusCode::kUnavailable,
                     "this node is not a member of a cluster",
                     {"NOT_INITIALIZED", ""});
  }
  ASSIGN_OR_RETURN(const Caller caller,
                   CallerOf(context, member->identity().cluster_id()));
  const std::optional<raft::MemberId> id = raft::MemberId::FromHex(caller.id);
  if (caller.role != Role::kMember || !id.has_value()) {
    return Refused("only members speak on the log's streams",
                   "METHOD_NOT_ALLOWED");
  }
  const auto state = member->state();
  if (state->tombstones.Find(caller.id) != nullptr) {
    return Refused("the calling member was removed from the cluster",
                   "MEMBER_REMOVED");
  }
  const statepb::Member* known = state->members.Find(caller.id);
  if (known != nullptr && !HasKey(*known, caller.spki_sha256)) {
    return Refused("the caller's certificate is not registered",
                   "CERTIFICATE_NOT_REGISTERED");
  }
  return *id;
}

}  // namespace microovn::agent
