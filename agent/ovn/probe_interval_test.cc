// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/probe_interval.h"

#include "absl/strings/str_join.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

using Map = std::map<std::string, std::string>;

Map Wanted(const std::string& interval, const Map& observed) {
  Map wanted;
  AddProbeInterval(interval, observed, &wanted);
  return wanted;
}

TEST(ProbeIntervalTest, AChassisIsGivenItWithAMark) {
  EXPECT_THAT(Wanted("60000", {}),
              ElementsAre(Pair(kProbeMark, "60000"),
                          Pair("ovn-openflow-probe-interval", "60"),
                          Pair("ovn-remote-probe-interval", "60000")));
}

TEST(ProbeIntervalTest, OpenFlowHasWholeSecondsAndFiveAtLeast) {
  const struct {
    const char* milliseconds;
    const char* seconds;
  } cases[] = {{"0", "0"},    {"1000", "5"},  {"5000", "5"},
               {"5001", "6"}, {"9999", "10"}, {"3600000", "3600"}};
  for (const auto& c : cases) {
    EXPECT_EQ(Wanted(c.milliseconds, {})["ovn-openflow-probe-interval"],
              c.seconds)
        << c.milliseconds;
  }
}

TEST(ProbeIntervalTest, WhatIsSetByHandStaysWhereNothingIsMarked) {
  EXPECT_THAT(Wanted("", {}), IsEmpty());
  EXPECT_THAT(Wanted("", {{"ovn-remote-probe-interval", "180000"}}), IsEmpty());
}

TEST(ProbeIntervalTest, OursGoesWithTheSettingAndTheirsDoesNot) {
  EXPECT_THAT(
      Wanted("", {{kProbeMark, "60000"},
                  {"ovn-remote-probe-interval", "60000"},
                  {"ovn-openflow-probe-interval", "60"}}),
      ElementsAre(Pair(kProbeMark, ""), Pair("ovn-openflow-probe-interval", ""),
                  Pair("ovn-remote-probe-interval", "")));
  EXPECT_THAT(Wanted("", {{kProbeMark, "60000"},
                          {"ovn-remote-probe-interval", "180000"},
                          {"ovn-openflow-probe-interval", "60"}}),
              ElementsAre(Pair(kProbeMark, ""),
                          Pair("ovn-openflow-probe-interval", "")));
  EXPECT_THAT(Wanted("", {{kProbeMark, "often"},
                          {"ovn-remote-probe-interval", "180000"},
                          {"ovn-openflow-probe-interval", "60"}}),
              ElementsAre(Pair(kProbeMark, "")));
}

TEST(ProbeIntervalTest, BothDatabasesAreAskedForWhatTheyHave) {
  EXPECT_EQ(ProbesQuestion("OVN_Southbound", "pssl:6642:[::]"),
            R"(["OVN_Southbound",{"op":"select","table":"Connection",)"
            R"("where":[["target","==","pssl:6642:[::]"]],)"
            R"("columns":["inactivity_probe","external_ids"]}])");
  EXPECT_EQ(ProbesQuestion("OVN_Northbound", "pssl:6641:[::]"),
            R"(["OVN_Northbound",{"op":"select","table":"Connection",)"
            R"("where":[["target","==","pssl:6641:[::]"]],)"
            R"("columns":["inactivity_probe","external_ids"]},)"
            R"({"op":"select","table":"NB_Global","where":[],)"
            R"("columns":["options","external_ids"]}])");
}

TEST(ProbeIntervalTest, ReadsWhatThereIs) {
  const auto probes = ParseProbes(
      R"([{"rows":[{"inactivity_probe":60000,)"
      R"("external_ids":["map",[["microovn-probe-interval","60000"]]]}]},)"
      R"({"rows":[{"options":["map",[["northd_probe_interval","9000"]]],)"
      R"("external_ids":["map",[]]}]}])");
  ASSERT_OK(probes);
  ASSERT_TRUE(probes->listener.has_value());
  EXPECT_EQ(probes->listener->interval, "60000");
  EXPECT_EQ(probes->listener->mark, "60000");
  ASSERT_TRUE(probes->northd.has_value());
  EXPECT_EQ(probes->northd->interval, "9000");
  EXPECT_EQ(probes->northd->mark, "");
}

