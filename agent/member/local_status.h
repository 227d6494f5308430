// SPDX-License-Identifier: Apache-2.0
// What a node says of itself, as messages: pure.
#ifndef MICROOVN_AGENT_MEMBER_LOCAL_STATUS_H_
#define MICROOVN_AGENT_MEMBER_LOCAL_STATUS_H_

#include <string>
#include <vector>

#include "agent/ovn/network_facts.h"
#include "agent/reconcile/loop/reconcile_loop.h"
#include "microovn/internal/peer/v1/peer.pb.h"
#include "microovn/v1/status.pb.h"
#include "supervisor/supervisor.h"

namespace microovn::agent {

// The daemons that are enabled, running or in trouble.
void FillDaemons(const supervisor::ServiceReports& reports,
                 internal::peer::v1::GetLocalStatusResponse& response);

// Those that others may reach this node by.
void FillAddresses(const std::vector<NetworkInterface>& interfaces,
                   internal::peer::v1::GetLocalStatusResponse& response);

void FillReconcileStatus(const ReconcileStatus& status,
                         internal::peer::v1::GetLocalStatusResponse& response);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_LOCAL_STATUS_H_
