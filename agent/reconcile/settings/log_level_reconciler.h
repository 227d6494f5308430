// SPDX-License-Identifier: Apache-2.0
// Has the daemons of this node log as much as is set. Each process is looked at
// once, and again when something else is set: what an operator has one daemon
// log meanwhile stays until then.
#ifndef MICROOVN_AGENT_RECONCILE_SETTINGS_LOG_LEVEL_RECONCILER_H_
#define MICROOVN_AGENT_RECONCILE_SETTINGS_LOG_LEVEL_RECONCILER_H_

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "agent/ovn/ovs_sockets.h"
#include "agent/reconcile/facts/node_facts.h"
#include "agent/reconcile/facts/reconciler.h"
#include "supervisor/service/service.h"

namespace microovn::agent {

struct LogLevelOptions {
  // Where the daemon of a service that is `pid` takes commands.
  std::function<std::string(supervisor::Service service, pid_t pid)>
      control_socket;
  OvsSockets sockets;
};

// Reads NodeFacts::services.
class LogLevelReconciler final : public Reconciler {
 public:
  // `facts` outlives the object.
  LogLevelReconciler(LogLevelOptions options, const NodeFacts* facts)
      : options_(std::move(options)), facts_(*facts) {}

  absl::string_view name() const override { return "log levels"; }
  absl::Status Reconcile(const NodeView& view) override;
  // The state tells what is wanted, the supervisor of another process; nobody
  // that a daemon answers again.
  bool hears() const override { return all_answered_; }

 private:
  void Follow(supervisor::Service service, const std::string& level);

  const LogLevelOptions options_;
  const NodeFacts& facts_;
  // The process of each daemon that was seen to log so.
  std::map<supervisor::Service, std::pair<pid_t, std::string>> seen_;
  bool all_answered_ = true;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_SETTINGS_LOG_LEVEL_RECONCILER_H_
