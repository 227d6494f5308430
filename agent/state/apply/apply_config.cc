// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "agent/errors/config_errors.h"
#include "agent/errors/user_errors.h"
#include "agent/state/apply/apply_context.h"
#include "agent/state/apply/validate.h"
#include "agent/state/values/config_keys.h"
#include "agent/state/values/features.h"
#include "agent/state/values/users.h"
#include "base/status/status_macros.h"

namespace microovn::agent {
namespace {

using statepb::ConfigEntry;
using statepb::Result;

bool Matches(const ConfigEntry* entry, uint64_t expected_revision) {
  return expected_revision == 0 ||
         (entry != nullptr && entry->revision() == expected_revision);
}

// Somebody has it, and who sets it has not seen that.
bool IsTaken(const ConfigEntry* entry, const statepb::SetConfig& wanted) {
  return FindConfigKey(wanted.key())->taken && entry != nullptr &&
         wanted.expected_revision() == 0 && entry->value() != wanted.value();
}

// To agents that do not know the key the answer is the same.
absl::Status RequireKnown(const ClusterState& state, absl::string_view key) {
  RETURN_IF_ERROR(RequireConfigKey(key).status());
  if (!AllowsConfig(state, key)) return ConfigKeyUnknown(key, "");
  return absl::OkStatus();
}

// As agents answer that do not know the value. Whose time is over is no
// question for the log; who sets it is asked for more (administration_check.h).
absl::Status CheckValue(const ClusterState& state, absl::string_view key,
                        absl::string_view value) {
  if (!AllowsConfigValue(state, key, value)) {
    return ConfigValueInvalid(key, value, FindConfigKey(key)->allowed);
  }
  if (key == kConfigAdministration && value == kAdministrationCertificates &&
      !HasAdmin(state, absl::InfinitePast())) {
    return NoAdminCertificate();
  }
  return absl::OkStatus();
}

auto RecorderOf(absl::string_view key) {
  return NodesFollow(key) ? &ApplyContext::RecordDesired
                          : &ApplyContext::Record;
}

}  // namespace

Applied ApplySetConfig(ApplyContext& context, const statepb::SetConfig& body) {
  ClusterState& state = context.state();
  RETURN_IF_ERROR(CheckText("value", body.value(), kMaxTextBytes));
  RETURN_IF_ERROR(RequireKnown(state, body.key()));
  RETURN_IF_ERROR(ValidateConfig(body.key(), body.value()));
  RETURN_IF_ERROR(CheckValue(state, body.key(), body.value()));
  const ConfigEntry* known = state.configs.Find(body.key());
  if (!Matches(known, body.expected_revision())) {
    return ConfigChanged(body.key());
  }
  if (IsTaken(known, body)) return ConfigChanged(body.key());
  Result result;
  if (known != nullptr && known->value() == body.value()) {
    *result.mutable_config() = *known;
    return result;
  }
  (context.*RecorderOf(body.key()))(
      "CONFIG_SET", absl::StrCat("configs/", body.key()),
      {{"key", body.key()}, {"value", body.value()}});
  ConfigEntry entry;
  entry.set_key(body.key());
  entry.set_value(body.value());
  entry.set_revision(state.revision());
  state.configs.Put(body.key(), entry);
  *result.mutable_config() = std::move(entry);
  // A hold may have ended.
  if (body.key() == kConfigUpgrade) SettleFeatures(context);
  return result;
}

Applied ApplyDeleteConfig(ApplyContext& context,
                          const statepb::DeleteConfig& body) {
  ClusterState& state = context.state();
  RETURN_IF_ERROR(RequireKnown(state, body.key()));
  if (!Matches(state.configs.Find(body.key()), body.expected_revision())) {
    return ConfigChanged(body.key());
  }
  if (state.configs.Erase(body.key())) {
    (context.*RecorderOf(body.key()))("CONFIG_DELETED",
                                      absl::StrCat("configs/", body.key()),
                                      {{"key", body.key()}});
    if (body.key() == kConfigUpgrade) SettleFeatures(context);
  }
  return Result();
}

}  // namespace microovn::agent
