// SPDX-License-Identifier: Apache-2.0
#include "agent/state/values/member_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/errors/cluster_errors.h"
#include "agent/state/values/member_view.h"
#include "base/status/error.h"

namespace microovn::agent {
namespace {

// Why no other node reaches it; empty when it may.
absl::string_view WhyUnreachable(const std::string& host) {
  in_addr v4;
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    const uint32_t ip = ntohl(v4.s_addr);
    if (ip >> 24 == 127) return "it is a loopback address";
    if (ip >> 16 == 0xa9fe) return "it is link-local";
    if (ip >> 24 == 0 || ip >> 28 >= 0xe) return "it is no address of one host";
    return "";
  }
  in6_addr v6;
  if (inet_pton(AF_INET6, host.c_str(), &v6) != 1) return "";
  if (IN6_IS_ADDR_LOOPBACK(&v6)) return "it is a loopback address";
  if (IN6_IS_ADDR_LINKLOCAL(&v6)) return "it is link-local";
  if (IN6_IS_ADDR_V4MAPPED(&v6)) return "it is an IPv4 address in disguise";
  if (IN6_IS_ADDR_UNSPECIFIED(&v6) || IN6_IS_ADDR_MULTICAST(&v6)) {
    return "it is no address of one host";
  }
  return "";
}

// Of an address.
bool IsIpv6(absl::string_view ip) { return absl::StrContains(ip, ':'); }

}  // namespace

absl::Status CheckReachable(const std::string& host) {
  const absl::string_view why = WhyUnreachable(host);
  if (why.empty()) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("the other members cannot reach ", host, ": ", why),
      {"ADDRESS_NOT_USABLE", "choose a global or private address"});
}

absl::Status CheckTunnelAddress(const ClusterState& state,
                                const std::string& encap_ip,
                                absl::string_view member_id) {
  for (const statepb::Member* member : MembersInOrder(state)) {
    if (member->member_id() == member_id) continue;
    const std::string other = EncapIpOf(*member);
    if (other == encap_ip) {
      return EncapAddressTaken(encap_ip, member->name());
    }
    if (IsIpv6(other) != IsIpv6(encap_ip)) {
      return EncapAddressUnfit(encap_ip, other, member->name());
    }
  }
  return absl::OkStatus();
}

}  // namespace microovn::agent
