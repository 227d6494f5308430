// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/operation_runner.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "agent/operations/ca_dates.h"
#include "agent/operations/central_policy.h"
#include "agent/state/operation/change_service.h"
#include "agent/state/operation/rotate_authority.h"
#include "agent/state/values/rotation_progress.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"

namespace microovn::agent {
namespace {

using statepb::Command;
using statepb::Member;
using statepb::Operation;

constexpr absl::Duration kPeriod = absl::Seconds(1);
// CAs come near their end within months. To look at them, each certificate is
// read, which was a quarter of what an idle leader's agent took when it was
// done in each period.
constexpr absl::Duration kRenewalLook = absl::Minutes(1);

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
  acted = FollowRotations(*state, Renewals(state)) || acted;
  const OperationFacts facts = FactsOf(*state, view, clock);
  for (const auto& [id, operation] : state->operations.records()) {
    if (operation->done()) continue;
    acted = Advance(*state, *operation, facts) || acted;
  }
  // Last: what has just begun comes first.
  return acted || ReplaceCentral(*state);
}

bool OperationRunner::ReplaceCentral(const ClusterState& state) {
  const absl::Duration now = parts_.clock->Monotonic();
  const std::optional<CentralChange> change =
      DecideCentral(state, [this, now](const std::string& member_id) {
        return health_.SilentFor(member_id, now);
      });
  if (!change.has_value()) return false;
  ServiceRequest request;
  request.member_id = change->member->member_id();
  request.service = statepb::SERVICE_CENTRAL;
  request.enable = change->enable;
  Command command;
  *command.mutable_start_operation()->mutable_operation() =
      ServiceChangeOf(parts_.random->Id(), *change->member, request);
  const bool started = parts_.raft->Propose(command).ok();
  LOG_IF(INFO, started) << "central on " << change->member->name() << " is "
                        << (change->enable ? "enabled" : "disabled") << ": "
                        << change->reason;
  return started;
}

const std::set<std::string>& OperationRunner::Renewals(
    const StateSnapshot& state) {
  const absl::Time now = parts_.clock->Now();
  if (state != renewals_of_ ||
      absl::AbsDuration(now - renewals_at_) >= kRenewalLook) {
    renewals_ = DueRenewals(*state, now);
    renewals_of_ = state;
    renewals_at_ = now;
  }
  return renewals_;
}

bool OperationRunner::FollowRotations(const ClusterState& state,
                                      const std::set<std::string>& renewals) {
  bool acted = false;
  const auto undone = FinishUndone(state);
  if (undone.has_value()) acted = parts_.raft->Propose(*undone).ok();
  for (const statepb::Authority* authority : DueRotations(state, renewals)) {
    const absl::Status started = StartRotation(state, *authority);
    LogOnce("a CA that is to be rotated is not yet", started);
    acted = acted || started.ok();
  }
  return acted;
}

absl::Status OperationRunner::StartRotation(
    const ClusterState& state, const statepb::Authority& authority) {
  ASSIGN_OR_RETURN(const statepb::Authority successor,
                   parts_.authorities->MakeSuccessor(state, authority.plane()));
  Command command;
  Operation& operation =
      *command.mutable_start_operation()->mutable_operation();
  operation = RotationOf(parts_.random->Id(), successor, /*force=*/false);
  operation.set_because_of(authority.rotation_due());
  operation.set_at_its_end(authority.rotation_due().empty());
  RETURN_IF_ERROR(parts_.raft->Propose(command).status());
  LOG(INFO) << "a rotation of the CA of the plane "
            << AuthorityKey(authority.plane()) << " has begun, for "
            << (operation.at_its_end() ? "it nears its end"
                                       : absl::StrCat(authority.rotation_due(),
                                                      " was removed by force"));
  return absl::OkStatus();
}

OperationFacts OperationRunner::FactsOf(const ClusterState& state,
                                        const RaftView& view,
                                        int64_t clock_seconds) const {
  OperationFacts facts;
  facts.clock_seconds = clock_seconds;
  facts.ending = EndingAuthorities(state, parts_.clock->Now());
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
  Command command = *decision.command;
  const absl::Status completed = Complete(state, operation, command);
  if (!completed.ok()) {
    LogOnce("a rotation that sets members aside does not go on", completed);
    return acted;
  }
  return parts_.raft->Propose(command).ok() || acted;
}

// Those who are set aside know the others again by it.
absl::Status OperationRunner::Complete(const ClusterState& state,
                                       const Operation& operation,
                                       Command& command) {
  if (!command.has_advance_rotation() || !operation.force()) {
    return absl::OkStatus();
  }
  statepb::AdvanceRotation& body = *command.mutable_advance_rotation();
  const statepb::Authority* authority =
      state.authorities.Find(AuthorityKey(body.plane()));
  if (body.plane() != statepb::PLANE_CLUSTER ||
      body.to() != statepb::Authority::PHASE_REISSUE || authority == nullptr ||
      !CanBeSetAside(state, *authority)) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(*body.mutable_cross_certificate_pem(),
                   parts_.authorities->CrossCertify(state));
  return absl::OkStatus();
}

void OperationRunner::LogOnce(absl::string_view what,
                              const absl::Status& status) {
  const std::string failure = status.ok() ? "" : status.ToString();
  LOG_IF(WARNING, !failure.empty() && failure != last_failure_)
      << what << ": " << failure;
  last_failure_ = failure;
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
