// SPDX-License-Identifier: Apache-2.0
// Who speaks on the log's streams (docs/adr/0009): a member by its
// certificate's chain and what is known of its key (peer_keys.h). Must not
// block.
#ifndef MICROOVN_AGENT_MEMBER_RAFT_CALLER_H_
#define MICROOVN_AGENT_MEMBER_RAFT_CALLER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "agent/cluster/membership.h"
#include "grpcpp/server_context.h"
#include "raft/core/values/types.h"

namespace microovn::agent {

// `member` may be null: then nobody may.
absl::StatusOr<raft::MemberId> RaftCallerOf(
    const grpc::ServerContextBase& context,
    const std::shared_ptr<Membership>& member);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_RAFT_CALLER_H_
