#include "supervisor/service/restart_policy.h"

#include <algorithm>

namespace microovn::supervisor {
namespace {

// Far beyond where the delay stops growing.
constexpr int kMostEnds = 1000;

}  // namespace

RestartHistory AfterEnd(const RestartPolicy& policy, RestartHistory history,
                        absl::Duration uptime) {
  if (uptime >= policy.forget_after) return {1};
  return {std::min(history.ends + 1, kMostEnds)};
}

absl::Duration DelayBeforeRestart(const RestartPolicy& policy,
                                  RestartHistory history) {
  return BackoffDelay(policy.backoff, history.ends);
}

}  // namespace microovn::supervisor
