// SPDX-License-Identifier: Apache-2.0
// A node whose agent does not run, as the recovery tools see it: locked, so
// that no agent can start meanwhile, with its identity and its log open.
// Thread-compatible.
#ifndef MICROOVN_AGENT_OFFLINE_STOPPED_NODE_H_
#define MICROOVN_AGENT_OFFLINE_STOPPED_NODE_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/identity/recovery_store.h"
#include "agent/offline/recovery_plan.h"
#include "base/file/unique_fd.h"
#include "microovn/internal/node/v1/node.pb.h"
#include "raft/node/stopped_log.h"

namespace microovn::agent {

class StoppedNode {
 public:
  // `root` as the agent's --root. FAILED_PRECONDITION with the reason
  // ROOT_IN_USE while the agent runs, NOT_BOOTSTRAPPED when the node is no
  // member; otherwise as StoppedLog::Open.
  static absl::StatusOr<std::unique_ptr<StoppedNode>> Open(
      const std::string& root);

  StoppedNodeFacts Facts() const;

  // Records `recovery`, which PlanRecovery made of these facts, and then does
  // what it says. Durable when it returns. A crash in between leaves a record
  // of something that did not happen, which RecoveryReport tells by the
  // quarantine that is still there.
  absl::Status Carry(const internal::node::v1::Recovery& recovery);

 private:
  StoppedNode(UniqueFd lock, internal::node::v1::NodeIdentity identity,
              RecoveryStore recoveries, std::unique_ptr<raft::StoppedLog> log)
      : lock_(std::move(lock)),
        identity_(std::move(identity)),
        recoveries_(std::move(recoveries)),
        log_(std::move(log)) {}

  const UniqueFd lock_;
  const internal::node::v1::NodeIdentity identity_;
  const RecoveryStore recoveries_;
  const std::unique_ptr<raft::StoppedLog> log_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OFFLINE_STOPPED_NODE_H_
