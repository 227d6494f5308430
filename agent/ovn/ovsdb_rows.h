// SPDX-License-Identifier: Apache-2.0
// What an OVSDB server answers to a transaction, as its protocol writes rows,
// sets and maps (RFC 7047). What comes from a daemon may be anything.
// Free functions, pure.
#ifndef MICROOVN_AGENT_OVN_OVSDB_ROWS_H_
#define MICROOVN_AGENT_OVN_OVSDB_ROWS_H_

#include <cstddef>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"

namespace microovn::agent {

// [{"rows":[...]},...]: the rows of one operation's result.
absl::StatusOr<nlohmann::json> RowsOf(const nlohmann::json& results,
                                      size_t operation);

// What a column that is a set holds, as an array; a set of one is that one.
nlohmann::json SetColumn(const nlohmann::json& row, const char* column);

// What a column that is a map of strings holds. INVALID_ARGUMENT when it is
// something else or missing.
absl::StatusOr<std::map<std::string, std::string>> MapColumn(
    const nlohmann::json& row, const char* column);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OVN_OVSDB_ROWS_H_
