// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/underlay.h"

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/file/file.h"
#include "base/testing/fake_command_runner.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kAddBridge[] =
    "ovs --may-exist add-br br-phy -- set Bridge br-phy datapath_type=netdev "
    "fail_mode=standalone other_config:hwaddr=\"02:00:00:00:00:02\" -- "
    "--may-exist add-port br-phy eth1";

std::vector<std::string> Words(const UnderlayPlan& plan) {
  std::vector<std::string> lines;
  for (const UnderlayPlan::Step& step : plan.steps) {
    lines.push_back((step.ovs ? "ovs " : "") + absl::StrJoin(step.words, " "));
  }
  return lines;
}

// eth0 carries the agent's address, eth1 the encapsulation address.
UnderlayFacts Fresh() {
  UnderlayFacts facts;
  facts.wanted = true;
  facts.encap_ip = "10.99.1.11";
  facts.agent_ip = "10.99.0.11";
  facts.interfaces = {
      {"lo", "00:00:00:00:00:00", true, {{"127.0.0.1", 8}}},
      {"eth0", "02:00:00:00:00:01", true, {{"10.99.0.11", 24}}},
      {"eth1", "02:00:00:00:00:02", true, {{"10.99.1.11", 24}}},
  };
  facts.routes = {{"10.98.0.0/16", "10.99.1.1", 0}};
  facts.bridges.emplace();
  return facts;
}

UnderlayRecord Record() {
  return {"eth1",
          "10.99.1.11",
          24,
          "02:00:00:00:00:02",
          {{"10.98.0.0/16", "10.99.1.1", 0}}};
}

UnderlayFacts Taken() {
  UnderlayFacts facts = Fresh();
  facts.record = Record();
  facts.interfaces[2].addresses.clear();
  facts.interfaces.push_back(
      {"br-phy", "02:00:00:00:00:02", true, {{"10.99.1.11", 24}}});
  facts.bridges->push_back("br-phy");
  facts.ports = {"eth1"};
  return facts;
}

TEST(UnderlayPlanTest, TakesTheInterfaceWithTheEncapsulationAddress) {
  const UnderlayPlan plan = PlanUnderlay(Fresh());
  ASSERT_TRUE(plan.remember.has_value());
  EXPECT_EQ(plan.remember->interface, "eth1");
  EXPECT_EQ(plan.remember->address, "10.99.1.11");
  EXPECT_EQ(plan.remember->prefix_length, 24);
  EXPECT_EQ(plan.remember->mac, "02:00:00:00:00:02");
  EXPECT_THAT(Words(plan),
              ElementsAre(kAddBridge, "ip addr del 10.99.1.11/24 dev eth1",
                          "ip addr replace 10.99.1.11/24 dev br-phy",
                          "ip link set br-phy up",
                          "ip route replace 10.98.0.0/16 via 10.99.1.1 dev "
                          "br-phy"));
  EXPECT_EQ(plan.problem, "");
}

TEST(UnderlayPlanTest, DoesNothingWhenAllIsInPlace) {
  const UnderlayPlan plan = PlanUnderlay(Taken());
  EXPECT_THAT(Words(plan), IsEmpty());
  EXPECT_FALSE(plan.remember.has_value());
  EXPECT_FALSE(plan.forget);
  EXPECT_EQ(plan.problem, "");
}

struct RepairCase {
  const char* name;
  std::function<void(UnderlayFacts*)> damage;
  std::vector<std::string> steps;
};

