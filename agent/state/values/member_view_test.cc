// SPDX-License-Identifier: Apache-2.0
#include "agent/state/values/member_view.h"

#include <string>

#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

statepb::Member Record(const std::string& name, const std::string& address,
                       const std::string& encap_ip) {
  statepb::Member member;
  member.set_name(name);
  member.set_address(address);
  member.set_encap_ip(encap_ip);
  return member;
}

TEST(MemberView, ARecordIsReadAsItsTypes) {
  const struct {
    const char* address;
    const char* encap_ip;
    HostPort listens;
    const char* tunnels;
  } cases[] = {
      {"10.0.0.1:6686", "", {"10.0.0.1", 6686}, "10.0.0.1"},
      {"10.0.0.1:1", "10.9.0.1", {"10.0.0.1", 1}, "10.9.0.1"},
      {"[fd00::1]:65535", "", {"fd00::1", 65535}, "fd00::1"},
      {"[fd00::1]:6686", "10.9.0.1", {"fd00::1", 6686}, "10.9.0.1"},
  };
  for (const auto& c : cases) {
    const statepb::Member member =
        Record("node1.example", c.address, c.encap_ip);
    EXPECT_EQ(UnreadableField(member), "") << c.address;
    EXPECT_EQ(MemberNameOf(member).text(), "node1.example");
    EXPECT_EQ(AddressOf(member), c.listens);
    EXPECT_EQ(EncapIpOf(member), c.tunnels);
  }
}

TEST(MemberView, WhatCannotBeReadIsNamed) {
  const struct {
    statepb::Member member;
    const char* field;
  } cases[] = {
      {Record("", "10.0.0.1:6686", ""), "name"},
      {Record("Node1", "10.0.0.1:6686", ""), "name"},
      {Record("a/b", "10.0.0.1:6686", ""), "name"},
      {Record("node1", "", ""), "address"},
      {Record("node1", "10.0.0.1", ""), "address"},
      {Record("node1", "10.0.0.1:0", ""), "address"},
      {Record("node1", "10.0.0.1:06686", ""), "address"},
      {Record("node1", "node1:6686", ""), "address"},
      {Record("node1", "[FD00::1]:6686", ""), "address"},
      {Record("node1", "[10.0.0.1]:6686", ""), "address"},
      {Record("node1", "0.0.0.0:6686", ""), "address"},
      {Record("node1", std::string("10.0.0.1:6686\0", 14), ""), "address"},
      {Record("node1", "10.0.0.1:6686", "10.0.0.1:1"), "encap-ip"},
      {Record("node1", "10.0.0.1:6686", "FD00::1"), "encap-ip"},
      {Record("node1", "10.0.0.1:6686", "tunnel"), "encap-ip"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(UnreadableField(c.member), c.field)
        << c.member.ShortDebugString();
  }
}

TEST(MemberView, WhoHasNoAddressIsNowhere) {
  EXPECT_EQ(AddressOf(statepb::Member()), HostPort());
  EXPECT_EQ(EncapIpOf(statepb::Member()), "");
  statepb::Tombstone tombstone;
  EXPECT_EQ(AddressOf(tombstone), std::nullopt);
  tombstone.set_address("[fd00::1]:6686");
  EXPECT_EQ(AddressOf(tombstone), (HostPort{"fd00::1", 6686}));
}

TEST(MemberView, AMemberIsFoundByItsAddress) {
  ClusterState state;
  state.members.Put("a", Record("node1", "10.0.0.1:6686", ""));
  state.members.Put("b", Record("node2", "[fd00::1]:6686", ""));
  const statepb::Member* found =
      FindMemberByAddress(state, HostPort{"fd00::1", 6686});
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->name(), "node2");
  EXPECT_EQ(FindMemberByAddress(state, HostPort{"10.0.0.1", 6687}), nullptr);
}

TEST(MemberViewDeathTest, ARecordThatApplyDoesNotLetInEndsTheProcess) {
  EXPECT_DEATH(AddressOf(Record("node1", "nowhere", "")),
               "is not an IP address");
  EXPECT_DEATH(MemberNameOf(Record("..", "10.0.0.1:6686", "")),
               "is not a member name|is empty|not a valid|MEMBER_NAME|part "
               "between dots");
}

}  // namespace
}  // namespace microovn::agent
