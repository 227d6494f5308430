#include "agent/ovn/network_facts.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <utility>

#include "absl/strings/match.h"
#include "agent/ovn/json_fields.h"
#include "base/status_macros.h"

namespace microovn::agent {
namespace {

bool IsUp(const nlohmann::json& interface) {
  for (const nlohmann::json& flag : ArrayField(interface, "flags")) {
    if (flag.is_string() && flag.get<std::string>() == "UP") return true;
  }
  return false;
}

NetworkInterface ReadInterface(const nlohmann::json& object) {
  NetworkInterface interface;
  interface.name = StringField(object, "ifname");
  interface.mac = StringField(object, "address");
  interface.up = IsUp(object);
  for (const nlohmann::json& entry : ArrayField(object, "addr_info")) {
    const std::string ip = StringField(entry, "local");
    if (ip.empty()) continue;
    const int64_t length = IntegerField(entry, "prefixlen");
    interface.addresses.push_back({ip, static_cast<int>(length)});
  }
  return interface;
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

absl::StatusOr<std::vector<NetworkInterface>> ParseInterfaces(
    absl::string_view json) {
  ASSIGN_OR_RETURN(const nlohmann::json document,
                   ParseJson(json, "the output of ip addr"));
  std::vector<NetworkInterface> interfaces;
  for (const nlohmann::json& object : document) {
    NetworkInterface interface = ReadInterface(object);
    // A filter leaves empty objects for what it passes over.
    if (!interface.name.empty()) interfaces.push_back(std::move(interface));
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
    for (const InterfaceAddress& address : interface.addresses) {
      if (!IsGlobalUnicast(address.ip)) continue;
      if (IsIpv4(address.ip)) return address.ip;
      if (first_ipv6.empty()) first_ipv6 = address.ip;
    }
  }
  return first_ipv6;
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

absl::StatusOr<std::vector<NetworkInterface>> ReadInterfaces(
    CommandRunner& runner) {
  ASSIGN_OR_RETURN(const std::string json, RunIp(runner, {"addr"}));
  return ParseInterfaces(json);
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
