// SPDX-License-Identifier: Apache-2.0
// Reads fields of JSON documents that other programs wrote, without
// exceptions: what is missing or of another type is the empty value.
// Free functions, pure.
#ifndef MICROOVN_AGENT_OVN_JSON_FIELDS_H_
#define MICROOVN_AGENT_OVN_JSON_FIELDS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace microovn::agent {

// `what` names the document in the error.
inline absl::StatusOr<nlohmann::json> ParseJson(absl::string_view text,
                                                absl::string_view what) {
  nlohmann::json document =
      nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
  if (document.is_discarded()) {
    return absl::InvalidArgumentError(absl::StrCat(what, " is not JSON"));
  }
  return document;
}

inline std::string StringField(const nlohmann::json& object, const char* key) {
  const auto field = object.is_object() ? object.find(key) : object.end();
  if (field == object.end() || !field->is_string()) return "";
  return field->get<std::string>();
}

inline int64_t IntegerField(const nlohmann::json& object, const char* key) {
  const auto field = object.is_object() ? object.find(key) : object.end();
  if (field == object.end() || !field->is_number_integer()) return 0;
  return field->get<int64_t>();
}

// An empty array when there is none.
inline nlohmann::json ArrayField(const nlohmann::json& object,
                                 const char* key) {
  const auto field = object.is_object() ? object.find(key) : object.end();
  if (field == object.end() || !field->is_array()) {
    return nlohmann::json::array();
  }
  return *field;
}

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OVN_JSON_FIELDS_H_
