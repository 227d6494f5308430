// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/ovsdb_rows.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "agent/ovn/json_fields.h"
#include "base/text/text.h"

namespace microovn::agent {
namespace {

// Of a database's words in a status.
constexpr size_t kLongestError = 300;

// ["set",[...]] and ["map",[...]]; null when the column is neither.
nlohmann::json MembersOf(const nlohmann::json& row, const char* column,
                         const char* kind) {
  const auto found = row.is_object() ? row.find(column) : row.end();
  if (found == row.end()) return nlohmann::json();
  const nlohmann::json& value = *found;
  if (value.is_array() && value.size() == 2 && value[0] == kind &&
      value[1].is_array()) {
    return value[1];
  }
  return nlohmann::json();
}

}  // namespace

absl::StatusOr<nlohmann::json> RowsOf(const nlohmann::json& results,
                                      size_t operation) {
  if (!results.is_array() || results.size() <= operation) {
    return absl::InvalidArgumentError("the database's answer is incomplete");
  }
  const nlohmann::json& result = results[operation];
  const auto rows = result.is_object() ? result.find("rows") : result.end();
  if (rows == result.end() || !rows->is_array()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the database refuses: ",
                     Shown(StringField(result, "error"), kLongestError)));
  }
  return *rows;
}

nlohmann::json SetColumn(const nlohmann::json& row, const char* column) {
  nlohmann::json members = MembersOf(row, column, "set");
  if (!members.is_null()) return members;
  const auto found = row.is_object() ? row.find(column) : row.end();
  if (found == row.end()) return nlohmann::json::array();
  return nlohmann::json::array({*found});
}

absl::StatusOr<std::map<std::string, std::string>> MapColumn(
    const nlohmann::json& row, const char* column) {
  const nlohmann::json pairs = MembersOf(row, column, "map");
  if (!pairs.is_array()) {
    return absl::InvalidArgumentError(absl::StrCat(column, " is not a map"));
  }
  std::map<std::string, std::string> map;
  for (const nlohmann::json& pair : pairs) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() ||
        !pair[1].is_string()) {
      return absl::InvalidArgumentError(
          absl::StrCat(column, " holds no strings"));
    }
    map[pair[0].get<std::string>()] = pair[1].get<std::string>();
  }
  return map;
}

}  // namespace microovn::agent
