#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/errors/config_errors.h"
#include "agent/state/apply/apply_context.h"
#include "agent/state/apply/validate.h"
#include "agent/state/values/config_keys.h"
#include "base/status_macros.h"

namespace microovn::agent {
namespace {

using statepb::ConfigEntry;
using statepb::Result;

bool Matches(const ConfigEntry* entry, uint64_t expected_revision) {
  return expected_revision == 0 ||
         (entry != nullptr && entry->revision() == expected_revision);
}

auto RecorderOf(absl::string_view key) {
  return NodesFollow(key) ? &ApplyContext::RecordDesired
                          : &ApplyContext::Record;
}

}  // namespace

Applied ApplySetConfig(ApplyContext& context, const statepb::SetConfig& body) {
  ClusterState& state = context.state();
  RETURN_IF_ERROR(CheckText("value", body.value(), kMaxTextBytes));
  RETURN_IF_ERROR(ValidateConfig(body.key(), body.value()));
  const ConfigEntry* known = state.configs.Find(body.key());
  if (!Matches(known, body.expected_revision())) {
    return ConfigChanged(body.key());
  }
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
  return result;
}

Applied ApplyDeleteConfig(ApplyContext& context,
                          const statepb::DeleteConfig& body) {
  ClusterState& state = context.state();
  RETURN_IF_ERROR(RequireConfigKey(body.key()).status());
  if (!Matches(state.configs.Find(body.key()), body.expected_revision())) {
    return ConfigChanged(body.key());
  }
  if (state.configs.Erase(body.key())) {
    (context.*RecorderOf(body.key()))("CONFIG_DELETED",
                                      absl::StrCat("configs/", body.key()),
                                      {{"key", body.key()}});
  }
  return Result();
}

}  // namespace microovn::agent
