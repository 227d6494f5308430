#include "agent/operations/operation_progress.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/errors/service_errors.h"
#include "agent/state/plan.h"
#include "base/error.h"

namespace microovn::agent {
namespace {

using Action = OperationDecision::Action;
using statepb::Member;
using statepb::MemberReport;
using statepb::Operation;
using statepb::OperationStep;

constexpr auto kRunning = OperationStep::STATE_RUNNING;
constexpr auto kDone = OperationStep::STATE_DONE;
constexpr auto kSkipped = OperationStep::STATE_SKIPPED;
constexpr auto kFailed = OperationStep::STATE_FAILED;

struct StepOutcome {
  OperationStep::State state = kRunning;
  std::string detail;
  Action action = Action::kNone;
  std::string database;
};

std::string SomeOf(const std::vector<std::string>& names) {
  constexpr size_t kShown = 5;
  if (names.size() <= kShown) return absl::StrJoin(names, ", ");
  return absl::StrCat(
      absl::StrJoin(names.begin(), names.begin() + kShown, ", "), " and ",
      names.size() - kShown, " others");
}

StepOutcome Waiting(std::string detail) {
  return {kRunning, std::move(detail), Action::kNone, ""};
}
StepOutcome Finished() { return {kDone, "", Action::kNone, ""}; }
StepOutcome Skipped(std::string why) {
  return {kSkipped, std::move(why), Action::kNone, ""};
}

bool Ended(const OperationStep& step) {
  return step.state() == kDone || step.state() == kSkipped;
}

class Progress {
 public:
  Progress(const ClusterState& state, const Operation& operation,
           const OperationFacts& facts)
      : state_(state),
        facts_(facts),
        member_(state.members.Find(operation.member_id())) {
    decision_.operation = operation;
  }

  OperationDecision Decide() {
    Operation& operation = decision_.operation;
    const bool removal = operation.kind() == Operation::KIND_REMOVE_MEMBER;
    if (!removal && Superseded()) {
      Fail(ServiceChangeSuperseded(ServiceName(operation.service()),
                                   operation.member_name()));
      return std::move(decision_);
    }
    for (int i = 0; i < operation.steps_size(); ++i) {
      OperationStep* step = operation.mutable_steps(i);
      if (Ended(*step)) continue;
      const StepOutcome outcome = Evaluate(*step);
      // What the last try of an action said stays until it succeeds.
      const bool trying =
          step->state() == kRunning && outcome.action != Action::kNone;
      step->set_state(outcome.state);
      if (!trying) step->set_detail(BoundedDetail(outcome.detail));
      if (Ended(*step)) continue;
      decision_.action = outcome.action;
      decision_.database = outcome.database;
      decision_.step = i;
      if (!removal && Elapsed() >= kSettleSeconds) {
        Fail(ServiceNotSettled(ServiceName(operation.service()),
                               operation.member_name(), step->detail()));
      }
      return std::move(decision_);
    }
    operation.set_done(true);
    return std::move(decision_);
  }

 private:
  const Operation& operation() const { return decision_.operation; }
  const std::string& id() const { return operation().member_id(); }
  const std::string& name() const { return operation().member_name(); }
  int64_t Elapsed() const {
    return facts_.clock_seconds - operation().begun_clock_seconds();
  }
  bool Silent(const std::string& member_id) const {
    return facts_.silent_ids.count(member_id) > 0;
  }

  // A member that is not waited for.
  bool GivenUp() const {
    if (member_ == nullptr || facts_.down_ids.count(id()) > 0) return true;
    return operation().force() && (Silent(id()) || Elapsed() >= kForceSeconds);
  }

  bool Superseded() const {
    const bool enable = operation().kind() == Operation::KIND_ENABLE_SERVICE;
    return member_ == nullptr || member_->state() == Member::STATE_LEAVING ||
           Runs(*member_, operation().service()) != enable;
  }

  bool Converged(const std::string& member_id) const {
    const MemberReport* report = state_.reports.Find(member_id);
    return report != nullptr &&
           report->converged_revision() >= operation().revision();
  }

  std::string WhyNot(const std::string& member_id) const {
    const MemberReport* report = state_.reports.Find(member_id);
    const std::string who = NameOfMember(state_, member_id);
    if (Silent(member_id)) return absl::StrCat(who, " does not answer");
    if (report != nullptr && !report->problem().empty()) {
      return absl::StrCat(who, ": ", report->problem());
    }
    return absl::StrCat("waiting for ", who);
  }

