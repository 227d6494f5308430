// SPDX-License-Identifier: Apache-2.0
// What OVSDB servers answer to the questions of the probe. Pure; thread-safe.
#ifndef MICROOVN_AGENT_PROBE_DATABASE_ANSWERS_H_
#define MICROOVN_AGENT_PROBE_DATABASE_ANSWERS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "microovn/internal/peer/v1/peer.pb.h"

namespace microovn::agent {

// The transaction that asks for every chassis with its tunnel ends.
std::string ChassisQuestion();
absl::StatusOr<std::vector<internal::peer::v1::ChassisRow>> ParseChassisRows(
    absl::string_view json);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_PROBE_DATABASE_ANSWERS_H_
