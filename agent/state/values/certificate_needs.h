// SPDX-License-Identifier: Apache-2.0
// Which of OVN's certificates a member's services need: pure.
#ifndef MICROOVN_AGENT_STATE_VALUES_CERTIFICATE_NEEDS_H_
#define MICROOVN_AGENT_STATE_VALUES_CERTIFICATE_NEEDS_H_

#include <vector>

#include "agent/state/values/cluster_state.h"
#include "pki/name/ovn_service.h"

namespace microovn::agent {

// The client's always, those of central and chassis with these; in the order
// in which `certificates list` shows them.
inline std::vector<pki::OvnService> EnabledCertificates(
    const statepb::Member& member) {
  std::vector<pki::OvnService> enabled;
  if (Runs(member, statepb::SERVICE_CENTRAL)) {
    enabled = {pki::OvnService::kOvnNb, pki::OvnService::kOvnSb,
               pki::OvnService::kOvnNorthd};
  }
  if (Runs(member, statepb::SERVICE_CHASSIS)) {
    enabled.push_back(pki::OvnService::kOvnController);
  }
  enabled.push_back(pki::OvnService::kClient);
  return enabled;
}

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_VALUES_CERTIFICATE_NEEDS_H_