  StepOutcome Evaluate(const OperationStep& step) const {
    if (step.id() == kStepStopServices || step.id() == kStepStartServices) {
      return EvaluateServices();
    }
    if (step.id() == kStepLeaveDatabases) return EvaluateDatabases();
    if (step.id() == kStepDeleteChassis) return EvaluateChassis();
    if (step.id() == kStepUpdateMembers) return EvaluateOthers(step);
    if (step.id() == kStepLeaveLog) return EvaluateLog();
    if (step.id() == kStepForgetMember) return EvaluateRecord();
    return Skipped("this version does not know the step");
  }

  StepOutcome EvaluateServices() const {
    if (Converged(id())) return Finished();
    const bool removal = operation().kind() == Operation::KIND_REMOVE_MEMBER;
    if (removal && GivenUp()) return Skipped(WhyNot(id()));
    return Waiting(WhyNot(id()));
  }

  // The member leaves by itself. What it has not left when it has stopped, or
  // is given up, it is put out of.
  StepOutcome EvaluateDatabases() const {
    for (const auto& [key, database] : state_.databases.records()) {
      if (!HasJoined(*database, id())) continue;
      const std::string what = absl::StrCat(name(), " to leave the ",
                                            DatabaseTitle(key), " database");
      if (!Converged(id()) && !GivenUp()) {
        return Waiting(absl::StrCat("waiting for ", what));
      }
      if (database->joined_ids_size() == 1) {
        return {kRunning, "", Action::kLeaveDatabase, key};
      }
      if (operation().force() && Elapsed() >= kCleanUpSeconds) {
        return Skipped(absl::StrCat("could not make ", what));
      }
      return {kRunning, absl::StrCat("making ", what), Action::kKickDatabase,
              key};
    }
    return Finished();
  }

  // A member that stopped by itself has removed its chassis.
  StepOutcome EvaluateChassis() const {
    for (const OperationStep& step : operation().steps()) {
      if (step.id() == kStepStopServices && step.state() == kDone) {
        return Finished();
      }
    }
    if (CentralMembers(state_).empty()) return Skipped("there is no central");
    if (operation().force() && Elapsed() >= kCleanUpSeconds) {
      return Skipped("no central could do it");
    }
    return {kRunning, "", Action::kDeleteChassis, ""};
  }

  // Members that are off do their part when they are back.
  StepOutcome EvaluateOthers(const OperationStep& step) const {
    std::vector<std::string> waiting;
    std::vector<std::string> late;
    for (const std::string& other : step.member_ids()) {
      const Member* member = state_.members.Find(other);
      if (member == nullptr || member->state() != Member::STATE_ACTIVE ||
          Converged(other)) {
        continue;
      }
      (Silent(other) ? late : waiting).push_back(member->name());
    }
    if (!waiting.empty() && Elapsed() < kUpdateSeconds) {
      return Waiting(absl::StrCat("waiting for ", SomeOf(waiting)));
    }
    late.insert(late.end(), waiting.begin(), waiting.end());
    if (late.empty()) return Finished();
    return Skipped(absl::StrCat("not there yet: ", SomeOf(late)));
  }

  // The role policy takes it out once this step is recorded as running.
  StepOutcome EvaluateLog() const {
    if (facts_.log_settled && facts_.log_ids.count(id()) == 0) {
      return Finished();
    }
    return Waiting("");
  }

  StepOutcome EvaluateRecord() const {
    if (member_ == nullptr) return Finished();
    return {kRunning, "", Action::kForgetMember, ""};
  }

  void Fail(const absl::Status& error) {
    Operation& failed = decision_.operation;
    for (OperationStep& step : *failed.mutable_steps()) {
      if (!Ended(step)) {
        step.set_state(kFailed);
        break;
      }
    }
    failed.set_done(true);
    failed.set_error_code(static_cast<int>(error.code()));
    failed.set_error_reason(ReasonOf(error));
    failed.set_error_message(std::string(error.message()));
    decision_.action = Action::kNone;
  }

  const ClusterState& state_;
  const OperationFacts& facts_;
  const Member* const member_;
  OperationDecision decision_;
};

}  // namespace

std::string BoundedDetail(std::string text) {
  constexpr size_t kLimit = 512;
  if (text.size() <= kLimit) return text;
  size_t end = kLimit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
    --end;
  }
  text.resize(end);
  return text;
}

OperationDecision DecideOperation(const ClusterState& state,
                                  const Operation& operation,
                                  const OperationFacts& facts) {
  return Progress(state, operation, facts).Decide();
}

std::vector<const Member*> OverdueJoiners(const ClusterState& state,
                                          int64_t clock_seconds) {
  std::vector<const Member*> overdue;
  for (const Member* member : MembersInOrder(state)) {
    if (member->state() == Member::STATE_JOINING &&
        member->join_deadline_seconds() <= clock_seconds) {
      overdue.push_back(member);
    }
  }
  return overdue;
}

}  // namespace microovn::agent
