// SPDX-License-Identifier: Apache-2.0
// What this node says of itself to the cluster: pure. Said again only when it
// would be something else, because every report is an entry of the log.
#ifndef MICROOVN_AGENT_RECONCILE_REPORT_REPORT_BUILDER_H_
#define MICROOVN_AGENT_RECONCILE_REPORT_REPORT_BUILDER_H_

#include <string>

#include "agent/reconcile/facts/node_facts.h"
#include "agent/reconcile/facts/node_view.h"
#include "microovn/internal/state/v1/command.pb.h"

namespace microovn::agent {

// What does not change while the agent runs.
struct NodeProperties {
  // "system" or "netdev".
  std::string datapath;
  std::string ovn_version;
  std::string ovs_version;
  // This agent's.
  std::string version;
  // Another one for each start of the agent.
  std::string run;
};

struct ReconcileSummary {
  // Everything that the view wants is in place.
  bool converged = false;
  // What has been wrong for a while; empty when nothing has.
  std::string problem;
};

statepb::ReportMember BuildReport(const NodeView& view,
                                  const NodeProperties& properties,
                                  const NodeFacts& facts,
                                  const ReconcileSummary& summary);

// Whether the cluster does not know `report` yet.
bool IsNews(const NodeView& view, const statepb::ReportMember& report);

// Whether nothing but the lives of daemons is new, which may come and go many
// times a minute.
bool IsOnlyOfDaemons(const NodeView& view, const statepb::ReportMember& report);

// Whether it cannot wait: others go on when they learn of it.
bool IsUrgent(const NodeView& view, const statepb::ReportMember& report);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_REPORT_REPORT_BUILDER_H_
