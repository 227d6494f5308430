// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/settings/log_level_reconciler.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "agent/ovn/log_levels.h"
#include "agent/state/values/cluster_state.h"
#include "agent/state/values/config_keys.h"
#include "glog/logging.h"

namespace microovn::agent {
namespace {

constexpr absl::Duration kAnswerTimeout = absl::Seconds(1);

}  // namespace

absl::Status LogLevelReconciler::Reconcile(const NodeView& view) {
  const std::string level = ConfigValue(view.state(), kConfigLogLevel);
  all_answered_ = true;
  for (const supervisor::Service service : supervisor::kAllServices) {
    Follow(service, level);
  }
  return absl::OkStatus();
}

void LogLevelReconciler::Follow(supervisor::Service service,
                                const std::string& level) {
  const auto found = facts_.services.find(service);
  if (found == facts_.services.end() || !facts_.Ready(service)) {
    seen_.erase(service);
    return;
  }
  const std::pair<pid_t, std::string> wanted = {found->second.pid, level};
  std::pair<pid_t, std::string>& seen = seen_[service];
  if (seen == wanted) return;
  const std::string socket = options_.control_socket(service, wanted.first);
  absl::StatusOr<std::string> answer =
      options_.sockets.unixctl(socket, "vlog/list", {}, kAnswerTimeout);
  if (answer.ok() && !LogsAt(level, *answer)) {
    answer = options_.sockets.unixctl(socket, "vlog/set",
                                      {absl::StrCat("ANY:console:", level)},
                                      kAnswerTimeout);
    if (answer.ok()) {
      LOG(INFO) << supervisor::ServiceName(service) << " logs at " << level;
    }
  }
  // One that hangs, or has ended since the supervisor looked, is told of by
  // others: it is looked at again.
  if (answer.ok()) {
    seen = wanted;
  } else {
    all_answered_ = false;
  }
}

}  // namespace microovn::agent
