// SPDX-License-Identifier: Apache-2.0
#include "agent/offline/recovery_report.h"

#include <utility>

#include "agent/offline/recovery_plan.h"
#include "glog/logging.h"

namespace microovn::agent {
namespace {

using internal::node::v1::Recoveries;
using internal::node::v1::Recovery;
using internal::state::v1::Command;
using internal::state::v1::RecordRecovery;

raft::Quarantine LossOf(const Recovery& recovery) {
  return {raft::Term(recovery.lost_term()),
          {raft::LogIndex(recovery.lost_last_index()),
           raft::Term(recovery.lost_last_term())}};
}

}  // namespace

Recoveries CarriedOut(const Recoveries& recoveries,
                      const std::optional<raft::Quarantine>& quarantine,
                      bool only_voter) {
  Recoveries carried;
  for (const Recovery& recovery : recoveries.recoveries()) {
    if (recovery.action() == Recovery::ACTION_BECOME_ONLY_VOTER) {
      if (only_voter) *carried.add_recoveries() = recovery;
      continue;
    }
    if (quarantine.has_value() && LossOf(recovery) == *quarantine) continue;
    *carried.add_recoveries() = recovery;
  }
  return carried;
}

Command ReportOf(const Recovery& recovery, const std::string& member_id) {
  Command command;
  command.set_request_id(recovery.recovery_id());
  RecordRecovery* record = command.mutable_record_recovery();
  record->set_member_id(member_id);
  record->set_action(std::string(ActionName(recovery.action())));
  record->set_decided_seconds(recovery.time_seconds());
  record->set_by(recovery.by());
  record->set_statement(recovery.statement());
  record->set_first_index(recovery.first_index());
  record->set_last_index(recovery.last_index());
  return command;
}

bool RecoveryReport::Step() {
  const auto known = parts_.store.Load();
  if (!known.ok()) {
    LOG(ERROR) << "what was decided about this node: " << known.status();
    return true;
  }
  Recoveries rest = CarriedOut(*known, parts_.quarantine, parts_.only_voter);
  while (!rest.recoveries().empty()) {
    const Recovery& next = rest.recoveries(0);
    const absl::Status told = parts_.propose(ReportOf(next, parts_.member_id));
    if (!told.ok()) {
      LOG(WARNING) << "what was decided about this node is not in the log yet: "
                   << told;
      break;
    }
    rest.mutable_recoveries()->DeleteSubrange(0, 1);
  }
  const absl::Status stored = parts_.store.Replace(rest);
  LOG_IF(ERROR, !stored.ok()) << "what was decided about this node: " << stored;
  return rest.recoveries().empty();
}

}  // namespace microovn::agent
