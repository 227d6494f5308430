#include "agent/errors/config_errors.h"

#include "absl/strings/str_cat.h"
#include "agent/errors/shown.h"
#include "base/error.h"

namespace microovn::agent {

using absl::StatusCode;
using absl::StrCat;

absl::Status ConfigKeyUnknown(absl::string_view key, absl::string_view known) {
  return MakeError(
      StatusCode::kInvalidArgument,
      StrCat("there is no config option '", Shown(key), "'"),
      {"CONFIG_KEY_UNKNOWN", StrCat("choose one of: ", known), {}});
}

absl::Status ConfigValueInvalid(absl::string_view key, absl::string_view value,
                                absl::string_view allowed) {
  return MakeError(StatusCode::kInvalidArgument,
                   StrCat("'", Shown(value), "' is not a value of '", key, "'"),
                   {"CONFIG_VALUE_INVALID", StrCat("give ", allowed), {}});
}

absl::Status ConfigChanged(absl::string_view key) {
  return MakeError(StatusCode::kAborted,
                   StrCat("config option '", key, "' has changed meanwhile"),
                   {"CONFIG_CHANGED", "read it again and repeat", {}});
}

}  // namespace microovn::agent
