// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/ovsdb_cluster_status.h"

#include <string>
#include <vector>

#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The samples were printed by ovsdb-server 3.1.0.
OvsdbClusterStatus Sample(const std::string& name) {
  const auto text = ReadFile("agent/ovn/testdata/" + name + ".txt");
  EXPECT_OK(text);
  auto status = ParseOvsdbClusterStatus(text.value_or(""));
  EXPECT_OK(status);
  return status.value_or(OvsdbClusterStatus());
}

TEST(OvsdbClusterStatusTest, ReadsEveryFieldOfALeader) {
  const OvsdbClusterStatus status = Sample("leader_of_three");
  EXPECT_EQ(status.database, "OVN_Northbound");
  EXPECT_EQ(status.cluster_id, "cc330789-a3b4-4ed2-8282-23973489852c");
  EXPECT_EQ(status.server_id, "fca7830e-2e12-47b3-ac99-60a777ca0359");
  EXPECT_EQ(status.short_id, "fca7");
  EXPECT_EQ(status.address, "tcp:127.0.0.1:17643");
  EXPECT_EQ(status.status, "cluster member");
  EXPECT_EQ(status.membership, OvsdbMembership::kMember);
  EXPECT_EQ(status.role, OvsdbRole::kLeader);
  EXPECT_EQ(status.term, 1u);
  EXPECT_EQ(status.leader, "fca7");
  EXPECT_EQ(status.vote, "fca7");
  EXPECT_EQ(status.election_timer, absl::Seconds(1));
  EXPECT_EQ(status.log_first, 2u);
  EXPECT_EQ(status.log_end, 5u);
  EXPECT_EQ(status.not_committed, 0u);
  EXPECT_EQ(status.not_applied, 0u);
  EXPECT_EQ(status.disconnections, 0u);
  EXPECT_TRUE(status.serving());
  EXPECT_TRUE(status.is_leader());
  ASSERT_EQ(status.connections.size(), 4u);
  EXPECT_EQ(status.connections[1].peer, "43db");
  EXPECT_TRUE(status.connections[1].outgoing);
  EXPECT_FALSE(status.connections[0].outgoing);
  EXPECT_TRUE(status.connections[0].connected);
  ASSERT_EQ(status.servers.size(), 3u);
  EXPECT_EQ(status.servers[0].id, "92c3");
  EXPECT_EQ(status.servers[0].address, "tcp:127.0.0.1:17663");
  EXPECT_FALSE(status.servers[0].self);
  EXPECT_EQ(status.servers[0].next_index, 5u);
  EXPECT_EQ(status.servers[0].match_index, 4u);
  EXPECT_EQ(status.servers[0].last_message, absl::Milliseconds(21));
  EXPECT_TRUE(status.servers[1].self);
  EXPECT_EQ(status.servers[1].last_message, std::nullopt);
}

struct StateCase {
  const char* sample;
  OvsdbMembership membership;
  OvsdbRole role;
  const char* leader;
  bool serving;
  size_t servers;
};

TEST(OvsdbClusterStatusTest, TellsTheStatesApart) {
  using M = OvsdbMembership;
  using R = OvsdbRole;
  const std::vector<StateCase> cases = {
      {"leader_alone", M::kMember, R::kLeader, "fca7", true, 1},
      {"follower", M::kMember, R::kFollower, "fca7", true, 2},
      {"follower_after_election", M::kMember, R::kFollower, "92c3", true, 3},
      {"candidate", M::kMember, R::kCandidate, "", false, 3},
      {"joining_no_answer", M::kJoining, R::kFollower, "", false, 0},
      {"joining_admitted", M::kJoining, R::kFollower, "fca7", false, 1},
      {"leaving", M::kLeaving, R::kFollower, "", false, 3},
      {"kicked_while_down", M::kDisconnected, R::kCandidate, "", false, 3},
  };
  for (const StateCase& c : cases) {
    SCOPED_TRACE(c.sample);
    const OvsdbClusterStatus status = Sample(c.sample);
    EXPECT_EQ(status.membership, c.membership);
    EXPECT_EQ(status.role, c.role);
    EXPECT_EQ(status.leader, c.leader);
    EXPECT_EQ(status.serving(), c.serving);
    EXPECT_EQ(status.servers.size(), c.servers);
  }
}

