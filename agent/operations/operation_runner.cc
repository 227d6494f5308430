#include "agent/operations/operation_runner.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/status_macros.h"
#include "glog/logging.h"

namespace microovn::agent {
namespace {

using Action = StepOutcome::Action;
using statepb::Command;
using statepb::Member;
using statepb::Operation;
using statepb::OperationStep;

constexpr absl::Duration kPeriod = absl::Seconds(1);
// How long past its deadline an overdue joiner may keep what could not be
// cleaned up behind it.
constexpr int64_t kTakeBackSeconds = 60;

// Whether the record in the log is behind.
bool Differs(const Operation& a, const Operation& b) {
  return a.SerializeAsString() != b.SerializeAsString();
}

}  // namespace

absl::Status TakeBackJoin(RaftControl& raft, OvnRemoval& ovn,
                          const ClusterState& state, const Member& joiner,
                          const std::string& reason, bool must) {
  absl::Status cleaned;
  for (const auto& [name, database] : state.databases.records()) {
    // It may have joined without having said so.
    if (!Runs(joiner, statepb::SERVICE_CENTRAL) || !database->created()) {
      continue;
    }
    cleaned.Update(ovn.KickDatabase(name, joiner));
  }
  if (Runs(joiner, statepb::SERVICE_CHASSIS) &&
      !CentralMembers(state).empty()) {
    cleaned.Update(ovn.DeleteChassis(joiner.name()));
  }
  if (!must) RETURN_IF_ERROR(cleaned);
  LOG_IF(WARNING, !cleaned.ok())
      << "behind " << joiner.name() << " something is left: " << cleaned;
  Command command;
  command.mutable_take_back_member()->set_member_id(joiner.member_id());
  command.mutable_take_back_member()->set_reason(reason);
  return raft.Propose(command).status();
}

void OperationRunner::Start() {
  loop_ = std::make_unique<WakeupLoop>(parts_.store, kPeriod,
                                       [this] { return RunOnce(); });
}

void OperationRunner::Stop() { loop_.reset(); }

bool OperationRunner::RunOnce() {
  const RaftView view = parts_.raft->View();
  const StateSnapshot state = parts_.store->Current();
  health_.Observe(view, parts_.clock->Monotonic(), DownAfter(*state));
  // Counts while others lead, too.
  const int64_t clock = cluster_clock_.Seconds(*state);
  if (!view.leading || !state->bootstrapped()) return false;
  bool acted = TakeBackOverdue(*state, clock);
  const OperationFacts facts = FactsOf(*state, view, clock);
  for (const auto& [id, operation] : state->operations.records()) {
    if (operation->done()) continue;
    acted = Advance(*state, *operation, facts) || acted;
  }
  return acted;
}

OperationFacts OperationRunner::FactsOf(const ClusterState& state,
                                        const RaftView& view,
                                        int64_t clock_seconds) const {
  OperationFacts facts;
  facts.clock_seconds = clock_seconds;
  for (const auto& [id, member] : state.members.records()) {
    if (!health_.InContact(id)) facts.silent_ids.insert(id);
    if (health_.Down(id)) facts.down_ids.insert(id);
  }
  for (const auto* ids : {&view.voters, &view.outgoing, &view.learners}) {
    facts.log_ids.insert(ids->begin(), ids->end());
  }
  facts.log_settled = view.configuration_committed && view.outgoing.empty();
  return facts;
}

bool OperationRunner::TakeBackOverdue(const ClusterState& state,
                                      int64_t clock_seconds) {
  bool acted = false;
  for (const Member* joiner : OverdueJoiners(state, clock_seconds)) {
    const bool must =
        clock_seconds >= joiner->join_deadline_seconds() + kTakeBackSeconds;
    const std::string why = joiner->withdrawal().empty()
                                ? "it did not confirm in time"
                                : joiner->withdrawal();
    const absl::Status status =
        TakeBackJoin(*parts_.raft, *parts_.ovn, state, *joiner, why, must);
    LOG_IF(INFO, status.ok())
        << "took the join of " << joiner->name() << " back: " << why;
    acted = acted || status.ok();
  }
  return acted;
}

bool OperationRunner::Advance(const ClusterState& state,
                              const Operation& operation,
                              const OperationFacts& facts) {
  OperationDecision decision = DecideOperation(state, operation, facts);
  bool acted = false;
  // What is about to happen is in the log before it happens: the role policy
  // and the next leader read it there.
  if (Differs(decision.operation, operation)) {
    const absl::Status recorded = Record(decision.operation);
    if (!recorded.ok()) return false;
    acted = true;
  }
  if (decision.action == Action::kNone) return acted;
  const absl::Status status = Act(state, decision);
  if (status.ok()) return true;
  OperationStep* step = decision.operation.mutable_steps(decision.step);
  const std::string detail = BoundedDetail(std::string(status.message()));
  // Said once: the same failure of the next try changes nothing.
  if (step->detail() == detail) return acted;
  LOG(WARNING) << "operation " << operation.operation_id() << ": " << detail;
  step->set_detail(detail);
  return Record(decision.operation).ok() && acted;
}

absl::Status OperationRunner::Act(const ClusterState& state,
                                  const OperationDecision& decision) {
  const std::string& member_id = decision.operation.member_id();
  const Member* member = state.members.Find(member_id);
  Command command;
  switch (decision.action) {
    case Action::kKickDatabase:
      if (member != nullptr) {
        RETURN_IF_ERROR(parts_.ovn->KickDatabase(decision.database, *member));
      }
      return LeaveDatabase(decision.database, member_id);
    case Action::kLeaveDatabase:
      return LeaveDatabase(decision.database, member_id);
    case Action::kDeleteChassis: {
      RETURN_IF_ERROR(
          parts_.ovn->DeleteChassis(decision.operation.member_name()));
      Operation done = decision.operation;
      done.mutable_steps(decision.step)->set_state(OperationStep::STATE_DONE);
      return Record(done);
    }
    case Action::kForgetMember:
      command.mutable_remove_member()->set_member_id(member_id);
      return parts_.raft->Propose(command).status();
    case Action::kNone:
      break;
  }
  return absl::OkStatus();
}

absl::Status OperationRunner::Record(const Operation& operation) {
  Command command;
  statepb::UpdateOperation* body = command.mutable_update_operation();
  body->set_operation_id(operation.operation_id());
  *body->mutable_steps() = operation.steps();
  body->set_done(operation.done());
  body->set_error_code(operation.error_code());
  body->set_error_reason(operation.error_reason());
  body->set_error_message(operation.error_message());
  return parts_.raft->Propose(command).status();
}

absl::Status OperationRunner::LeaveDatabase(const std::string& database,
                                            const std::string& member_id) {
  Command command;
  command.mutable_leave_database()->set_name(database);
  command.mutable_leave_database()->set_member_id(member_id);
  return parts_.raft->Propose(command).status();
}

}  // namespace microovn::agent
