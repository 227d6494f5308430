// SPDX-License-Identifier: Apache-2.0
#include "agent/entry/address_rules.h"

#include <arpa/inet.h>

#include <array>
#include <cstring>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status/error.h"
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

}  // namespace microovn::agent