TEST(UnderlayPlanTest, RepairsWhatAnInterruptionLeaves) {
  const std::vector<std::string> address = {
      "ip addr replace 10.99.1.11/24 dev br-phy", "ip link set br-phy up",
      "ip route replace 10.98.0.0/16 via 10.99.1.1 dev br-phy"};
  auto with = [&](std::vector<std::string> head) {
    head.insert(head.end(), address.begin(), address.end());
    return head;
  };
  const std::vector<RepairCase> cases = {
      {"a power cut: the bridge is back, its address and the link are not",
       [](UnderlayFacts* f) {
         f->interfaces[2].up = false;
         f->interfaces[3].addresses.clear();
         f->interfaces[3].up = false;
       },
       with({"ip link set eth1 up"})},
      {"a reboot that configured the interface again",
       [](UnderlayFacts* f) {
         f->interfaces[2].addresses = {{"10.99.1.11", 24}};
         f->interfaces[3].addresses.clear();
       },
       with({"ip addr del 10.99.1.11/24 dev eth1"})},
      {"only the record was written",
       [](UnderlayFacts* f) {
         f->interfaces.pop_back();
         f->interfaces[2].addresses = {{"10.99.1.11", 24}};
         f->bridges->clear();
         f->ports.clear();
       },
       with({kAddBridge, "ip addr del 10.99.1.11/24 dev eth1"})},
      {"the port is gone",
       [](UnderlayFacts* f) { f->ports.clear(); },
       {kAddBridge}},
      {"the switch has not made the bridge's device yet",
       [](UnderlayFacts* f) { f->interfaces.pop_back(); }, with({kAddBridge})},
  };
  for (const RepairCase& c : cases) {
    SCOPED_TRACE(c.name);
    UnderlayFacts facts = Taken();
    c.damage(&facts);
    EXPECT_EQ(Words(PlanUnderlay(facts)), c.steps);
  }
}

TEST(UnderlayPlanTest, NeverTakesTheAgentsInterface) {
  UnderlayFacts facts = Fresh();
  facts.encap_ip = facts.agent_ip;
  UnderlayPlan plan = PlanUnderlay(facts);
  EXPECT_THAT(Words(plan), IsEmpty());
  EXPECT_FALSE(plan.remember.has_value());
  EXPECT_THAT(plan.problem, HasSubstr("on eth0"));
  EXPECT_NE(plan.remedy, "");

  // Two addresses on one interface.
  facts = Fresh();
  facts.interfaces[2].addresses.push_back({facts.agent_ip, 24});
  facts.interfaces[1].addresses.clear();
  plan = PlanUnderlay(facts);
  EXPECT_THAT(Words(plan), IsEmpty());
  EXPECT_NE(plan.problem, "");
}

TEST(UnderlayPlanTest, ForeseesWhatKeepsTunnelsFromWorking) {
  const UnderlayFacts facts = Fresh();
  const auto problem = [&facts](const std::string& datapath,
                                const std::string& encap_ip) {
    return ForeseeUnderlay(datapath, encap_ip, facts.agent_ip, facts.interfaces)
        .problem;
  };
  EXPECT_EQ(problem("netdev", facts.encap_ip), "");
  EXPECT_EQ(problem("system", facts.agent_ip), "");
  EXPECT_THAT(problem("netdev", facts.agent_ip),
              HasSubstr("also carries the agent's own address"));
  EXPECT_THAT(problem("netdev", "10.99.9.9"), HasSubstr("no interface has"));
}

TEST(UnderlayPlanTest, SaysWhenTheAddressIsNowhere) {
  UnderlayFacts facts = Fresh();
  facts.encap_ip = "10.99.7.7";
  const UnderlayPlan plan = PlanUnderlay(facts);
  EXPECT_THAT(Words(plan), IsEmpty());
  EXPECT_THAT(plan.problem, HasSubstr("10.99.7.7"));
}

TEST(UnderlayPlanTest, SaysWhenTheInterfaceIsGone) {
  UnderlayFacts facts = Taken();
  facts.interfaces.erase(facts.interfaces.begin() + 2);
  EXPECT_THAT(PlanUnderlay(facts).problem, HasSubstr("eth1"));
}

TEST(UnderlayPlanTest, LeavesAnOperatorsBridgeAlone) {
  UnderlayFacts facts = Fresh();
  facts.bridges = {"br-ex"};
  facts.interfaces[2].name = "br-ex";
  const UnderlayPlan plan = PlanUnderlay(facts);
  EXPECT_THAT(Words(plan), IsEmpty());
  EXPECT_FALSE(plan.remember.has_value());
  EXPECT_EQ(plan.problem, "");
}

