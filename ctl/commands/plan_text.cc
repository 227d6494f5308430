// SPDX-License-Identifier: Apache-2.0
#include "ctl/commands/plan_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ctl/render/words.h"

namespace microovn::ctl {

std::string PlanText(const v1::Plan& plan) {
  std::string text = "Plan (nothing was changed):\n";
  int number = 0;
  for (const v1::Step& step : plan.steps()) {
    absl::StrAppend(&text, "  ", ++number, ". ", Printable(step.description()));
    if (step.members_size() > 0) {
      absl::StrAppend(&text, "  [",
                      Printable(absl::StrJoin(step.members(), ", ")), "]");
    }
    if (!step.detail().empty()) {
      absl::StrAppend(&text, "  ", Printable(step.detail()));
    }
    absl::StrAppend(&text, "\n");
  }
  if (number == 0) absl::StrAppend(&text, "  no steps\n");
  for (const std::string& warning : plan.warnings()) {
    absl::StrAppend(&text, "Warning: ", Printable(warning), "\n");
  }
  for (const v1::Risk& risk : plan.risks()) {
    absl::StrAppend(&text, "Risk: ", Printable(risk.description()));
    if (risk.accepted()) {
      absl::StrAppend(&text, " (accepted)\n");
    } else {
      absl::StrAppend(&text,
                      "; accept it with --accept-risk=", Printable(risk.name()),
                      "\n");
    }
  }
  return text;
}

v1::OperationMetadata MetadataOf(
    const google::longrunning::Operation& operation) {
  v1::OperationMetadata metadata;
  operation.metadata().UnpackTo(&metadata);
  return metadata;
}

v1::Plan PlanOf(const google::longrunning::Operation& operation) {
  return MetadataOf(operation).plan();
}

std::string OperationState(const google::longrunning::Operation& operation) {
  if (!operation.done()) return "running";
  return operation.has_error() ? "failed" : "done";
}

}  // namespace microovn::ctl
