// SPDX-License-Identifier: Apache-2.0
#include "agent/errors/config_errors.h"

#include <string>

#include "absl/strings/str_join.h"
#include "agent/errors/wording.h"
#include "base/text/text.h"

namespace microovn::agent {

absl::Status ConfigKeyUnknown(absl::string_view key, absl::string_view known) {
  return Worded("CONFIG_KEY_UNKNOWN", {{"key", Shown(key, 80)}},
                {{"known", std::string(known)}});
}

absl::Status ConfigKeyNotSupported(absl::string_view key,
                                   const std::vector<std::string>& members) {
  Arguments arguments = {{"key", std::string(key)}};
  if (!members.empty()) {
    arguments.emplace_back("members", absl::StrJoin(members, ", "));
  }
  return Worded("FEATURE_NOT_SUPPORTED", arguments);
}

absl::Status ConfigValueInvalid(absl::string_view key, absl::string_view value,
                                absl::string_view allowed) {
  return Worded("CONFIG_VALUE_INVALID",
                {{"key", std::string(key)}, {"value", Shown(value, 80)}},
                {{"allowed", std::string(allowed)}});
}

absl::Status ConfigChanged(absl::string_view key) {
  return Worded("CONFIG_CHANGED", {{"key", std::string(key)}});
}

}  // namespace microovn::agent
