// SPDX-License-Identifier: Apache-2.0
// Tells the supervisor which services this node runs, and restarts ovn-northd
// when its connection strings have changed. Nothing else is ever restarted for
// a change of members: ovn-controller follows `ovn-remote` by itself.
//
// Comes after those whose facts open its gates. Observe() is for the start of
// each pass, so that all reconcilers see the same services.
#ifndef MICROOVN_AGENT_RECONCILE_SERVICE_SERVICES_RECONCILER_H_
#define MICROOVN_AGENT_RECONCILE_SERVICE_SERVICES_RECONCILER_H_

#include <sys/types.h>

#include <functional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/reconcile/facts/node_facts.h"
#include "agent/reconcile/facts/reconciler.h"
#include "agent/reconcile/service/services_plan.h"
#include "supervisor/service/service.h"
#include "supervisor/supervisor.h"

namespace microovn::agent {

struct ServicesReconcilerOptions {
  // Borrowed; outlives the object.
  supervisor::Supervisor* supervisor = nullptr;
  // See NorthdHasWritten in agent/ovn/chassis.h.
  std::function<absl::StatusOr<bool>(const std::string& remote)>
      northd_has_written;
  // The argument vector of a process, separated by NUL: /proc/PID/cmdline.
  std::function<absl::StatusOr<std::string>(pid_t pid)> arguments_of;
};

absl::StatusOr<std::string> ReadProcessArguments(pid_t pid);

// Fills in NodeFacts::services.
class ServicesReconciler final : public Reconciler {
 public:
  // `facts` outlives the object.
  ServicesReconciler(ServicesReconcilerOptions options, NodeFacts* facts);

  absl::string_view name() const override { return "services"; }
  absl::Status Reconcile(const NodeView& view) override;
  // The supervisor tells.
  bool hears() const override { return true; }

  // Brings NodeFacts::services up to date.
  void Observe();

 private:
  // Asked only as long as it matters: until ovn-controller runs.
  bool MayShowSouthbound(const ServicesWish& wish);
  absl::Status KeepNorthdCurrent();
  // Empty when it has ended since it was looked at.
  const std::string& NorthdArguments(pid_t pid);
  absl::Status Settled(const std::set<supervisor::Service>& wanted) const;

  const ServicesReconcilerOptions options_;
  NodeFacts& facts_;
  // The connection strings at which ovn-northd's mark has been seen.
  std::string written_at_;
  // The ovn-northd that was asked to restart last.
  pid_t restarted_northd_ = 0;
  // A process keeps its arguments: those of this one are known.
  pid_t known_northd_ = 0;
  std::string northd_arguments_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_SERVICE_SERVICES_RECONCILER_H_
