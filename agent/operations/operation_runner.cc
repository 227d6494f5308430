#include "agent/operations/operation_runner.h"

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "glog/logging.h"

namespace microovn::agent {
namespace {

using statepb::Command;
using statepb::Member;
using statepb::Operation;

constexpr absl::Duration kPeriod = absl::Seconds(1);
// Whether the record in the log is behind.
bool Differs(const Operation& a, const Operation& b) {
  return a.SerializeAsString() != b.SerializeAsString();
}

}  // namespace

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
    const std::string why = joiner->withdrawal().empty()
                                ? "it did not confirm in time"
                                : joiner->withdrawal();
    Command command;
    command.mutable_take_back_member()->set_member_id(joiner->member_id());
    command.mutable_take_back_member()->set_reason(why);
    const bool taken_back = parts_.raft->Propose(command).ok();
    LOG_IF(INFO, taken_back)
        << "took the join of " << joiner->name() << " back: " << why;
    acted = acted || taken_back;
  }
  return acted;
}

bool OperationRunner::Advance(const ClusterState& state,
                              const Operation& operation,
                              const OperationFacts& facts) {
  const OperationDecision decision = DecideOperation(state, operation, facts);
  bool acted = false;
  // What is about to happen is in the log before it happens: the role policy
  // and the next leader read it there.
  if (Differs(decision.operation, operation)) {
    if (!Record(decision.operation).ok()) return false;
    acted = true;
  }
  if (!decision.command.has_value()) return acted;
  return parts_.raft->Propose(*decision.command).ok() || acted;
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
  body->set_expected_updates(operation.updates());
  return parts_.raft->Propose(command).status();
}

}  // namespace microovn::agent
