// SPDX-License-Identifier: Apache-2.0
// What of OVN's databases on this node is served over TLS.
#ifndef MICROOVN_AGENT_MEMBER_SERVED_DATABASES_H_
#define MICROOVN_AGENT_MEMBER_SERVED_DATABASES_H_

#include "agent/member/node_parts.h"
#include "agent/ovn/central.h"
#include "agent/reconcile/certificate/served_reconciler.h"

namespace microovn::agent {

// `node` outlives the options; the databases are copied.
ServedReconcilerOptions ServedOptions(const NodeParts& node,
                                      const CentralDatabase& nb,
                                      const CentralDatabase& sb);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_SERVED_DATABASES_H_
