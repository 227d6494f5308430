// SPDX-License-Identifier: Apache-2.0
#include "base/text/host_port.h"

#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace microovn {
namespace {

struct Case {
  const char* text;
  uint16_t default_port;
  // Empty: refused.
  const char* formatted;
};

TEST(HostPort, Table) {
  const Case cases[] = {
      {"10.0.0.1:6686", 0, "10.0.0.1:6686"},
      {"10.0.0.1", 6686, "10.0.0.1:6686"},
      {"10.0.0.1", 0, ""},
      {"10.0.0.1:", 6686, ""},
      {"10.0.0.1:0", 6686, ""},
      {"10.0.0.1:65536", 6686, ""},
      {"10.0.0.1:66x", 6686, ""},
      {"10.0.0.1:+6686", 6686, ""},
      {"10.0.0.1: 6686", 6686, ""},
      {"[2001:DB8::1]:6686", 0, "[2001:db8::1]:6686"},
      {"[2001:db8::1]", 6686, "[2001:db8::1]:6686"},
      {"2001:db8::1", 6686, "[2001:db8::1]:6686"},
      {"[2001:db8::1", 6686, ""},
      {"[2001:db8::1]6686", 6686, ""},
      {"[10.0.0.1]:6686", 0, ""},
      {"10.0.0.1:+1", 0, ""},
      {"10.0.0.1: 1", 0, ""},
      {"fd00::1:6686:x", 0, ""},
      {"127.0.0", 6686, ""},
      {"0.0.0.0:6686", 0, ""},
      {"224.0.0.1:6686", 0, ""},
      {"[::]:6686", 0, ""},
      {"node1:6686", 0, ""},
      {"", 6686, ""},
  };
  for (const Case& c : cases) {
    const auto parsed = ParseHostPort(c.text, c.default_port);
    if (*c.formatted == '\0') {
      EXPECT_THAT(parsed, HasReason("BAD_ADDRESS")) << c.text;
    } else {
      ASSERT_OK(parsed) << c.text;
      EXPECT_EQ(FormatHostPort(*parsed), c.formatted);
    }
  }
}

TEST(HostPort, AZeroByteEndsNothing) {
  EXPECT_THAT(ParseHostPort(std::string("10.0.0.1\0:1", 11)),
              HasReason("BAD_ADDRESS"));
  EXPECT_THAT(ParseIpAddress(std::string("10.0.0.1\0x", 10)),
              HasReason("BAD_ADDRESS"));
}

TEST(HostPort, AnOverLongAddressIsCutInTheMessage) {
  const auto parsed = ParseIpAddress(std::string(100'000, '1'));
  ASSERT_THAT(parsed, HasReason("BAD_ADDRESS"));
  EXPECT_LT(parsed.status().message().size(), 200u);
}

}  // namespace
}  // namespace microovn
