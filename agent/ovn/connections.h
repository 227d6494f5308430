// SPDX-License-Identifier: Apache-2.0
// Which addresses OVN's services of this node use, out of who is central: the
// values of ovn.env and of the switch's `ovn-remote`. Pure, thread-safe.
#ifndef MICROOVN_AGENT_OVN_CONNECTIONS_H_
#define MICROOVN_AGENT_OVN_CONNECTIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn::agent {

inline constexpr int kNorthboundPort = 6641;
inline constexpr int kSouthboundPort = 6642;
inline constexpr int kNorthboundRaftPort = 6643;
inline constexpr int kSouthboundRaftPort = 6644;

struct ConnectionFacts {
  // Of this node; IP addresses here and below are without brackets.
  std::string local_ip;
  // Of the members with central, in the order in which they were admitted.
  std::vector<std::string> central_ips;
  // ovn.central-ips: when not empty, OVN's central is elsewhere.
  std::vector<std::string> external_central_ips;
};

// The five values of ovn.env. Empty ones when there is no central.
struct OvnConnections {
  std::string initial_nb;
  std::string initial_sb;
  std::string nb_connect;
  std::string sb_connect;
  std::string local_ip;
};

OvnConnections MakeConnections(const ConnectionFacts& facts);

// "ssl:10.0.0.1:6641,ssl:[fd00::1]:6641"
std::string ConnectionString(const std::vector<std::string>& ips, int port);

// "ssl:[fd00::1]:6643"
std::string SslAddress(absl::string_view ip, int port);

// IPv6 in brackets, others as they are.
std::string Bracketed(absl::string_view ip);

// The value of ovn.central-ips. INVALID_ARGUMENT, naming the item, unless it
// is a comma list of IP addresses with no empty items and no brackets.
absl::StatusOr<std::vector<std::string>> ParseCentralIps(
    absl::string_view value);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OVN_CONNECTIONS_H_
