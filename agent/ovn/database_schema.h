// SPDX-License-Identifier: Apache-2.0
// The schema that an OVSDB server has in use.
//
// A server opens a file of an older schema as it is and goes on serving that:
// only a conversion changes it. Pure; thread-safe.
#ifndef MICROOVN_AGENT_OVN_DATABASE_SCHEMA_H_
#define MICROOVN_AGENT_OVN_DATABASE_SCHEMA_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn::agent {

// The transaction that asks for the schema of "OVN_Southbound", and its version
// out of the answer.
std::string SchemaQuestion(absl::string_view database);
absl::StatusOr<std::string> ParseSchemaVersion(absl::string_view json);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OVN_DATABASE_SCHEMA_H_
