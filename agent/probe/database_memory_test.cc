// SPDX-License-Identifier: Apache-2.0
#include "agent/probe/database_memory.h"

#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

OvsdbServer Server(const std::string& id, uint64_t match) {
  OvsdbServer server;
  server.id = id;
  server.address = "ssl:10.0.0.2:6643";
  server.match_index = match;
  server.last_message = absl::Milliseconds(20);
  return server;
}

// A leader whose log ends at 100, and one other server.
OvsdbClusterStatus Leading(uint64_t match) {
  OvsdbClusterStatus status;
  status.server_id = "aaaa1111";
  status.role = OvsdbRole::kLeader;
  status.leader = "aaaa";
  status.log_end = 101;
  OvsdbServer self = Server("aaaa", 100);
  self.self = true;
  self.last_message.reset();
  status.servers = {self, Server("bbbb", match)};
  return status;
}

peerpb::LocalDatabase Told(DatabaseMemory& memory,
                           const OvsdbClusterStatus& status, int seconds) {
  peerpb::LocalDatabase database;
  memory.Tell(status, absl::Seconds(seconds), database);
  return database;
}

TEST(DatabaseMemory, TellsOfEachServer) {
  DatabaseMemory memory;
  OvsdbClusterStatus status = Leading(100);
  status.servers.push_back(Server("cccc", 100));
  status.servers.back().last_message.reset();
  const peerpb::LocalDatabase told = Told(memory, status, 1);
  EXPECT_EQ(told.server_id(), "aaaa1111");
  EXPECT_EQ(told.leader(), "aaaa");
  ASSERT_EQ(told.servers_size(), 3);
  EXPECT_TRUE(told.servers(0).self());
  EXPECT_EQ(told.servers(0).heard_millis(), 0);
  EXPECT_EQ(told.servers(1).heard_millis(), 20);
  EXPECT_EQ(told.servers(2).heard_millis(), -1) << "never";
}

TEST(DatabaseMemory, AServerThatGetsNothingStalls) {
  DatabaseMemory memory;
  EXPECT_EQ(Told(memory, Leading(90), 10).servers(1).behind(), 10u);
  EXPECT_EQ(Told(memory, Leading(90), 14).servers(1).stalled_millis(), 4000);
  // It gets something, and then nothing again.
  EXPECT_EQ(Told(memory, Leading(95), 15).servers(1).stalled_millis(), 0);
  EXPECT_EQ(Told(memory, Leading(95), 17).servers(1).stalled_millis(), 2000);
  EXPECT_EQ(Told(memory, Leading(100), 18).servers(1).behind(), 0u);
  EXPECT_EQ(Told(memory, Leading(95), 19).servers(1).stalled_millis(), 0);
}

TEST(DatabaseMemory, OnlyALeaderKnowsWhoIsBehind) {
  DatabaseMemory memory;
  Told(memory, Leading(90), 10);
  OvsdbClusterStatus follower = Leading(90);
  follower.role = OvsdbRole::kFollower;
  EXPECT_EQ(Told(memory, follower, 20).servers(1).behind(), 0u);
  EXPECT_EQ(Told(memory, Leading(90), 30).servers(1).stalled_millis(), 0)
      << "what an earlier term showed says nothing";
}

TEST(DatabaseMemory, CountsFromWhenItsLeaderBegan) {
  DatabaseMemory memory;
  OvsdbClusterStatus status = Leading(100);
  EXPECT_EQ(Told(memory, status, 10).settled_millis(), 0);
  EXPECT_EQ(Told(memory, status, 14).settled_millis(), 4000);
  ++status.term;
  EXPECT_EQ(Told(memory, status, 15).settled_millis(), 0);
  EXPECT_EQ(Told(memory, status, 16).settled_millis(), 1000);
  status.leader.clear();
  EXPECT_EQ(Told(memory, status, 18).settled_millis(), 0);
  EXPECT_EQ(Told(memory, status, 19).settled_millis(), 0);
}

TEST(DatabaseMemory, CountsFromWhenNoLeaderWasKnown) {
  DatabaseMemory memory;
  OvsdbClusterStatus status = Leading(100);
  status.leader.clear();
  EXPECT_EQ(Told(memory, status, 10).leaderless_millis(), 0);
  EXPECT_EQ(Told(memory, status, 14).leaderless_millis(), 4000);
  EXPECT_EQ(Told(memory, Leading(100), 15).leaderless_millis(), 0);
  EXPECT_EQ(Told(memory, status, 16).leaderless_millis(), 0);
}

}  // namespace
}  // namespace microovn::agent
