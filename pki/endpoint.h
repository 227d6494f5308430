// An IP address and a port, as members announce themselves.
//
// Host names are not accepted: what is written into a token or a certificate
// must not depend on whose resolver reads it. Pure.
#ifndef MICROOVN_PKI_ENDPOINT_H_
#define MICROOVN_PKI_ENDPOINT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn::pki {

struct Endpoint {
  // Canonical text, without brackets.
  std::string ip;
  uint16_t port = 0;

  friend bool operator==(const Endpoint& a, const Endpoint& b) {
    return a.ip == b.ip && a.port == b.port;
  }
};

// From "IP:PORT" or "[IPV6]:PORT"; ADDRESS_INVALID for anything else,
// including port 0.
absl::StatusOr<Endpoint> ParseEndpoint(absl::string_view text);
std::string ToText(const Endpoint& endpoint);

// The canonical text of an IPv4 or IPv6 address.
absl::StatusOr<std::string> CanonicalIp(absl::string_view text);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_ENDPOINT_H_
