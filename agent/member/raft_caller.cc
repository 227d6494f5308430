// SPDX-License-Identifier: Apache-2.0
#include "agent/member/raft_caller.h"

#include <optional>

#include "agent/member/peer_keys.h"
#include "agent/server/caller.h"
#include "agent/server/caller_context.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "pki/certificate/certificate.h"

namespace microovn::agent {
absl::StatusOr<raft::MemberId> RaftCallerOf(
    const grpc::ServerContextBase& context,
    const std::shared_ptr<Membership>& member) {
  if (member == nullptr) {
    return MakeError(absl::StatusCode::kUnavailable,
                     "this node is not a member of a cluster",
                     {"NOT_BOOTSTRAPPED", ""});
  }
  const ClusterFacts facts = member->Gather(
      /*linearizable=*/false, /*probe=*/false, absl::ZeroDuration());
  ASSIGN_OR_RETURN(
      const Caller caller,
      CallerOf(context, member->identity().cluster_id(), facts.now));
  const std::optional<raft::MemberId> id = raft::MemberId::FromHex(caller.id);
  if (caller.role != Role::kMember || !id.has_value()) {
    return MakeError(absl::StatusCode::kUnauthenticated,
                     "only members speak on the log's streams",
                     {"METHOD_NOT_ALLOWED", ""});
  }
  ASSIGN_OR_RETURN(const pki::Certificate certificate, CertificateOf(context));
  RETURN_IF_ERROR(CheckLogCaller(facts, caller.id, certificate));
  return *id;
}

}  // namespace microovn::agent