TEST(OvsdbClusterStatusTest, AJoiningServerMayNotKnowItsCluster) {
  const OvsdbClusterStatus waiting = Sample("joining_no_answer");
  EXPECT_EQ(waiting.cluster_id, "");
  EXPECT_THAT(waiting.joining_remotes, ElementsAre("tcp:127.0.0.1:19999"));
  ASSERT_EQ(waiting.connections.size(), 1u);
  EXPECT_FALSE(waiting.connections[0].connected);
  EXPECT_EQ(waiting.connections[0].peer, "0000");

  const OvsdbClusterStatus admitted = Sample("joining_admitted");
  EXPECT_EQ(admitted.cluster_id, "cc330789-a3b4-4ed2-8282-23973489852c");
  EXPECT_EQ(admitted.not_applied, 1u);
}

TEST(OvsdbClusterStatusTest, CountsWhatIsBehind) {
  const OvsdbClusterStatus status = Sample("follower_behind");
  EXPECT_EQ(status.not_committed, 1u);
  EXPECT_EQ(status.not_applied, 1u);
  EXPECT_EQ(status.vote, "43db");
}

TEST(OvsdbClusterStatusTest, ReadsWhatIsRare) {
  const auto status = ParseOvsdbClusterStatus(
      "92c3\nName: OVN_Southbound\nCluster ID: not yet known\n"
      "Server ID: 92c3 (92c312e1-bc40-49f6-b5b5-072f28c70423)\n"
      "Address: ssl:[fd00::1]:6644\nStatus: something new\n"
      "Adding server 43db (43db at ssl:[fd00::2]:6644) (catchup)\n"
      "Role: <error>\nTerm: 7\nLeader: unknown\nVote: unknown\n\n"
      "Election timer: 1000 (changing to 2000)\n"
      "A line of the future: 12\nConnections:\nServers:\n");
  ASSERT_OK(status);
  EXPECT_EQ(status->membership, OvsdbMembership::kOther);
  EXPECT_EQ(status->role, OvsdbRole::kOther);
  EXPECT_EQ(status->election_timer, absl::Seconds(1));
  EXPECT_THAT(status->connections, IsEmpty());
  EXPECT_THAT(status->servers, IsEmpty());
}

TEST(OvsdbClusterStatusTest, RefusesWhatItCannotRead) {
  const std::string head =
      "Name: OVN_Southbound\nServer ID: 92c3 (92c312e1)\n"
      "Status: cluster member\nRole: leader\n";
  ASSERT_OK(ParseOvsdbClusterStatus(head + "Term: 1\n"));
  const std::vector<std::string> cases = {
      "",
      "unknown cluster\n",
      head,
      head + "Term: x\n",
      head + "Term: 1\nLog: 2, 3\n",
      head + "Term: 1\nLog: [2, x]\n",
      head + "Term: 1\nEntries not yet applied: many\n",
      head + "Term: 1\nConnections: =>1234\n",
      head + "Term: 1\nServers:\n    92c3 (92c3\n",
      head + "Term: 1\nServers:\n    92c3 (92c3 at tcp:a:1) next_index=x\n",
      head + "Term: 1\nElection timer: soon\n",
  };
  for (const std::string& text : cases) {
    EXPECT_THAT(ParseOvsdbClusterStatus(text),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

TEST(OvsdbClusterStatusTest, TakesTheHostOutOfAnAddress) {
  EXPECT_EQ(HostOfOvsdbAddress("ssl:10.0.0.1:6643"), "10.0.0.1");
  EXPECT_EQ(HostOfOvsdbAddress("ssl:[fd00::1]:6643"), "fd00::1");
  EXPECT_EQ(HostOfOvsdbAddress("ssl:[fd00::1:6643"), "");
  EXPECT_EQ(HostOfOvsdbAddress("unix:/run/x"), "");
  EXPECT_EQ(HostOfOvsdbAddress(""), "");
}

}  // namespace
}  // namespace microovn::agent