TEST(ProbeIntervalTest, AnEmptyDatabaseHasNone) {
  const auto unset = ParseProbes(R"([{"rows":[{"inactivity_probe":["set",[]],)"
                                 R"("external_ids":["map",[]]}]}])");
  ASSERT_OK(unset);
  ASSERT_TRUE(unset->listener.has_value());
  EXPECT_EQ(unset->listener->interval, "");
  EXPECT_FALSE(unset->northd.has_value());
  const auto empty = ParseProbes(R"([{"rows":[]},{"rows":[]}])");
  ASSERT_OK(empty);
  EXPECT_FALSE(empty->listener.has_value());
  EXPECT_FALSE(empty->northd.has_value());
}

TEST(ProbeIntervalTest, WhatIsNoAnswerIsRefused) {
  for (const char* nonsense :
       {"", "{}", "[]", R"([{"error":"x"}])", R"([{"rows":[{}]}])",
        R"([{"rows":[]},{"error":"x"}])",
        R"([{"rows":[{"external_ids":["map",[["a",1]]]}]}])",
        R"([{"rows":[]},{"rows":[{"external_ids":["map",[]]}]}])"}) {
    EXPECT_FALSE(ParseProbes(nonsense).ok()) << nonsense;
  }
}

std::string Plan(const std::string& interval, const DatabaseProbes& observed) {
  return absl::StrJoin(PlanProbes(interval, "pssl:6641:[::]", observed), " ");
}

TEST(ProbeIntervalTest, TheDatabaseIsGivenItOnce) {
  DatabaseProbes probes;
  EXPECT_EQ(Plan("60000", probes), "") << "nothing to write to";
  probes.listener.emplace();
  probes.northd.emplace();
  EXPECT_EQ(Plan("60000", probes),
            "set Connection pssl:6641:[::] inactivity_probe=60000 "
            "external_ids:microovn-probe-interval=60000 -- "
            "set NB_Global . options:northd_probe_interval=60000 "
            "external_ids:microovn-probe-interval=60000");
  probes.listener = probes.northd = DatabaseProbes::Place{"60000", "60000"};
  EXPECT_EQ(Plan("60000", probes), "");
  probes.northd->interval = "5000";
  EXPECT_EQ(Plan("60000", probes),
            "set NB_Global . options:northd_probe_interval=60000 "
            "external_ids:microovn-probe-interval=60000")
      << "by hand";
  probes.northd = DatabaseProbes::Place{"60000", ""};
  EXPECT_NE(Plan("60000", probes), "") << "the same by hand, and not marked";
}

TEST(ProbeIntervalTest, TheDatabaseLosesWhatIsMarkedAndNothingElse) {
  DatabaseProbes probes;
  EXPECT_EQ(Plan("", probes), "");
  probes.listener = probes.northd = DatabaseProbes::Place{"9000", ""};
  EXPECT_EQ(Plan("", probes), "");
  probes.listener = probes.northd = DatabaseProbes::Place{"60000", "60000"};
  EXPECT_EQ(Plan("", probes),
            "clear Connection pssl:6641:[::] inactivity_probe -- "
            "remove Connection pssl:6641:[::] external_ids "
            "microovn-probe-interval -- "
            "remove NB_Global . options northd_probe_interval -- "
            "remove NB_Global . external_ids microovn-probe-interval");
  probes.northd->interval = "9000";
  probes.listener.reset();
  EXPECT_EQ(Plan("", probes),
            "remove NB_Global . external_ids microovn-probe-interval");
}

}  // namespace
}  // namespace microovn::agent
