// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/database_schema.h"

#include "absl/strings/str_cat.h"
#include "agent/ovn/json_fields.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"

namespace microovn::agent {
namespace {

constexpr size_t kLongestVersion = 80;

}  // namespace

std::string SchemaQuestion(absl::string_view database) {
  return absl::StrCat(
      R"(["_Server",{"op":"select","table":"Database","where":[["name","==",")",
      database, R"("]],"columns":["schema"]}])");
}

absl::StatusOr<std::string> ParseSchemaVersion(absl::string_view json) {
  ASSIGN_OR_RETURN(const nlohmann::json results, ParseJson(json, "the answer"));
  if (!results.is_array() || results.empty()) {
    return absl::InvalidArgumentError("the database's answer is incomplete");
  }
  const nlohmann::json rows = ArrayField(results[0], "rows");
  if (rows.empty()) return absl::NotFoundError("there is no such database");
  ASSIGN_OR_RETURN(const nlohmann::json schema,
                   ParseJson(StringField(rows[0], "schema"), "the schema"));
  const std::string version = StringField(schema, "version");
  if (version.empty()) return absl::NotFoundError("the schema has no version");
  return Shown(version, kLongestVersion);
}

}  // namespace microovn::agent
