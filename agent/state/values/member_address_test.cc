// SPDX-License-Identifier: Apache-2.0
#include "agent/state/values/member_address.h"

#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

statepb::Member MemberAt(const char* id, const char* address,
                         const char* encap_ip) {
  statepb::Member member;
  member.set_member_id(id);
  member.set_name(id);
  member.set_address(address);
  member.set_encap_ip(encap_ip);
  return member;
}

TEST(CheckTunnelAddress, MustFitToEveryMembers) {
  ClusterState state;
  EXPECT_OK(CheckTunnelAddress(state, "10.1.0.1"));
  state.members.Put("a", MemberAt("a", "10.0.0.1:6686", "10.1.0.1"));
  state.members.Put("b", MemberAt("b", "10.0.0.2:6686", ""));
  EXPECT_OK(CheckTunnelAddress(state, "10.1.0.3"));
  EXPECT_OK(CheckTunnelAddress(state, "10.0.0.1"))
      << "where a listens, it does not tunnel";
  for (const char* taken : {"10.1.0.1", "10.0.0.2"}) {
    EXPECT_THAT(CheckTunnelAddress(state, taken),
                HasReason("ENCAP_ADDRESS_TAKEN"))
        << taken;
  }
  EXPECT_THAT(CheckTunnelAddress(state, "fd00::3"),
              HasReason("ENCAP_ADDRESS_UNFIT"));
  ClusterState six;
  six.members.Put("a", MemberAt("a", "[fd00::1]:6686", ""));
  EXPECT_OK(CheckTunnelAddress(six, "fd00::2"));
  EXPECT_THAT(CheckTunnelAddress(six, "10.0.0.1"),
              HasReason("ENCAP_ADDRESS_UNFIT"));
  EXPECT_THAT(CheckTunnelAddress(six, "fd00::1"),
              HasReason("ENCAP_ADDRESS_TAKEN"));
}

TEST(CheckTunnelAddress, AMembersOwnIsNotInItsWay) {
  ClusterState state;
  state.members.Put("a", MemberAt("a", "10.0.0.1:6686", "10.1.0.1"));
  EXPECT_OK(CheckTunnelAddress(state, "10.1.0.1", "a"));
  EXPECT_OK(CheckTunnelAddress(state, "fd00::1", "a"))
      << "nobody else is there";
  state.members.Put("b", MemberAt("b", "10.0.0.2:6686", ""));
  EXPECT_THAT(CheckTunnelAddress(state, "10.0.0.2", "a"),
              HasReason("ENCAP_ADDRESS_TAKEN"));
  EXPECT_THAT(CheckTunnelAddress(state, "fd00::1", "a"),
              HasReason("ENCAP_ADDRESS_UNFIT"));
}

TEST(CheckReachable, RefusesWhatIsOfThisNodeOnly) {
  for (const char* host :
       {"127.0.0.1", "127.9.9.9", "::1", "169.254.1.1", "fe80::1", "0.0.0.0",
        "::", "224.0.0.1", "255.255.255.255", "ff02::1", "::ffff:127.0.0.1"}) {
    EXPECT_THAT(CheckReachable(host), HasReason("ADDRESS_NOT_USABLE")) << host;
  }
  for (const char* host : {"10.0.0.1", "192.168.0.1", "203.0.113.7", "fd00::1",
                           "2001:db8::1", "126.0.0.1", "128.0.0.1"}) {
    EXPECT_OK(CheckReachable(host)) << host;
  }
}

}  // namespace
}  // namespace microovn::agent
