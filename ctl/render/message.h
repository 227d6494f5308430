// SPDX-License-Identifier: Apache-2.0
// A reply for machines: protobuf JSON with default values printed, and the
// same tree as YAML. Pure.
#ifndef MICROOVN_CTL_RENDER_MESSAGE_H_
#define MICROOVN_CTL_RENDER_MESSAGE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace microovn::ctl {

// Indented, ended by a newline.
absl::StatusOr<std::string> MessageJson(
    const google::protobuf::Message& message);

// On one line, without the newline.
absl::StatusOr<std::string> MessageJsonLine(
    const google::protobuf::Message& message);

absl::StatusOr<std::string> MessageYaml(
    const google::protobuf::Message& message);

// JSON text as YAML in block style, ended by a newline.
absl::StatusOr<std::string> JsonToYaml(absl::string_view json);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_RENDER_MESSAGE_H_
