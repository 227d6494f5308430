// What a node says of itself, as messages: pure.
#ifndef MICROOVN_AGENT_MEMBER_LOCAL_STATUS_H_
#define MICROOVN_AGENT_MEMBER_LOCAL_STATUS_H_

#include <string>

#include "agent/ovn/ovsdb_cluster_status.h"
#include "agent/reconcile/reconcile_loop.h"
#include "microovn/internal/peer/v1/peer.pb.h"
#include "microovn/v1/status.pb.h"
#include "supervisor/supervisor.h"

namespace microovn::agent {

void FillReplica(const OvsdbClusterStatus& status,
                 const std::string& expected_schema,
                 v1::DatabaseReplica& replica);

// The daemons that are enabled, running or in trouble.
void FillDaemons(const supervisor::ServiceReports& reports,
                 internal::peer::v1::GetLocalStatusResponse& response);

void FillReconcileStatus(const ReconcileStatus& status,
                         internal::peer::v1::GetLocalStatusResponse& response);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_LOCAL_STATUS_H_
