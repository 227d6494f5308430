// SPDX-License-Identifier: Apache-2.0
#include "agent/entry/address_rules.h"

#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using testing::HasSubstr;

std::vector<NetworkInterface> Interfaces() {
  return {{"lo", "", true, {{"127.0.0.1", 8}, {"203.0.113.7", 32}}, true},
          {"down", "", false, {{"10.0.1.9", 24}}},
          {"eth0", "", true, {{"fe80::1", 64}, {"10.0.0.1", 24}}},
          {"eth1", "", true, {{"10.0.1.1", 24}, {"fd00:1::1", 64}}}};
}

TEST(ChooseAddress, TakesTheFirstOfTheNetwork) {
  const struct {
    const char* network;
    const char* address;
  } cases[] = {
      {"10.0.0.0/24", "10.0.0.1"}, {"10.0.1.0/24", "10.0.1.1"},
      {"10.0.0.0/8", "10.0.0.1"},  {"10.0.1.77/24", "10.0.1.1"},
      {"10.0.1.1/32", "10.0.1.1"}, {"fd00:1::/64", "fd00:1::1"},
      {"0.0.0.0/1", "10.0.0.1"},   {"10.0.0.0/23", "10.0.0.1"},
  };
  for (const auto& test : cases) {
    ASSERT_TRUE(IsNetwork(test.network));
    EXPECT_THAT(ChooseAddress(test.network, Interfaces()),
                IsOkAndHolds(std::string(test.address)))
        << test.network;
  }
  EXPECT_FALSE(IsNetwork("10.0.0.1"));
}

TEST(ChooseAddress, SaysWhyThereIsNone) {
  for (const char* network : {"127.0.0.0/8", "10.0.2.0/24", "fe80::/64",
                              "10.0.1.9/32", "fd00:2::/64", "203.0.113.0/24"}) {
    EXPECT_THAT(ChooseAddress(network, Interfaces()),
                HasReason("ADDRESS_NOT_LOCAL"))
        << network;
  }
  for (const char* network : {"/", "10.0.0/24", "10.0.0.0/33", "10.0.0.0/-1",
                              "10.0.0.0/", "fd00::/129", "x/8", "\n/1"}) {
    EXPECT_THAT(ChooseAddress(network, Interfaces()), HasReason("BAD_ADDRESS"))
        << network;
  }
}

TEST(CheckPort, TheDatabasesKeepTheirs) {
  for (const uint16_t port : {6641, 6642, 6643, 6644}) {
    EXPECT_THAT(CheckPort(port), HasReason("ADDRESS_NOT_USABLE")) << port;
  }
  EXPECT_THAT(std::string(CheckPort(6642).message()),
              HasSubstr("port 6642 is for clients of the OVN Southbound"));
  for (const uint16_t port : {1, 6640, 6645, 6686}) EXPECT_OK(CheckPort(port));
}

}  // namespace
}  // namespace microovn::agent