TEST(UnderlayPlanTest, RemembersAgainWhatItHadTaken) {
  UnderlayFacts facts = Taken();
  facts.record.reset();
  const UnderlayPlan plan = PlanUnderlay(facts);
  EXPECT_THAT(Words(plan), IsEmpty());
  ASSERT_TRUE(plan.remember.has_value());
  EXPECT_EQ(plan.remember->interface, "eth1");
}

TEST(UnderlayPlanTest, WaitsForTheSwitch) {
  for (UnderlayFacts facts : {Fresh(), Taken()}) {
    facts.bridges.reset();
    const UnderlayPlan plan = PlanUnderlay(facts);
    EXPECT_THAT(Words(plan), IsEmpty());
    EXPECT_FALSE(plan.remember.has_value());
  }
}

TEST(UnderlayPlanTest, GivesBackWhatItTook) {
  UnderlayFacts facts = Taken();
  facts.wanted = false;
  const UnderlayPlan plan = PlanUnderlay(facts);
  EXPECT_THAT(
      Words(plan),
      ElementsAre("ovs --if-exists del-br br-phy",
                  "ip addr replace 10.99.1.11/24 dev eth1",
                  "ip link set eth1 up",
                  "ip route replace 10.98.0.0/16 via 10.99.1.1 dev eth1"));
  EXPECT_TRUE(plan.forget);

  facts.record.reset();
  EXPECT_THAT(Words(PlanUnderlay(facts)), IsEmpty());
}

TEST(UnderlayPlanTest, AnotherAddressGivesTheOldOneBackFirst) {
  UnderlayFacts facts = Taken();
  facts.encap_ip = "10.99.2.11";
  EXPECT_TRUE(PlanUnderlay(facts).forget);
}

// As a member's tunnel address is changed: the bridge stays, and packets flow.
TEST(UnderlayPlanTest, AnotherAddressOfTheSameInterfaceIsTakenBesideTheOld) {
  UnderlayFacts facts = Taken();
  facts.encap_ip = "10.99.1.12";
  facts.interfaces[3].addresses.push_back({"10.99.1.12", 25});
  UnderlayPlan plan = PlanUnderlay(facts);
  EXPECT_THAT(Words(plan), IsEmpty()) << "it is on the bridge";
  ASSERT_TRUE(plan.remember.has_value());
  EXPECT_EQ(plan.remember->address, "10.99.1.12");
  EXPECT_EQ(plan.remember->prefix_length, 25);
  EXPECT_EQ(plan.remember->interface, "eth1");

  facts.interfaces[3].addresses.pop_back();
  facts.interfaces[2].addresses.push_back({"10.99.1.12", 24});
  plan = PlanUnderlay(facts);
  EXPECT_THAT(Words(plan), Contains("ip addr del 10.99.1.12/24 dev eth1"));
  EXPECT_THAT(Words(plan),
              Contains("ip addr replace 10.99.1.12/24 dev br-phy"));
}

TEST(UnderlayPlanTest, WhatWasAddedToTheBridgeGoesBackToo) {
  UnderlayFacts facts = Taken();
  facts.wanted = false;
  facts.interfaces[3].addresses.push_back({"10.99.1.12", 24});
  facts.interfaces[3].addresses.push_back({"fe80::1", 64});
  EXPECT_THAT(Words(PlanUnderlay(facts)),
              Contains("ip addr replace 10.99.1.12/24 dev eth1"));
  EXPECT_THAT(Words(PlanUnderlay(facts)), Not(Contains(HasSubstr("fe80::1"))));
}

TEST(UnderlayPlanTest, Ipv6NeedsNoDuplicateDetection) {
  UnderlayFacts facts = Taken();
  facts.encap_ip = "fd00::11";
  facts.record->address = "fd00::11";
  facts.record->prefix_length = 64;
  EXPECT_THAT(Words(PlanUnderlay(facts)),
              Contains("ip addr replace fd00::11/64 dev br-phy nodad"));
}

