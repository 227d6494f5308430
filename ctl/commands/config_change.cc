// SPDX-License-Identifier: Apache-2.0
#include "ctl/commands/config_change.h"

#include "absl/strings/str_cat.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"
#include "ctl/cli/global_flags.h"
#include "ctl/commands/format.h"
#include "ctl/outcome/exit_code.h"
#include "gflags/gflags.h"

namespace microovn::ctl {
namespace {

int Report(Session& session, const v1::Plan& plan, const std::string& done) {
  if (FLAGS_dry_run) {
    PrintPlan(session, plan);
  } else {
    PrintWarnings(session, plan.warnings());
    PrintText(session, done);
  }
  return kExitDone;
}

}  // namespace

// A resource name is a path: what cannot be a key must not become one.
absl::StatusOr<std::string> ConfigName(const std::string& key) {
  constexpr size_t kLongestKey = 128;
  const bool plain =
      !key.empty() && key.size() <= kLongestKey &&
      key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_") ==
          std::string::npos;
  if (plain) return absl::StrCat("configs/", key);
  return MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("\"", Shown(key, kLongestKey), "\" is not a config key"),
      {"CONFIG_KEY_UNKNOWN", "see: microovn config list", {}});
}

absl::StatusOr<int> SetOption(Session& session, const std::string& key,
                              const std::string& value,
                              const std::string& done) {
  v1::UpdateConfigRequest request;
  ASSIGN_OR_RETURN(*request.mutable_config()->mutable_name(), ConfigName(key));
  request.mutable_config()->set_key(key);
  request.mutable_config()->set_value(value);
  request.set_validate_only(FLAGS_dry_run);
  ASSIGN_OR_RETURN(const v1::UpdateConfigResponse response,
                   session.Change(kUpdateConfig, request));
  return Report(session, response.plan(), done);
}

absl::StatusOr<int> ResetOption(Session& session, const std::string& key,
                                const std::string& done) {
  v1::DeleteConfigRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), ConfigName(key));
  request.set_validate_only(FLAGS_dry_run);
  ASSIGN_OR_RETURN(const v1::DeleteConfigResponse response,
                   session.Change(kDeleteConfig, request));
  return Report(session, response.plan(), done);
}

}  // namespace microovn::ctl
