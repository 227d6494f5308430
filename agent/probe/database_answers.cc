// SPDX-License-Identifier: Apache-2.0
#include "agent/probe/database_answers.h"

#include <map>

#include "absl/status/status.h"
#include "agent/ovn/json_fields.h"
#include "base/status/status_macros.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;
using Json = nlohmann::json;

absl::StatusOr<Json> RowsOf(const Json& results, size_t operation) {
  if (!results.is_array() || results.size() <= operation) {
    return absl::InvalidArgumentError("the database's answer is incomplete");
  }
  return ArrayField(results[operation], "rows");
}

// The text of ["uuid", TEXT].
std::string UuidOf(const Json& value) {
  if (!value.is_array() || value.size() != 2 || !value[1].is_string()) {
    return "";
  }
  return value[1].get<std::string>();
}

// A set of references; a set of one is that one.
std::vector<std::string> UuidsOf(const Json& value) {
  if (!value.is_array() || value.size() != 2) return {};
  if (value[0] != "set") return {UuidOf(value)};
  std::vector<std::string> uuids;
  if (!value[1].is_array()) return uuids;
  for (const Json& one : value[1]) uuids.push_back(UuidOf(one));
  return uuids;
}

Json Field(const Json& row, const char* name) {
  const auto found = row.is_object() ? row.find(name) : row.end();
  return found == row.end() ? Json() : *found;
}

}  // namespace

std::string ChassisQuestion() {
  return R"(["OVN_Southbound",{"op":"select","table":"Chassis","where":[],)"
         R"("columns":["name","encaps"]},{"op":"select","table":"Encap",)"
         R"("where":[],"columns":["_uuid","type","ip"]}])";
}

absl::StatusOr<std::vector<peerpb::ChassisRow>> ParseChassisRows(
    absl::string_view json) {
  ASSIGN_OR_RETURN(const Json results, ParseJson(json, "the answer"));
  ASSIGN_OR_RETURN(const Json chassis, RowsOf(results, 0));
  ASSIGN_OR_RETURN(const Json encaps, RowsOf(results, 1));
  std::map<std::string, Json> by_uuid;
  for (const Json& encap : encaps) {
    by_uuid[UuidOf(Field(encap, "_uuid"))] = encap;
  }
  std::vector<peerpb::ChassisRow> rows;
  for (const Json& one : chassis) {
    peerpb::ChassisRow& row = rows.emplace_back();
    row.set_name(StringField(one, "name"));
    for (const std::string& uuid : UuidsOf(Field(one, "encaps"))) {
      const auto encap = by_uuid.find(uuid);
      if (encap == by_uuid.end()) continue;
      row.add_encap_types(StringField(encap->second, "type"));
      row.add_encap_ips(StringField(encap->second, "ip"));
    }
  }
  return rows;
}

}  // namespace microovn::agent