TEST(UnderlayRecordTest, SurvivesTheFile) {
  const auto back = ParseUnderlayRecord(FormatUnderlayRecord(Record()));
  ASSERT_OK(back);
  EXPECT_EQ(back->interface, "eth1");
  EXPECT_EQ(back->address, "10.99.1.11");
  EXPECT_EQ(back->prefix_length, 24);
  EXPECT_EQ(back->mac, "02:00:00:00:00:02");
  EXPECT_EQ(back->routes, Record().routes);
  EXPECT_THAT(ParseUnderlayRecord("{}"), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(ParseUnderlayRecord("x"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

class UnderlayTest : public ::testing::Test {
 protected:
  Underlay Make(CommandRunner* runner) {
    UnderlayOptions options;
    options.record_file = dir_.File("underlay.json");
    options.interfaces = [] { return std::vector<NetworkInterface>(); };
    OvsSockets sockets;
    sockets.transact = [this](const std::string&, const std::string& params,
                              absl::Duration) {
      ++selects_;
      return absl::StrContains(params, "Port")
                 ? R"([{"rows":[{"ports":["uuid","1"]}]},
                       {"rows":[{"_uuid":["uuid","1"],"name":"eth1"}]}])"
                 : R"([{"rows":[{"name":"br-phy"}]}])";
    };
    return Underlay(std::move(options),
                    SwitchDatabase("/run/db.sock", runner, sockets), runner);
  }

  int selects_ = 0;
  TempDir dir_;
};

TEST_F(UnderlayTest, RemembersBeforeItActs) {
  const std::string file = dir_.File("underlay.json");
  FakeCommandRunner runner([&](const Command&) {
    EXPECT_TRUE(FileExists(file));
    CommandResult result;
    result.exit_code = 1;
    result.error = "ovs-vsctl: timeout\n";
    return result;
  });
  EXPECT_FALSE(Make(&runner).Execute(PlanUnderlay(Fresh())).ok());
  EXPECT_THAT(runner.lines(), testing::SizeIs(1));
  EXPECT_TRUE(FileExists(file));
}

TEST_F(UnderlayTest, ForgetsAfterItHasActed) {
  const std::string file = dir_.File("underlay.json");
  ASSERT_OK(WriteFile(file, FormatUnderlayRecord(Record()), 0600));
  FakeCommandRunner runner([&](const Command& command) {
    EXPECT_TRUE(FileExists(file));
    CommandResult result;
    // Optional steps may fail.
    result.exit_code = command.argv[1] == "route" ? 2 : 0;
    return result;
  });
  UnderlayFacts facts = Taken();
  facts.wanted = false;
  EXPECT_OK(Make(&runner).Execute(PlanUnderlay(facts)));
  EXPECT_FALSE(FileExists(file));
  // Once more is nothing.
  EXPECT_OK(Make(&runner).Execute({}));
}

TEST_F(UnderlayTest, ObservesOnlyWhatItMayAsk) {
  ASSERT_OK(WriteFile(dir_.File("underlay.json"),
                      FormatUnderlayRecord(Record()), 0600));
  FakeCommandRunner runner;
  auto facts = Make(&runner).Observe(true, false, "10.99.1.11", "10.99.0.11");
  ASSERT_OK(facts);
  EXPECT_FALSE(facts->bridges.has_value());
  EXPECT_EQ(selects_, 0);

  facts = Make(&runner).Observe(true, true, "10.99.1.11", "10.99.0.11");
  ASSERT_OK(facts);
  EXPECT_THAT(*facts->bridges, ElementsAre("br-phy"));
  EXPECT_THAT(facts->ports, ElementsAre("eth1"));
  EXPECT_THAT(runner.lines(), IsEmpty()) << "looking runs no program";

  unlink(dir_.File("underlay.json").c_str());
  selects_ = 0;
  facts = Make(&runner).Observe(false, true, "10.99.1.11", "10.99.0.11");
  ASSERT_OK(facts);
  EXPECT_EQ(selects_, 0);
}

TEST_F(UnderlayTest, ADamagedRecordIsAnError) {
  ASSERT_OK(WriteFile(dir_.File("underlay.json"), "{", 0600));
  FakeCommandRunner runner;
  EXPECT_FALSE(Make(&runner).Observe(true, true, "a", "b").ok());
}

}  // namespace
}  // namespace microovn::agent
