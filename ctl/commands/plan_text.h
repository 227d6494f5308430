// SPDX-License-Identifier: Apache-2.0
// Plans and operations as text. Pure.
#ifndef MICROOVN_CTL_COMMANDS_PLAN_TEXT_H_
#define MICROOVN_CTL_COMMANDS_PLAN_TEXT_H_

#include <string>

#include "google/longrunning/operations.pb.h"
#include "microovn/v1/plan.pb.h"

namespace microovn::ctl {

// Steps and risks, numbered; what --dry-run prints.
std::string PlanText(const v1::Plan& plan);

// An empty one when the metadata is of another kind.
v1::OperationMetadata MetadataOf(
    const google::longrunning::Operation& operation);
v1::Plan PlanOf(const google::longrunning::Operation& operation);

// "running", "done" or "failed".
std::string OperationState(const google::longrunning::Operation& operation);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_COMMANDS_PLAN_TEXT_H_
