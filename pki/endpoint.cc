#include "pki/endpoint.h"

#include <arpa/inet.h>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"
#include "pki/errors.h"

namespace microovn::pki {
namespace {

// "[IPv6 of 45 characters]:65535", with room to spare.
constexpr size_t kMaxText = 64;

std::string Printable(absl::string_view text) {
  return absl::CHexEscape(text.substr(0, kMaxText));
}

absl::StatusOr<uint16_t> ParsePort(absl::string_view text,
                                   absl::string_view whole) {
  uint32_t port = 0;
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") ==
                                           absl::string_view::npos;
  if (!digits || !absl::SimpleAtoi(text, &port) || port == 0 || port > 65535) {
    return AddressInvalid(Printable(whole), "its port is not 1 to 65535");
  }
  return static_cast<uint16_t>(port);
}

}  // namespace

absl::StatusOr<std::string> CanonicalIp(absl::string_view text) {
  if (text.size() > kMaxText) {
    return AddressInvalid(Printable(text), "it is too long");
  }
  const std::string copy(text);
  for (const int family : {AF_INET, AF_INET6}) {
    unsigned char bytes[16] = {};
    char canonical[INET6_ADDRSTRLEN] = {};
    // An embedded NUL would cut the text that inet_pton sees.
    if (copy.find('\0') == std::string::npos &&
        inet_pton(family, copy.c_str(), bytes) == 1 &&
        inet_ntop(family, bytes, canonical, sizeof(canonical)) != nullptr) {
      return std::string(canonical);
    }
  }
  return AddressInvalid(Printable(text), "it is neither IPv4 nor IPv6");
}

absl::StatusOr<Endpoint> ParseEndpoint(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) {
    return AddressInvalid(Printable(text), "it has no port");
  }
  absl::string_view host = text.substr(0, colon);
  const bool bracketed =
      host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  Endpoint endpoint;
  ASSIGN_OR_RETURN(endpoint.ip, CanonicalIp(host));
  const bool ipv6 = endpoint.ip.find(':') != std::string::npos;
  if (ipv6 != bracketed) {
    return AddressInvalid(Printable(text),
                          "brackets belong around IPv6 and only there");
  }
  ASSIGN_OR_RETURN(endpoint.port, ParsePort(text.substr(colon + 1), text));
  return endpoint;
}

std::string ToText(const Endpoint& endpoint) {
  if (endpoint.ip.find(':') != std::string::npos) {
    return absl::StrCat("[", endpoint.ip, "]:", endpoint.port);
  }
  return absl::StrCat(endpoint.ip, ":", endpoint.port);
}

}  // namespace microovn::pki
