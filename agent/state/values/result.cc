// SPDX-License-Identifier: Apache-2.0
#include "agent/state/values/result.h"

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "agent/errors/config_errors.h"
#include "agent/errors/wording.h"
#include "agent/state/values/arguments.h"
#include "agent/state/values/config_keys.h"
#include "base/status/error.h"
#include "base/text/text.h"

namespace microovn::agent {
namespace {

// An argument may quote what somebody typed; a record takes UTF-8 only.
constexpr size_t kLongestArgument = 2048;

// What these say beside their arguments is this program's knowledge.
absl::Status OfConfig(absl::string_view reason, const Arguments& arguments) {
  const std::string key = ArgumentOf(arguments, "key");
  const auto known = RequireConfigKey(key);
  if (reason == "CONFIG_KEY_UNKNOWN" && !known.ok()) return known.status();
  // It has become known to all since.
  if (reason == "CONFIG_KEY_UNKNOWN") return ConfigKeyNotSupported(key, {});
  if (reason == "CONFIG_VALUE_INVALID" && known.ok()) {
    return Worded(reason, arguments,
                  {{"allowed", std::string((*known)->allowed)}});
  }
  return absl::OkStatus();
}

}  // namespace

statepb::Result ResultOf(const absl::Status& status) {
  statepb::Result result;
  if (status.ok()) return result;
  const ErrorDetail detail = DetailOf(status);
  result.set_code(static_cast<int>(status.code()));
  result.set_reason(detail.reason);
  // A sorted map: by name, on every member.
  for (const auto& [name, value] : detail.metadata) {
    statepb::Argument* argument = result.add_arguments();
    argument->set_name(name);
    argument->set_value(Shown(value, kLongestArgument));
  }
  return result;
}

absl::Status StatusOfResult(const statepb::Result& result) {
  if (result.code() == 0) return absl::OkStatus();
  const Arguments arguments = FromList(result.arguments());
  const absl::Status of_config = OfConfig(result.reason(), arguments);
  if (!of_config.ok()) return of_config;
  return Reworded(static_cast<absl::StatusCode>(result.code()), result.reason(),
                  arguments);
}

}  // namespace microovn::agent
