// SPDX-License-Identifier: Apache-2.0
#include "agent/entry/node_settings.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/api/converters.h"
#include "agent/entry/address_rules.h"
#include "agent/state/values/member_address.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/text/host_port.h"
#include "pki/name/member_name.h"

namespace microovn::agent {
namespace {

absl::StatusOr<HostPort> ResolveAddress(
    const std::string& wanted,
    const std::vector<NetworkInterface>& interfaces) {
  if (IsNetwork(wanted)) {
    ASSIGN_OR_RETURN(const std::string host, ChooseAddress(wanted, interfaces));
    return HostPort{host, kDefaultPort};
  }
  if (!wanted.empty()) {
    ASSIGN_OR_RETURN(const HostPort address,
                     ParseHostPort(wanted, kDefaultPort));
    RETURN_IF_ERROR(CheckPort(address.port));
    RETURN_IF_ERROR(CheckReachable(address.host));
    if (InterfaceWithAddress(interfaces, address.host) == nullptr) {
      return MakeError(
          absl::StatusCode::kInvalidArgument,
          absl::StrCat("no interface of this node has the address ",
                       address.host),
          {"ADDRESS_NOT_LOCAL", "choose one that 'ip address' shows"});
    }
    return address;
  }
  const std::string first = FirstGlobalUnicast(interfaces);
  if (first.empty()) {
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     "no interface of this node has a global address",
                     {"NO_ADDRESS", "give one with --address"});
  }
  return HostPort{first, kDefaultPort};
}

absl::StatusOr<std::vector<statepb::Service>> ResolveServices(
    const v1::NodeSettings& wanted) {
  std::vector<statepb::Service> services;
  for (const int service : wanted.services()) {
    ASSIGN_OR_RETURN(const statepb::Service known,
                     FromApi(static_cast<v1::Service>(service)));
    if (std::find(services.begin(), services.end(), known) == services.end()) {
      services.push_back(known);
    }
  }
  std::sort(services.begin(), services.end());
  return services;
}

}  // namespace

absl::StatusOr<NodeSettings> ResolveNodeSettings(
    const v1::NodeSettings& wanted, const std::string& hostname,
    const std::vector<NetworkInterface>& interfaces) {
  ASSIGN_OR_RETURN(pki::MemberName name,
                   pki::MemberName::Parse(
                       wanted.member().empty() ? hostname : wanted.member()));
  ASSIGN_OR_RETURN(HostPort address,
                   ResolveAddress(wanted.address(), interfaces));
  ASSIGN_OR_RETURN(std::vector<statepb::Service> services,
                   ResolveServices(wanted));
  NodeSettings settings = {
      std::move(name), std::move(address), "", std::move(services), {}};
  if (wanted.encap_ip().empty()) {
    settings.encap_ip = settings.address.host;
    return settings;
  }
  if (IsNetwork(wanted.encap_ip())) {
    ASSIGN_OR_RETURN(settings.encap_ip,
                     ChooseAddress(wanted.encap_ip(), interfaces));
    return settings;
  }
  ASSIGN_OR_RETURN(settings.encap_ip, ParseIpAddress(wanted.encap_ip()));
  RETURN_IF_ERROR(CheckReachable(settings.encap_ip));
  if (InterfaceWithAddress(interfaces, settings.encap_ip) == nullptr) {
    settings.warnings.push_back(
        absl::StrCat("no interface of this node has the encapsulation address ",
                     settings.encap_ip, "; tunnels work once one has it"));
  }
  return settings;
}

}  // namespace microovn::agent
