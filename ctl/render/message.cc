// SPDX-License-Identifier: Apache-2.0
#include "ctl/render/message.h"

#include <exception>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status/status_macros.h"
#include "google/protobuf/util/json_util.h"
#include "yaml-cpp/yaml.h"

namespace microovn::ctl {
namespace {

namespace util = google::protobuf::util;

absl::StatusOr<std::string> Print(const google::protobuf::Message& message,
                                  bool indented) {
  util::JsonPrintOptions options;
  options.add_whitespace = indented;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status = util::MessageToJsonString(message, &json, options);
  if (!status.ok()) {
    return absl::InternalError(
        absl::StrCat("cannot print the answer: ", status.ToString()));
  }
  return json;
}

void Emit(const YAML::Node& node, YAML::Emitter* out) {
  if (node.IsMap()) {
    *out << (node.size() == 0 ? YAML::Flow : YAML::Block) << YAML::BeginMap;
    for (const auto& entry : node) {
      *out << YAML::Key << entry.first.Scalar() << YAML::Value;
      Emit(entry.second, out);
    }
    *out << YAML::EndMap;
  } else if (node.IsSequence()) {
    *out << (node.size() == 0 ? YAML::Flow : YAML::Block) << YAML::BeginSeq;
    for (const auto& item : node) Emit(item, out);
    *out << YAML::EndSeq;
  } else if (node.IsNull()) {
    *out << YAML::Null;
  } else {
    // The parser marks a quoted scalar: a JSON string stays a string.
    const std::string& text = node.Scalar();
    if (node.Tag() == "!" && absl::StrContains(text, '\n')) {
      *out << YAML::Literal << text;
    } else if (node.Tag() == "!") {
      *out << YAML::DoubleQuoted << text;
    } else {
      *out << text;
    }
  }
}

}  // namespace

absl::StatusOr<std::string> MessageJson(
    const google::protobuf::Message& message) {
  return Print(message, /*indented=*/true);
}

absl::StatusOr<std::string> MessageJsonLine(
    const google::protobuf::Message& message) {
  return Print(message, /*indented=*/false);
}

absl::StatusOr<std::string> MessageYaml(
    const google::protobuf::Message& message) {
  ASSIGN_OR_RETURN(const std::string json, MessageJsonLine(message));
  return JsonToYaml(json);
}

absl::StatusOr<std::string> JsonToYaml(absl::string_view json) {
  try {
    YAML::Emitter out;
    Emit(YAML::Load(std::string(json)), &out);
    // A literal block brings its own newline.
    return absl::StrCat(absl::StripSuffix(out.c_str(), "\n"), "\n");
  } catch (const YAML::Exception& e) {
    return absl::InternalError(
        absl::StrCat("cannot print the answer as YAML: ", e.what()));
  }
}

}  // namespace microovn::ctl
