// SPDX-License-Identifier: Apache-2.0
// The closed list of the OVN and Open vSwitch services that a node can run.
// The names are MicroOVN's unit names; `ovs-ovsdb-server` is an addition: the
// switch's own database server, which MicroOVN starts inside `switch`. Pure.
#ifndef MICROOVN_SUPERVISOR_SERVICE_SERVICE_H_
#define MICROOVN_SUPERVISOR_SERVICE_SERVICE_H_

#include <array>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn::supervisor {

// In the order of starting; stopping goes the other way round.
// Names from the wire, from files and from arguments become one of these by
// ParseService, or nothing: no text of others ever reaches a unit's name, a
// path or a command line.
enum class Service {
  kOvsOvsdbServer,
  kSwitch,
  kNbOvsdbServer,
  kSbOvsdbServer,
  kNorthd,
  kChassis,
};

inline constexpr std::array<Service, 6> kAllServices = {
    Service::kOvsOvsdbServer, Service::kSwitch, Service::kNbOvsdbServer,
    Service::kSbOvsdbServer,  Service::kNorthd, Service::kChassis,
};

// "switch", "ovn-ovsdb-server-nb", ...
std::string ServiceName(Service service);

// INVALID_ARGUMENT for anything but a name that ServiceName() returns.
absl::StatusOr<Service> ParseService(absl::string_view name);

// What must be running on the same node for `service` to be of any use.
// northd and the databases need no switch: a central member may have none. Nor
// does northd need the databases here: it dials those of the cluster.
std::vector<Service> Requirements(Service service);

// `services` and everything they require.
std::set<Service> WithRequirements(const std::set<Service>& services);

std::ostream& operator<<(std::ostream& out, Service service);

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_SERVICE_SERVICE_H_
