// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/database/client_memory.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

constexpr char kFirst[] = "aaaaaaaa-0000-4000-8000-000000000000";
constexpr char kSecond[] = "bbbbbbbb-0000-4000-8000-000000000000";

ClientMemory Knows(const std::string& process, const std::string& id) {
  ClientMemory memory;
  memory.daemon = "ovn-controller";
  memory.database = "sb";
  memory.process = process;
  memory.cluster_id = id;
  memory.remotes = "ssl:10.0.0.1:6642";
  return memory;
}

ClientObservation Sees(const std::string& process, const std::string& id,
                       bool connected = true, bool answers = false) {
  return {process, "ssl:10.0.0.2:6642", id, connected, answers};
}

TEST(ClientMemory, OnlyAnotherDatabaseIsAReasonToForget) {
  const struct {
    const char* what;
    ClientMemory memory;
    ClientObservation seen;
    bool forget;
    const char* process;
    const char* cluster_id;
  } cases[] = {
      {"first seen", Knows("", ""), Sees("p1", kFirst), false, "p1", kFirst},
      {"the same", Knows("p1", kFirst), Sees("p1", kFirst), false, "p1",
       kFirst},
      {"made anew", Knows("p1", kFirst), Sees("p1", kSecond), true, "p1",
       kSecond},
      {"made anew, and it is not connected", Knows("p1", kFirst),
       Sees("p1", kSecond, false), true, "p1", kSecond},
      {"there is none", Knows("p1", kFirst), Sees("p1", "", false), false, "p1",
       kFirst},
      {"there was none", Knows("p1", ""), Sees("p1", kFirst), false, "p1",
       kFirst},
      {"another process knows nothing", Knows("p1", kFirst),
       Sees("p2", kSecond), false, "p2", kSecond},
      {"another process while there is none", Knows("p1", kFirst),
       Sees("p2", ""), false, "p2", ""},
      {"it does not run", Knows("p1", kFirst), Sees("", kSecond), false, "p1",
       kFirst},
      {"not connected, and nobody answers", Knows("p1", kFirst),
       Sees("p1", kFirst, false), false, "p1", kFirst},
      {"not connected yet", Knows("p1", kFirst),
       Sees("p1", kFirst, false, true), false, "p1", kFirst},
  };
  for (const auto& c : cases) {
    const ClientPlan plan = PlanClient(c.memory, c.seen, absl::Seconds(100));
    EXPECT_EQ(plan.forget, c.forget) << c.what;
    EXPECT_EQ(plan.memory.process, c.process) << c.what;
    EXPECT_EQ(plan.memory.cluster_id, c.cluster_id) << c.what;
  }
}

// A file that was put back: the same cluster id, and a past.
TEST(ClientMemory, WhoTakesNoServerOfAWholeClusterForgetsOnce) {
  ClientMemory memory = Knows("p1", kFirst);
  const auto look = [&memory](int second, bool connected, bool answers) {
    ClientPlan plan = PlanClient(memory, Sees("p1", kFirst, connected, answers),
                                 absl::Seconds(second));
    memory = plan.memory;
    return plan.forget;
  };
  EXPECT_FALSE(look(0, false, true));
  EXPECT_FALSE(look(29, false, true));
  EXPECT_TRUE(look(30, false, true));
  EXPECT_FALSE(look(90, false, true)) << "it is not for that then";
  EXPECT_FALSE(look(95, true, false));
  EXPECT_FALSE(look(100, false, true));
  EXPECT_TRUE(look(130, false, true)) << "another time";
}

TEST(ClientMemory, ACutIsNoReason) {
  ClientMemory memory = Knows("p1", kFirst);
  for (int second = 0; second < 300; second += 10) {
    // The cluster is not there in every third look.
    const ClientPlan plan =
        PlanClient(memory, Sees("p1", kFirst, false, second % 30 != 0),
                   absl::Seconds(second));
    EXPECT_FALSE(plan.forget) << second;
    memory = plan.memory;
  }
  // Connected in between.
  memory = Knows("p1", kFirst);
  for (int second = 0; second < 300; second += 10) {
    const ClientPlan plan =
        PlanClient(memory, Sees("p1", kFirst, second % 30 == 0, true),
                   absl::Seconds(second));
    EXPECT_FALSE(plan.forget) << second;
    memory = plan.memory;
  }
}

TEST(ClientMemory, ItIsWrittenDownAndReadAgain) {
  ClientMemory northd = Knows("boot/7/8", kSecond);
  northd.daemon = "ovn-northd";
  northd.database = "nb";
  const std::string text =
      FormatMemories({Knows("boot/1/2", kFirst), northd, Knows("", "")});
  const std::vector<ClientMemory> read = ParseMemories(text);
  ASSERT_EQ(read.size(), 3u);
  EXPECT_EQ(read[0].process, "boot/1/2");
  EXPECT_EQ(read[0].cluster_id, kFirst);
  EXPECT_EQ(read[0].remotes, "ssl:10.0.0.1:6642");
  EXPECT_EQ(read[1].daemon, "ovn-northd");
  EXPECT_EQ(read[1].database, "nb");
  EXPECT_EQ(read[2].process, "");
  EXPECT_EQ(FormatMemories(read), text);
  EXPECT_TRUE(ParseMemories("").empty());
  EXPECT_TRUE(ParseMemories("torn off he").empty());
  EXPECT_EQ(ParseMemories("x\n" + text + "a b c d e f\n").size(), 3u);
}

}  // namespace
}  // namespace microovn::agent
