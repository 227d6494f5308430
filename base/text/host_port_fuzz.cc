// SPDX-License-Identifier: Apache-2.0
// Addresses as people type them and peers announce them.
#include "base/testing/fuzz_target.h"
#include "base/text/host_port.h"

namespace microovn {

std::vector<std::string> FuzzSeeds() {
  return {"10.0.0.1:6686", "[2001:db8::1]:6686",  "10.0.0.1",
          "fd00::1",       "[::ffff:10.0.0.1]:1", "[fe80::1%eth0]:6686"};
}

void FuzzOne(absl::string_view input) {
  for (const uint16_t default_port : {uint16_t{0}, uint16_t{6686}}) {
    const absl::StatusOr<HostPort> address = ParseHostPort(input, default_port);
    if (!address.ok()) continue;
    FuzzCheck(address->port != 0, "a port is not 0");
    FuzzCheck(input.find_first_not_of("0123456789abcdefABCDEF.:[]") ==
                  absl::string_view::npos,
              "only an address is an address");
    const auto again = ParseHostPort(FormatHostPort(*address));
    FuzzCheck(again.ok() && again->host == address->host &&
                  again->port == address->port,
              "an address is what it prints");
    FuzzCheck(ParseIpAddress(address->host).value_or("") == address->host,
              "a host is in its canonical form");
  }
}

}  // namespace microovn
