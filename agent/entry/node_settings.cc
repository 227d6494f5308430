#include "agent/entry/node_settings.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/api/converters.h"
#include "base/error.h"
#include "base/host_port.h"
#include "base/status_macros.h"
#include "pki/name/member_name.h"

namespace microovn::agent {
namespace {

// No other node reaches this one at a link-local address.
absl::Status CheckReachable(const std::string& host) {
  in6_addr v6;
  in_addr v4;
  bool link_local = false;
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) {
    link_local = IN6_IS_ADDR_LINKLOCAL(&v6);
  } else if (inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    link_local = ntohl(v4.s_addr) >> 16 == 0xa9fe;
  }
  if (!link_local) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("the other members cannot reach ", host,
                   ": it is link-local"),
      {"ADDRESS_NOT_USABLE", "choose a global or private address"});
}

absl::StatusOr<std::string> ResolveAddress(
    const std::string& wanted,
    const std::vector<NetworkInterface>& interfaces) {
  if (!wanted.empty()) {
    ASSIGN_OR_RETURN(const HostPort address,
                     ParseHostPort(wanted, kDefaultPort));
    RETURN_IF_ERROR(CheckReachable(address.host));
    if (InterfaceWithAddress(interfaces, address.host) == nullptr) {
      return MakeError(
          absl::StatusCode::kInvalidArgument,
          absl::StrCat("no interface of this node has the address ",
                       address.host),
          {"ADDRESS_NOT_LOCAL", "choose one that 'ip address' shows"});
    }
    return FormatHostPort(address);
  }
  const std::string first = FirstGlobalUnicast(interfaces);
  if (first.empty()) {
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     "no interface of this node has a global address",
                     {"NO_ADDRESS", "give one with --address"});
  }
  return FormatHostPort({first, kDefaultPort});
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
  NodeSettings settings;
  settings.name = wanted.member().empty() ? hostname : wanted.member();
  RETURN_IF_ERROR(pki::CheckMemberName(settings.name));
  ASSIGN_OR_RETURN(settings.address,
                   ResolveAddress(wanted.address(), interfaces));
  ASSIGN_OR_RETURN(settings.services, ResolveServices(wanted));
  if (wanted.encap_ip().empty()) {
    ASSIGN_OR_RETURN(const HostPort address, ParseHostPort(settings.address));
    settings.encap_ip = address.host;
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
