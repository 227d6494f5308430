// SPDX-License-Identifier: Apache-2.0
// What the node's network looks like: interfaces and addresses as the kernel
// tells, routes out of `ip -json`. Parsing and choosing are pure; reading is
// thread-safe.
#ifndef MICROOVN_AGENT_OVN_NETWORK_FACTS_H_
#define MICROOVN_AGENT_OVN_NETWORK_FACTS_H_

#include <ifaddrs.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/process/command_runner.h"

namespace microovn::agent {

struct InterfaceAddress {
  // "10.0.0.1"
  std::string ip;
  int prefix_length = 0;
};

struct NetworkInterface {
  std::string name;
  std::string mac;
  bool up = false;
  std::vector<InterfaceAddress> addresses;
  bool loopback = false;
};

// A route that somebody added; those that come with an address are left out.
struct NetworkRoute {
  // "default" or "10.1.0.0/16".
  std::string destination;
  // Empty for a route without one.
  std::string gateway;
  int metric = 0;

  friend bool operator==(const NetworkRoute& a, const NetworkRoute& b) {
    return a.destination == b.destination && a.gateway == b.gateway &&
           a.metric == b.metric;
  }
};

// What getifaddrs(3) gives: a device first, then its addresses.
std::vector<NetworkInterface> InterfacesOf(const ifaddrs* entries);
// Output of `ip -json route show dev NAME`.
absl::StatusOr<std::vector<NetworkRoute>> ParseRoutes(absl::string_view json);

// Whether other nodes may reach this one over the interface: it is up, and no
// loopback.
bool IsInUse(const NetworkInterface& interface);

// The address to listen on when none was given: the first global unicast one
// of any interface in use, IPv4 before IPv6. Empty when there is none.
std::string FirstGlobalUnicast(const std::vector<NetworkInterface>& interfaces);

// Neither loopback, link-local, multicast nor unspecified. Private addresses
// are global unicast.
bool IsGlobalUnicast(const std::string& ip);

// The interface that has the address; null when none has.
const NetworkInterface* InterfaceWithAddress(
    const std::vector<NetworkInterface>& interfaces, absl::string_view ip);
const NetworkInterface* InterfaceNamed(
    const std::vector<NetworkInterface>& interfaces, absl::string_view name);

// Of this process's network namespace; runs no program.
absl::StatusOr<std::vector<NetworkInterface>> ReadInterfaces();
// IPv4 and IPv6.
absl::StatusOr<std::vector<NetworkRoute>> ReadRoutes(
    CommandRunner& runner, const std::string& interface);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OVN_NETWORK_FACTS_H_
