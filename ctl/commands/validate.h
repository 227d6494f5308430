// SPDX-License-Identifier: Apache-2.0
// What can be refused before the agent is asked; the agent checks again. Pure.
// All refusals are INVALID_ARGUMENT with a reason.
#ifndef MICROOVN_CTL_COMMANDS_VALIDATE_H_
#define MICROOVN_CTL_COMMANDS_VALIDATE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "microovn/v1/cluster.pb.h"

namespace microovn::ctl {

// Labels of a-z, 0-9 and inner hyphens, up to 63 letters each, joined by dots,
// up to 253 in all: a host name.
absl::Status CheckMemberName(absl::string_view name);

// Base64 of a JSON object, 16 KiB at most. What it says is the agent's to
// judge.
absl::Status CheckToken(absl::string_view token);

// "host", "host:port", with literal addresses; empty is fine.
absl::Status CheckAddress(absl::string_view address);

// A literal address without a port; empty is fine.
absl::Status CheckEncapsulationAddress(absl::string_view address);

// "central,chassis", "auto" or empty, as `init` words the refusals. No
// services for "auto" and for empty.
absl::StatusOr<std::vector<v1::Service>> ParseServices(absl::string_view list);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_COMMANDS_VALIDATE_H_
