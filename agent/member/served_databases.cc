// SPDX-License-Identifier: Apache-2.0
#include "agent/member/served_databases.h"

#include <cstdint>

#include "absl/time/time.h"
#include "pki/wire/served_tls.h"

namespace microovn::agent {
namespace {

// By agents' own deadline: a reconciler must not wait for long.
constexpr absl::Duration kObserveTimeout = absl::Seconds(1);

ServingDaemon Served(supervisor::Service service, pki::OvnService leaf,
                     const DatabaseKind& kind) {
  return {service,
          leaf,
          {static_cast<uint16_t>(kind.client_port),
           static_cast<uint16_t>(kind.raft_port)}};
}

}  // namespace

ServedReconcilerOptions ServedOptions(const NodeParts& node,
                                      const CentralDatabase& nb,
                                      const CentralDatabase& sb) {
  ServedReconcilerOptions options;
  options.directory = node.paths->pki();
  options.daemons = {Served(supervisor::Service::kNbOvsdbServer,
                            pki::OvnService::kOvnNb, nb.kind()),
                     Served(supervisor::Service::kSbOvsdbServer,
                            pki::OvnService::kOvnSb, sb.kind())};
  options.observe = [clock = node.clock](
                        const HostPort& address,
                        const pki::ServiceCertificate& client) {
    return pki::ObserveTls(address, client.certificate, client.key,
                           kObserveTimeout, *clock);
  };
  options.end_sessions = [nb, sb](supervisor::Service daemon) {
    return (daemon == supervisor::Service::kNbOvsdbServer ? nb : sb)
        .EndSessions();
  };
  return options;
}

}  // namespace microovn::agent
