// SPDX-License-Identifier: Apache-2.0
#include "agent/entry/address_rules.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstring>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "agent/state/values/member_view.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/text/host_port.h"
#include "base/text/text.h"

namespace microovn::agent {
namespace {

using Bytes = std::string;

// Four or sixteen bytes in network order; empty for what is no address.
Bytes BytesOf(const std::string& ip) {
  std::array<char, 16> bytes = {};
  if (inet_pton(AF_INET, ip.c_str(), bytes.data()) == 1) {
    return Bytes(bytes.data(), 4);
  }
  if (inet_pton(AF_INET6, ip.c_str(), bytes.data()) == 1) {
    return Bytes(bytes.data(), 16);
  }
  return "";
}

bool SamePrefix(const Bytes& a, const Bytes& b, int bits) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size() && bits > 0; ++i, bits -= 8) {
    const int kept = bits < 8 ? bits : 8;
    const auto mask = static_cast<unsigned char>(0xff << (8 - kept));
    if (((a[i] ^ b[i]) & mask) != 0) return false;
  }
  return true;
}

struct Network {
  Bytes address;
  int bits = 0;
};

std::optional<Network> ParseNetwork(absl::string_view text) {
  const size_t slash = text.find('/');
  if (slash == absl::string_view::npos) return std::nullopt;
  Network network;
  network.address = BytesOf(std::string(text.substr(0, slash)));
  const int most = static_cast<int>(network.address.size()) * 8;
  if (most == 0 || !absl::SimpleAtoi(text.substr(slash + 1), &network.bits) ||
      network.bits < 0 || network.bits > most) {
    return std::nullopt;
  }
  return network;
}

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

struct DatabasePort {
  uint16_t port;
  absl::string_view user;
};

constexpr DatabasePort kDatabasePorts[] = {
    {6641, "clients of the OVN Northbound database"},
    {6642, "clients of the OVN Southbound database"},
    {6643, "servers of the OVN Northbound database"},
    {6644, "servers of the OVN Southbound database"},
};

}  // namespace

bool IsNetwork(absl::string_view text) { return absl::StrContains(text, '/'); }

absl::StatusOr<std::string> ChooseAddress(
    absl::string_view network,
    const std::vector<NetworkInterface>& interfaces) {
  const std::optional<Network> wanted = ParseNetwork(network);
  if (!wanted.has_value()) {
    return MakeError(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat("\"", Shown(network, 80), "\" is not a network"),
        {"BAD_ADDRESS", "write it as 10.98.0.0/24 or fd00:1::/64"});
  }
  for (const NetworkInterface& interface : interfaces) {
    if (!IsInUse(interface)) continue;
    for (const InterfaceAddress& address : interface.addresses) {
      if (IsGlobalUnicast(address.ip) &&
          SamePrefix(BytesOf(address.ip), wanted->address, wanted->bits)) {
        return address.ip;
      }
    }
  }
  return MakeError(absl::StatusCode::kInvalidArgument,
                   absl::StrCat("no interface of this node that is up has an "
                                "address in ",
                                network),
                   {"ADDRESS_NOT_LOCAL", "choose one that 'ip address' shows"});
}

absl::Status CheckReachable(const std::string& host) {
  const absl::string_view why = WhyUnreachable(host);
  if (why.empty()) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("the other members cannot reach ", host, ": ", why),
      {"ADDRESS_NOT_USABLE", "choose a global or private address"});
}

absl::Status CheckPort(uint16_t port) {
  for (const DatabasePort& taken : kDatabasePorts) {
    if (taken.port != port) continue;
    return MakeError(absl::StatusCode::kInvalidArgument,
                     absl::StrCat("port ", port, " is for ", taken.user),
                     {"ADDRESS_NOT_USABLE",
                      "choose another port for the agent, "
                      "6686 by default"});
  }
  return absl::OkStatus();
}

absl::Status CheckTunnelAddress(const ClusterState& state,
                                const std::string& encap_ip) {
  for (const statepb::Member* member : MembersInOrder(state)) {
    const std::string other = EncapIpOf(*member);
    if (other == encap_ip) {
      return MakeError(
          absl::StatusCode::kAlreadyExists,
          absl::StrCat("the tunnel address ", encap_ip,
                       " is the one of member \"", member->name(), "\""),
          {"ENCAP_ADDRESS_TAKEN", "give this node's own with --encap-ip"});
    }
    if (BytesOf(other).size() == BytesOf(encap_ip).size()) continue;
    return MakeError(
        absl::StatusCode::kFailedPrecondition,
        absl::StrCat("no tunnel is possible between ", encap_ip, " and ", other,
                     " of member \"", member->name(),
                     "\": one is IPv4 and one IPv6"),
        {"ENCAP_ADDRESS_UNFIT",
         "give an address of the same family with --encap-ip"});
  }
  return absl::OkStatus();
}

}  // namespace microovn::agent
