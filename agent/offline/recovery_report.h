// SPDX-License-Identifier: Apache-2.0
// Tells the cluster's log what was decided about this node while its agent was
// stopped, so that it is in the events and not only on this disk.
#ifndef MICROOVN_AGENT_OFFLINE_RECOVERY_REPORT_H_
#define MICROOVN_AGENT_OFFLINE_RECOVERY_REPORT_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "agent/identity/recovery_store.h"
#include "microovn/internal/node/v1/node.pb.h"
#include "microovn/internal/state/v1/command.pb.h"
#include "raft/core/values/recovered.h"

namespace microovn::agent {

// Those of `recoveries` that were carried out: a quarantine that is still there
// was not ended, and who is not the only voter was not made it, because the
// node stopped between record and deed. Pure.
internal::node::v1::Recoveries CarriedOut(
    const internal::node::v1::Recoveries& recoveries,
    const std::optional<raft::Quarantine>& quarantine, bool only_voter);

// Pure.
internal::state::v1::Command ReportOf(
    const internal::node::v1::Recovery& recovery, const std::string& member_id);

// Thread-compatible: one thread calls Step until it is done.
class RecoveryReport {
 public:
  struct Parts {
    RecoveryStore store;
    std::string member_id;
    // Answers when the command is applied, within seconds, or with an error.
    std::function<absl::Status(internal::state::v1::Command)> propose;
    // At the agent's start.
    std::optional<raft::Quarantine> quarantine;
    bool only_voter = false;
  };

  explicit RecoveryReport(Parts parts) : parts_(std::move(parts)) {}

  // Whether all is told. A decision stays on the disk until the log has it, and
  // carries one request id, so that it is told once.
  bool Step();

 private:
  const Parts parts_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OFFLINE_RECOVERY_REPORT_H_
