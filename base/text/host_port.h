// SPDX-License-Identifier: Apache-2.0
// "10.0.0.1:6686", "[2001:db8::1]:6686": literal addresses with a port.
//
// Host names are not accepted: what is written into a token or a certificate
// must not depend on whose resolver reads it. Pure.
#ifndef MICROOVN_BASE_TEXT_HOST_PORT_H_
#define MICROOVN_BASE_TEXT_HOST_PORT_H_

#include <cstdint>
#include <ostream>
#include <string>
#include <tuple>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn {

// Parsed where it enters, and this type from there on: who takes one need not
// ask whether it is an address.
struct HostPort {
  // Without brackets, in the form inet_ntop(3) prints.
  std::string host;
  uint16_t port = 0;

  friend bool operator==(const HostPort& a, const HostPort& b) {
    return a.host == b.host && a.port == b.port;
  }
  friend bool operator!=(const HostPort& a, const HostPort& b) {
    return !(a == b);
  }
  friend bool operator<(const HostPort& a, const HostPort& b) {
    return std::tie(a.host, a.port) < std::tie(b.host, b.port);
  }
};

// INVALID_ARGUMENT, reason BAD_ADDRESS, unless `text` is a literal address
// that a host can have (not unspecified, not multicast), a colon and a port
// from 1 to 65535. With `default_port`, the colon and port may be missing.
absl::StatusOr<HostPort> ParseHostPort(absl::string_view text,
                                       uint16_t default_port = 0);

// Of a text that FormatHostPort made; ends the process for any other.
HostPort MustParseHostPort(absl::string_view text);

// With brackets where needed.
std::string FormatHostPort(const HostPort& address);
std::ostream& operator<<(std::ostream& out, const HostPort& address);

// The canonical form of a literal IPv4 or IPv6 address without brackets;
// INVALID_ARGUMENT, reason BAD_ADDRESS, for anything else.
absl::StatusOr<std::string> ParseIpAddress(absl::string_view text);

}  // namespace microovn

#endif  // MICROOVN_BASE_TEXT_HOST_PORT_H_
