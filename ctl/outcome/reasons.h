// SPDX-License-Identifier: Apache-2.0
// The reasons of errors with their explanations, from reason.proto. Immutable.
#ifndef MICROOVN_CTL_OUTCOME_REASONS_H_
#define MICROOVN_CTL_OUTCOME_REASONS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "microovn/v1/reason.pb.h"

namespace microovn::ctl {

// "BAD_TOKEN", ... sorted.
std::vector<std::string> AllReasons();

// Null for what is no reason.
const v1::ReasonDetail* FindReason(absl::string_view reason);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_OUTCOME_REASONS_H_
