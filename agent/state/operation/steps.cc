#include "agent/state/operation/steps.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace microovn::agent {
namespace {

using Action = StepOutcome::Action;
using statepb::Member;
using statepb::MemberReport;
using statepb::OperationStep;

std::string SomeOf(const std::vector<std::string>& names) {
  constexpr size_t kShown = 5;
  if (names.size() <= kShown) return absl::StrJoin(names, ", ");
  return absl::StrCat(
      absl::StrJoin(names.begin(), names.begin() + kShown, ", "), " and ",
      names.size() - kShown, " others");
}

bool Silent(const OperationView& view, const std::string& member_id) {
  return view.facts.silent_ids.count(member_id) > 0;
}

}  // namespace

StepOutcome Waiting(std::string detail) {
  return {OperationStep::STATE_RUNNING, std::move(detail), Action::kNone, ""};
}

StepOutcome Finished() {
  return {OperationStep::STATE_DONE, "", Action::kNone, ""};
}

StepOutcome Skipped(std::string why) {
  return {OperationStep::STATE_SKIPPED, std::move(why), Action::kNone, ""};
}

bool HasEnded(const OperationStep& step) {
  return step.state() == OperationStep::STATE_DONE ||
         step.state() == OperationStep::STATE_SKIPPED;
}

int64_t Elapsed(const OperationView& view) {
  return view.facts.clock_seconds - view.operation.begun_clock_seconds();
}

bool HasConverged(const OperationView& view, const std::string& member_id) {
  const MemberReport* report = view.state.reports.Find(member_id);
  return report != nullptr &&
         report->converged_revision() >= view.operation.revision();
}

std::string WhyNotConverged(const OperationView& view,
                            const std::string& member_id) {
  const MemberReport* report = view.state.reports.Find(member_id);
  const std::string who = NameOfMember(view.state, member_id);
  if (Silent(view, member_id)) return absl::StrCat(who, " does not answer");
  if (report != nullptr && !report->problem().empty()) {
    return absl::StrCat(who, ": ", report->problem());
  }
  return absl::StrCat("waiting for ", who);
}

bool GivenUp(const OperationView& view) {
  const std::string& id = view.operation.member_id();
  if (view.state.members.Find(id) == nullptr ||
      view.facts.down_ids.count(id) > 0) {
    return true;
  }
  return view.operation.force() &&
         (Silent(view, id) || Elapsed(view) >= kForceSeconds);
}

StepOutcome LeaveDatabases(const OperationView& view) {
  const std::string& id = view.operation.member_id();
  for (const auto& [key, database] : view.state.databases.records()) {
    if (!HasJoined(*database, id)) continue;
    const std::string what =
        absl::StrCat(view.operation.member_name(), " to leave the ",
                     DatabaseTitle(key), " database");
    if (!HasConverged(view, id) && !GivenUp(view)) {
      return Waiting(absl::StrCat("waiting for ", what));
    }
    if (database->joined_ids_size() == 1) {
      return {OperationStep::STATE_RUNNING, "", Action::kLeaveDatabase, key};
    }
    if (view.operation.force() && Elapsed(view) >= kCleanUpSeconds) {
      return Skipped(absl::StrCat("could not make ", what));
    }
    return {OperationStep::STATE_RUNNING, absl::StrCat("making ", what),
            Action::kKickDatabase, key};
  }
  return Finished();
}

StepOutcome UpdateMembers(const OperationView& view,
                          const OperationStep& step) {
  std::vector<std::string> waiting;
  std::vector<std::string> late;
  for (const std::string& other : step.member_ids()) {
    const Member* member = view.state.members.Find(other);
    if (member == nullptr || member->state() != Member::STATE_ACTIVE ||
        HasConverged(view, other)) {
      continue;
    }
    (Silent(view, other) ? late : waiting).push_back(member->name());
  }
  if (!waiting.empty() && Elapsed(view) < kUpdateSeconds) {
    return Waiting(absl::StrCat("waiting for ", SomeOf(waiting)));
  }
  late.insert(late.end(), waiting.begin(), waiting.end());
  if (late.empty()) return Finished();
  return Skipped(absl::StrCat("not there yet: ", SomeOf(late)));
}

StepOutcome UnknownStep() {
  return Skipped("this version does not know the step");
}

}  // namespace microovn::agent
