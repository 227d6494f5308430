// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/connections.h"

#include <arpa/inet.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/text/text.h"

namespace microovn::agent {
namespace {

bool IsIpAddress(const std::string& text) {
  // An embedded NUL would cut the text that inet_pton sees.
  if (absl::StrContains(text, '\0')) return false;
  in6_addr address;
  return inet_pton(AF_INET, text.c_str(), &address) == 1 ||
         inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

// The central that a server of this node joins; this node's own address when
// it is the only one.
std::string Initial(const ConnectionFacts& facts,
                    const std::vector<std::string>& centrals) {
  if (centrals.empty()) return "";
  for (const std::string& ip : centrals) {
    if (ip != facts.local_ip) return Bracketed(ip);
  }
  return Bracketed(centrals.front());
}

}  // namespace

OvnConnections MakeConnections(const ConnectionFacts& facts) {
  const std::vector<std::string>& centrals = facts.external_central_ips.empty()
                                                 ? facts.central_ips
                                                 : facts.external_central_ips;
  OvnConnections connections;
  connections.initial_nb = Initial(facts, centrals);
  connections.initial_sb = connections.initial_nb;
  connections.nb_connect = ConnectionString(centrals, kNorthboundPort);
  connections.sb_connect = ConnectionString(centrals, kSouthboundPort);
  connections.local_ip = Bracketed(facts.local_ip);
  return connections;
}

std::string ConnectionString(const std::vector<std::string>& ips, int port) {
  return absl::StrJoin(ips, ",", [port](std::string* out, const auto& ip) {
    absl::StrAppend(out, SslAddress(ip, port));
  });
}

std::string SslAddress(absl::string_view ip, int port) {
  return absl::StrCat("ssl:", Bracketed(ip), ":", port);
}

std::string Bracketed(absl::string_view ip) {
  if (!absl::StrContains(ip, ":")) return std::string(ip);
  return absl::StrCat("[", ip, "]");
}

absl::StatusOr<std::vector<std::string>> ParseCentralIps(
    absl::string_view value) {
  std::vector<std::string> ips = absl::StrSplit(value, ',');
  for (const std::string& ip : ips) {
    if (!IsIpAddress(ip)) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", Shown(ip, 80), "\" is not an IP address"));
    }
  }
  return ips;
}

}  // namespace microovn::agent
