// SPDX-License-Identifier: Apache-2.0
#include "agent/entry/node_settings.h"

#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

std::vector<NetworkInterface> Interfaces() {
  NetworkInterface loopback{
      "lo", "", true, {{"127.0.0.1", 8}, {"203.0.113.7", 32}}, true};
  NetworkInterface off{"off", "", false, {{"10.7.0.1", 24}}};
  NetworkInterface eth0{"eth0", "02:00:00:00:00:01", true, {{"10.0.0.1", 24}}};
  NetworkInterface eth1{"eth1", "02:00:00:00:00:02", true, {{"fd00::1", 64}}};
  return {loopback, off, eth0, eth1};
}

TEST(NodeSettings, DefaultsAreTheHostNameAndTheFirstGlobalAddress) {
  const auto settings = ResolveNodeSettings({}, "node1", Interfaces());
  ASSERT_OK(settings);
  EXPECT_EQ(settings->name.text(), "node1");
  EXPECT_EQ(settings->address, (HostPort{"10.0.0.1", 6686}));
  EXPECT_EQ(settings->encap_ip, "10.0.0.1");
  EXPECT_TRUE(settings->services.empty());
  EXPECT_TRUE(settings->warnings.empty());
}

TEST(NodeSettings, GivenValuesAreTakenAndMadeCanonical) {
  v1::NodeSettings wanted;
  wanted.set_address("FD00::1");
  wanted.set_member("other");
  wanted.set_encap_ip("10.9.9.9");
  wanted.add_services(v1::SERVICE_SWITCH);
  wanted.add_services(v1::SERVICE_CHASSIS);
  wanted.add_services(v1::SERVICE_SWITCH);
  const auto settings = ResolveNodeSettings(wanted, "node1", Interfaces());
  ASSERT_OK(settings);
  EXPECT_EQ(settings->address, (HostPort{"fd00::1", 6686}));
  EXPECT_EQ(settings->name.text(), "other");
  EXPECT_EQ(settings->services.size(), 2u);
  EXPECT_EQ(settings->warnings.size(), 1u) << "an address nobody has";
}

TEST(NodeSettings, AddressesThatNoOtherNodeReachesAreRefused) {
  for (const char* address :
       {"fe80::1", "[fe80::1]:6686", "169.254.1.1", "169.254.1.1:6686",
        "127.0.0.1", "[::1]:6686", "10.0.0.1:6642"}) {
    v1::NodeSettings listens;
    listens.set_address(address);
    EXPECT_THAT(ResolveNodeSettings(listens, "node1", Interfaces()),
                HasReason("ADDRESS_NOT_USABLE"))
        << address;
  }
  v1::NodeSettings tunnels;
  tunnels.set_encap_ip("fe80::1");
  EXPECT_THAT(ResolveNodeSettings(tunnels, "node1", Interfaces()),
              HasReason("ADDRESS_NOT_USABLE"));
}

TEST(NodeSettings, OfANetworkOneAddressIsChosen) {
  v1::NodeSettings wanted;
  wanted.set_address("10.0.0.0/24");
  wanted.set_encap_ip("fd00::/16");
  const auto settings = ResolveNodeSettings(wanted, "node1", Interfaces());
  ASSERT_OK(settings);
  EXPECT_EQ(settings->address, (HostPort{"10.0.0.1", 6686}));
  EXPECT_EQ(settings->encap_ip, "fd00::1");
  wanted.set_address("10.7.0.0/24");
  EXPECT_THAT(ResolveNodeSettings(wanted, "node1", Interfaces()),
              HasReason("ADDRESS_NOT_LOCAL"))
      << "that interface is down";
}

TEST(NodeSettings, RefusalsNameTheReason) {
  v1::NodeSettings bad_address;
  bad_address.set_address("10.0.0");
  EXPECT_THAT(ResolveNodeSettings(bad_address, "node1", Interfaces()),
              HasReason("BAD_ADDRESS"));
  v1::NodeSettings elsewhere;
  elsewhere.set_address("192.0.2.1");
  EXPECT_THAT(ResolveNodeSettings(elsewhere, "node1", Interfaces()),
              HasReason("ADDRESS_NOT_LOCAL"));
  v1::NodeSettings bad_encap;
  bad_encap.set_encap_ip("x");
  EXPECT_THAT(ResolveNodeSettings(bad_encap, "node1", Interfaces()),
              HasReason("BAD_ADDRESS"));
  v1::NodeSettings bgp;
  bgp.add_services(v1::SERVICE_BGP);
  EXPECT_THAT(ResolveNodeSettings(bgp, "node1", Interfaces()),
              HasReason("UNKNOWN_SERVICE"));
  EXPECT_THAT(ResolveNodeSettings({}, "node1", {}), HasReason("NO_ADDRESS"));
  EXPECT_FALSE(ResolveNodeSettings({}, "../x", Interfaces()).ok());
}

}  // namespace
}  // namespace microovn::agent
