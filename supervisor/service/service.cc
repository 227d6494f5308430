// SPDX-License-Identifier: Apache-2.0
#include "supervisor/service/service.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/text/text.h"

namespace microovn::supervisor {

std::string ServiceName(Service service) {
  switch (service) {
    case Service::kOvsOvsdbServer:
      return "ovs-ovsdb-server";
    case Service::kSwitch:
      return "switch";
    case Service::kNbOvsdbServer:
      return "ovn-ovsdb-server-nb";
    case Service::kSbOvsdbServer:
      return "ovn-ovsdb-server-sb";
    case Service::kNorthd:
      return "ovn-northd";
    case Service::kChassis:
      return "chassis";
  }
  return "";
}

absl::StatusOr<Service> ParseService(absl::string_view name) {
  for (const Service service : kAllServices) {
    if (ServiceName(service) == name) return service;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("there is no service \"", Shown(name, 64), "\""));
}

std::vector<Service> Requirements(Service service) {
  switch (service) {
    case Service::kSwitch:
    case Service::kChassis:
      return {Service::kOvsOvsdbServer};
    case Service::kOvsOvsdbServer:
    case Service::kNbOvsdbServer:
    case Service::kSbOvsdbServer:
    case Service::kNorthd:
      return {};
  }
  return {};
}

std::set<Service> WithRequirements(const std::set<Service>& services) {
  std::set<Service> all = services;
  for (const Service service : services) {
    for (const Service needed : Requirements(service)) all.insert(needed);
  }
  return all;
}

std::ostream& operator<<(std::ostream& out, Service service) {
  return out << ServiceName(service);
}

}  // namespace microovn::supervisor
