// SPDX-License-Identifier: Apache-2.0
#include "agent/state/operation/steps.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/errors/cluster_errors.h"

namespace microovn::agent {
namespace {

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
  return {OperationStep::STATE_RUNNING, std::move(detail), std::nullopt};
}

StepOutcome Finished() { return {OperationStep::STATE_DONE, "", std::nullopt}; }

StepOutcome Skipped(std::string why) {
  return {OperationStep::STATE_SKIPPED, std::move(why), std::nullopt};
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

bool WasPutOut(const OperationView& view) {
  const Member* member = view.state.members.Find(view.operation.member_id());
  return member != nullptr && member->put_out_revision() > 0 &&
         member->put_out_revision() >= view.operation.revision();
}

StepOutcome PutOut(const OperationView& view, std::string detail) {
  StepOutcome outcome = Waiting(std::move(detail));
  outcome.command.emplace().mutable_put_out_member()->set_member_id(
      view.operation.member_id());
  return outcome;
}

bool IsCleared(const OperationView& view, absl::string_view database) {
  const Member* member = view.state.members.Find(view.operation.member_id());
  if (member == nullptr) return true;
  const auto& reports = view.state.reports.records();
  return std::any_of(reports.begin(), reports.end(), [&](const auto& entry) {
    const MemberReport& report = *entry.second;
    const uint64_t cleared = database == "nb" ? report.nb_cleared_revision()
                                              : report.sb_cleared_revision();
    return cleared >= member->put_out_revision();
  });
}

StepOutcome LeaveDatabases(const OperationView& view) {
  const std::string& id = view.operation.member_id();
  const bool put_out = WasPutOut(view);
  for (const auto& [key, database] : view.state.databases.records()) {
    const std::string& name = view.operation.member_name();
    const std::string title = DatabaseTitle(key);
    if (HasJoined(*database, id)) {
      if (!HasConverged(view, id) && !GivenUp(view)) {
        return Waiting(absl::StrCat("waiting for ", name, " to leave the ",
                                    title, " database"));
      }
      return PutOut(view, "");
    }
    // Nobody is left to clear it.
    if (!put_out || database->joined_ids().empty()) continue;
    if (IsCleared(view, key)) continue;
    if (view.operation.force() && Elapsed(view) >= kCleanUpSeconds) {
      return Skipped(
          absl::StrCat("the ", title, " database could not let go of ", name));
    }
    return Waiting(absl::StrCat("waiting for the leader of the ", title,
                                " database to let go of ", name));
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

absl::Status CheckUndo(const Member* member,
                       const statepb::Operation& operation) {
  if (member == nullptr) {
    return OperationNotCancellable("the member has left the cluster");
  }
  if (member->put_out_revision() > 0 &&
      member->put_out_revision() >= operation.revision()) {
    return OperationNotCancellable(
        "the member was put out of the OVN databases");
  }
  const bool removes =
      operation.kind() == statepb::Operation::KIND_REMOVE_MEMBER;
  const bool leaves = member->state() == Member::STATE_LEAVING;
  if (removes != leaves) {
    return OperationNotCancellable(leaves ? "the member is being removed"
                                          : "the member does not leave");
  }
  return absl::OkStatus();
}

StepOutcome UnknownStep() {
  return Skipped("this version does not know the step");
}

}  // namespace microovn::agent
