// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/network_facts.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/ovn/json_fields.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"

namespace microovn::agent {
namespace {

std::string MacOf(const sockaddr_ll& address) {
  return absl::StrJoin(address.sll_addr,
                       address.sll_addr + std::min<int>(address.sll_halen, 6),
                       ":", [](std::string* out, unsigned char byte) {
                         absl::StrAppend(out, absl::Hex(byte, absl::kZeroPad2));
                       });
}

// The ones at the beginning of a mask.
int PrefixLength(const unsigned char* mask, size_t bytes) {
  int length = 0;
  for (size_t i = 0; i < bytes; ++i) {
    for (int bit = 7; bit >= 0; --bit) {
      if ((mask[i] >> bit & 1) == 0) return length;
      ++length;
    }
  }
  return length;
}

// Nothing for what is no IP address.
std::optional<InterfaceAddress> AddressOf(const ifaddrs& entry) {
  char text[INET6_ADDRSTRLEN] = "";
  const bool six = entry.ifa_addr->sa_family == AF_INET6;
  if (!six && entry.ifa_addr->sa_family != AF_INET) return std::nullopt;
  if (entry.ifa_netmask == nullptr) return std::nullopt;
  const auto bytes = [six](const sockaddr* address) -> const unsigned char* {
    if (!six) {
      return reinterpret_cast<const unsigned char*>(
          &reinterpret_cast<const sockaddr_in*>(address)->sin_addr);
    }
    return reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr.s6_addr;
  };
  inet_ntop(six ? AF_INET6 : AF_INET, bytes(entry.ifa_addr), text,
            sizeof(text));
  return InterfaceAddress{text,
                          PrefixLength(bytes(entry.ifa_netmask), six ? 16 : 4)};
}

bool IsIpv4(const std::string& ip) { return !absl::StrContains(ip, ":"); }

bool IsGlobalUnicast4(in_addr address) {
  const uint32_t ip = ntohl(address.s_addr);
  const bool loopback = (ip >> 24) == 127;
  const bool link_local = (ip >> 16) == 0xa9fe;
  const bool multicast = (ip >> 28) == 0xe;
  return ip != INADDR_ANY && ip != INADDR_BROADCAST && !loopback &&
         !link_local && !multicast;
}

bool IsGlobalUnicast6(const in6_addr& address) {
  return !IN6_IS_ADDR_UNSPECIFIED(&address) &&
         !IN6_IS_ADDR_LOOPBACK(&address) && !IN6_IS_ADDR_LINKLOCAL(&address) &&
         !IN6_IS_ADDR_MULTICAST(&address);
}

absl::StatusOr<std::string> RunIp(CommandRunner& runner,
                                  std::vector<std::string> arguments) {
  Command command;
  command.argv = {"ip", "-json"};
  for (std::string& word : arguments) command.argv.push_back(std::move(word));
  command.timeout = absl::Seconds(5);
  return RunForOutput(runner, command);
}

}  // namespace

std::vector<NetworkInterface> InterfacesOf(const ifaddrs* entries) {
  std::vector<NetworkInterface> interfaces;
  for (const ifaddrs* entry = entries; entry != nullptr;
       entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr) continue;
    // An IPv4 address bears its label, "eth0:1".
    absl::string_view name = entry->ifa_name;
    name = name.substr(0, name.find(':'));
    auto interface = std::find_if(
        interfaces.begin(), interfaces.end(),
        [name](const NetworkInterface& known) { return known.name == name; });
    if (interface == interfaces.end()) {
      interface = interfaces.insert(interface, NetworkInterface());
      interface->name = std::string(name);
      interface->up = (entry->ifa_flags & IFF_UP) != 0;
      interface->loopback = (entry->ifa_flags & IFF_LOOPBACK) != 0;
    }
    if (entry->ifa_addr->sa_family == AF_PACKET) {
      interface->mac =
          MacOf(*reinterpret_cast<const sockaddr_ll*>(entry->ifa_addr));
    }
    std::optional<InterfaceAddress> address = AddressOf(*entry);
    if (address.has_value()) {
      interface->addresses.push_back(*std::move(address));
    }
  }
  return interfaces;
}

absl::StatusOr<std::vector<NetworkRoute>> ParseRoutes(absl::string_view json) {
  // iproute2 prints nothing at all, not [], when there is no route.
  if (json.find_first_not_of(" \t\r\n") == json.npos) {
    return std::vector<NetworkRoute>();
  }
  ASSIGN_OR_RETURN(const nlohmann::json document,
                   ParseJson(json, "the output of ip route"));
  std::vector<NetworkRoute> routes;
  for (const nlohmann::json& object : document) {
    NetworkRoute route;
    route.destination = StringField(object, "dst");
    route.gateway = StringField(object, "gateway");
    route.metric = static_cast<int>(IntegerField(object, "metric"));
    if (route.destination.empty()) continue;
    if (StringField(object, "protocol") == "kernel") continue;
    routes.push_back(std::move(route));
  }
  return routes;
}

std::string FirstGlobalUnicast(
    const std::vector<NetworkInterface>& interfaces) {
  std::string first_ipv6;
  for (const NetworkInterface& interface : interfaces) {
    if (!IsInUse(interface)) continue;
    for (const InterfaceAddress& address : interface.addresses) {
      if (!IsGlobalUnicast(address.ip)) continue;
      if (IsIpv4(address.ip)) return address.ip;
      if (first_ipv6.empty()) first_ipv6 = address.ip;
    }
  }
  return first_ipv6;
}

bool IsInUse(const NetworkInterface& interface) {
  return interface.up && !interface.loopback;
}

bool IsGlobalUnicast(const std::string& ip) {
  in_addr four;
  if (inet_pton(AF_INET, ip.c_str(), &four) == 1) return IsGlobalUnicast4(four);
  in6_addr six;
  return inet_pton(AF_INET6, ip.c_str(), &six) == 1 && IsGlobalUnicast6(six);
}

const NetworkInterface* InterfaceWithAddress(
    const std::vector<NetworkInterface>& interfaces, absl::string_view ip) {
  for (const NetworkInterface& interface : interfaces) {
    for (const InterfaceAddress& address : interface.addresses) {
      if (address.ip == ip) return &interface;
    }
  }
  return nullptr;
}

const NetworkInterface* InterfaceNamed(
    const std::vector<NetworkInterface>& interfaces, absl::string_view name) {
  for (const NetworkInterface& interface : interfaces) {
    if (interface.name == name) return &interface;
  }
  return nullptr;
}

absl::StatusOr<std::vector<NetworkInterface>> ReadInterfaces() {
  ifaddrs* entries = nullptr;
  if (getifaddrs(&entries) != 0) {
    return ErrnoStatus(errno, "read", "the network's interfaces");
  }
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(entries,
                                                               freeifaddrs);
  return InterfacesOf(entries);
}

absl::StatusOr<std::vector<NetworkRoute>> ReadRoutes(
    CommandRunner& runner, const std::string& interface) {
  std::vector<NetworkRoute> routes;
  for (const char* family : {"-4", "-6"}) {
    ASSIGN_OR_RETURN(
        const std::string json,
        RunIp(runner, {family, "route", "show", "dev", interface}));
    ASSIGN_OR_RETURN(std::vector<NetworkRoute> more, ParseRoutes(json));
    for (NetworkRoute& route : more) routes.push_back(std::move(route));
  }
  return routes;
}

}  // namespace microovn::agent
