// SPDX-License-Identifier: Apache-2.0
// Where the tunnels of a member end.
#include <string>

#include "agent/state/apply.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/cluster_state.h"
#include "agent/state/values/features.h"
#include "agent/state/values/member_view.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using statepb::Command;

Command TunnelsTo(const std::string& name, const std::string& address) {
  Command command = CommandAt(kTestTime);
  command.mutable_set_encap_ip()->set_member_id(TestId(name));
  command.mutable_set_encap_ip()->set_encap_ip(address);
  return command;
}

std::string EncapIpIn(const ClusterState& state, const std::string& name) {
  return EncapIpOf(*state.members.Find(TestId(name)));
}

TEST(SetEncapIpTest, TheTunnelsEndThereAndNothingElseChanges) {
  ClusterState state = TestCluster({"node1", "node2"});
  const statepb::Member before = *state.members.Find(TestId("node2"));
  const auto done = MustApply(state, TunnelsTo("node2", "192.0.2.2"));
  EXPECT_EQ(done.member().encap_ip(), "192.0.2.2");
  EXPECT_EQ(EncapIpIn(state, "node2"), "192.0.2.2");
  statepb::Member after = *state.members.Find(TestId("node2"));
  after.set_encap_ip(before.encap_ip());
  EXPECT_EQ(after.SerializeAsString(), before.SerializeAsString());
  EXPECT_EQ(EncapIpIn(state, "node1"), "10.0.0.1");
}

// Every node looks anew at what it should be, once.
TEST(SetEncapIpTest, AnotherAddressIsWantedOfTheNodesTheSameIsNot) {
  ClusterState state = TestCluster({"node1", "node2"});
  const uint64_t first = state.cluster().desired_revision();
  MustApply(state, TunnelsTo("node2", "192.0.2.2"));
  const uint64_t second = state.cluster().desired_revision();
  EXPECT_GT(second, first);
  MustApply(state, TunnelsTo("node2", "192.0.2.2"));
  EXPECT_EQ(state.cluster().desired_revision(), second);
}

TEST(SetEncapIpTest, WhatCannotBeIsRefusedAndChangesNothing) {
  const struct {
    const char* name;
    const char* address;
    const char* reason;
  } cases[] = {
      {"nobody", "192.0.2.2", "MEMBER_NOT_FOUND"},
      {"node2", "10.0.0.1", "ENCAP_ADDRESS_TAKEN"},
      {"node2", "fd00::2", "ENCAP_ADDRESS_UNFIT"},
      {"node2", "", "COMMAND_MALFORMED"},
      {"node2", "192.0.2.02", "COMMAND_MALFORMED"},
      {"node2", "node2.example", "COMMAND_MALFORMED"},
      {"node2", "192.0.2.2:6081", "COMMAND_MALFORMED"},
  };
  for (const auto& test : cases) {
    ClusterState state = TestCluster({"node1", "node2"});
    EXPECT_EQ(Apply(state, TunnelsTo(test.name, test.address)).reason(),
              test.reason)
        << test.address;
    EXPECT_EQ(EncapIpIn(state, "node2"), "10.0.0.2");
  }
}

TEST(SetEncapIpTest, WhoGoesKeepsItsOwn) {
  ClusterState state = TestCluster({"node1", "node2", "node3", "node4"});
  MustApply(state, RemovalCommand("node4", "removal"));
  EXPECT_EQ(Apply(state, TunnelsTo("node4", "192.0.2.4")).reason(),
            "MEMBER_LEAVING");
}

// A member that does not know the command would part from the others.
TEST(SetEncapIpTest, WaitsUntilAllMembersKnowIt) {
  ClusterState state = TestCluster({"node1", "node2"});
  ASSERT_GT(ActiveLevel(state, kFeatureMemberAddresses), 0U);
  state.features.Erase(kFeatureMemberAddresses);
  EXPECT_EQ(Apply(state, TunnelsTo("node2", "192.0.2.2")).reason(),
            "COMMAND_MALFORMED");
}

}  // namespace
}  // namespace microovn::agent
