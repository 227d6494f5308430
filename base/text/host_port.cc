// SPDX-License-Identifier: Apache-2.0
#include "base/text/host_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"
#include "glog/logging.h"

namespace microovn {
namespace {

// Longer than any literal address with zone, brackets and port.
constexpr size_t kMaxLength = 80;

absl::Status BadAddress(absl::string_view text, absl::string_view why) {
  return MakeError(absl::StatusCode::kInvalidArgument,
                   absl::StrCat("\"", Shown(text, kMaxLength), "\" ", why),
                   {"BAD_ADDRESS", ""});
}

}  // namespace

absl::StatusOr<std::string> ParseIpAddress(absl::string_view text) {
  if (text.size() > kMaxLength) {
    return BadAddress(text, "is too long for an IP address");
  }
  // It would end what inet_pton sees.
  if (absl::StrContains(text, '\0')) {
    return BadAddress(text, "is not an IP address");
  }
  const std::string literal(text);
  char canonical[INET6_ADDRSTRLEN] = "";
  in_addr v4 = {};
  if (inet_pton(AF_INET, literal.c_str(), &v4) == 1) {
    const uint32_t host = ntohl(v4.s_addr);
    if (host == INADDR_ANY || host == INADDR_BROADCAST || IN_MULTICAST(host)) {
      return BadAddress(text, "is not the address of one host");
    }
    return std::string(inet_ntop(AF_INET, &v4, canonical, sizeof(canonical)));
  }
  in6_addr v6 = {};
  if (inet_pton(AF_INET6, literal.c_str(), &v6) == 1) {
    if (IN6_IS_ADDR_UNSPECIFIED(&v6) || IN6_IS_ADDR_MULTICAST(&v6)) {
      return BadAddress(text, "is not the address of one host");
    }
    return std::string(inet_ntop(AF_INET6, &v6, canonical, sizeof(canonical)));
  }
  return BadAddress(text, "is not an IP address");
}

absl::StatusOr<HostPort> ParseHostPort(absl::string_view text,
                                       uint16_t default_port) {
  absl::string_view host = text;
  absl::string_view port;
  const size_t colon = text.rfind(':');
  if (!text.empty() && text.front() == '[') {
    const size_t close = text.find(']');
    if (close == absl::string_view::npos) {
      return BadAddress(text, "lacks a closing bracket");
    }
    host = text.substr(1, close - 1);
    port = text.substr(close + 1);
    if (!port.empty() && port.front() != ':') {
      return BadAddress(text, "has something after the bracket");
    }
  } else if (colon != absl::string_view::npos && text.find(':') == colon) {
    host = text.substr(0, colon);
    port = text.substr(colon);
  }
  HostPort result;
  ASSIGN_OR_RETURN(result.host, ParseIpAddress(host));
  if (text.front() == '[' && !absl::StrContains(result.host, ':')) {
    return BadAddress(text, "has an IPv4 address in brackets");
  }
  if (port.empty() && default_port != 0) {
    result.port = default_port;
    return result;
  }
  uint32_t number = 0;
  if (port.size() < 2 ||
      port.substr(1).find_first_not_of("0123456789") !=
          absl::string_view::npos ||
      !absl::SimpleAtoi(port.substr(1), &number) || number == 0 ||
      number > 65535) {
    return BadAddress(text, "has no port from 1 to 65535");
  }
  result.port = static_cast<uint16_t>(number);
  return result;
}

HostPort MustParseHostPort(absl::string_view text) {
  absl::StatusOr<HostPort> address = ParseHostPort(text);
  CHECK(address.ok()) << address.status();
  return *std::move(address);
}

std::string FormatHostPort(const HostPort& address) {
  if (!absl::StrContains(address.host, ':')) {
    return absl::StrCat(address.host, ":", address.port);
  }
  return absl::StrCat("[", address.host, "]:", address.port);
}

std::ostream& operator<<(std::ostream& out, const HostPort& address) {
  return out << FormatHostPort(address);
}

}  // namespace microovn
