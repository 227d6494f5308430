// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/chassis.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/testing/fake_command_runner.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

ChassisFacts Facts() {
  ChassisFacts facts;
  facts.member_name = "node1";
  facts.hostname = "host1";
  facts.encap_ip = "10.99.1.11";
  facts.encapsulation = "geneve";
  facts.remote = "ssl:10.0.0.1:6642,ssl:[fd00::2]:6642";
  facts.datapath = "netdev";
  return facts;
}

ExternalIds InPlace() {
  return {{"system-id", "node1"},
          {"hostname", "host1"},
          {"ovn-remote", "ssl:10.0.0.1:6642,ssl:[fd00::2]:6642"},
          {"ovn-encap-type", "geneve"},
          {"ovn-encap-ip", "10.99.1.11"},
          {"ovn-set-local-ip", "true"},
          {"ovn-bridge-datapath-type", "netdev"},
          {"rundir", "/somewhere"}};
}

std::vector<std::string> Plan(const ChassisFacts& facts,
                              const ExternalIds& observed) {
  return PlanExternalIds(WantedExternalIds(facts, observed), observed);
}

TEST(ExternalIdsTest, NothingIsWrittenWhenNothingDiffers) {
  EXPECT_THAT(Plan(Facts(), InPlace()), IsEmpty());
}

TEST(ExternalIdsTest, AllAreSetOnAFreshSwitch) {
  EXPECT_THAT(
      Plan(Facts(), {}),
      ElementsAre("set", "Open_vSwitch", ".", "external_ids:hostname=\"host1\"",
                  "external_ids:ovn-bridge-datapath-type=\"netdev\"",
                  "external_ids:ovn-encap-ip=\"10.99.1.11\"",
                  "external_ids:ovn-encap-type=\"geneve\"",
                  "external_ids:ovn-remote=\"ssl:10.0.0.1:6642,"
                  "ssl:[fd00::2]:6642\"",
                  "external_ids:ovn-set-local-ip=\"true\"",
                  "external_ids:system-id=\"node1\""));
}

TEST(ExternalIdsTest, OnlyWhatDiffersIsWritten) {
  ExternalIds observed = InPlace();
  observed["ovn-remote"] = "ssl:10.0.0.1:6642";
  EXPECT_THAT(Plan(Facts(), observed),
              ElementsAre("set", "Open_vSwitch", ".",
                          "external_ids:ovn-remote=\"ssl:10.0.0.1:6642,"
                          "ssl:[fd00::2]:6642\""));
}

TEST(ExternalIdsTest, TheEncapsulationIsTheGivenOne) {
  ChassisFacts facts = Facts();
  facts.encapsulation = "geneve,vxlan";
  EXPECT_THAT(Plan(facts, InPlace()),
              ElementsAre("set", "Open_vSwitch", ".",
                          "external_ids:ovn-encap-type=\"geneve,vxlan\""));
}

TEST(ExternalIdsTest, TheRemoteGoesWithTheLastCentral) {
  ChassisFacts facts = Facts();
  facts.remote = "";
  EXPECT_THAT(
      Plan(facts, InPlace()),
      ElementsAre("remove", "Open_vSwitch", ".", "external_ids", "ovn-remote"));
}

TEST(ExternalIdsTest, ASwitchThatIsNoChassisHasNoEncapsulation) {
  ChassisFacts facts = Facts();
  facts.chassis = false;
  facts.hostname = "host2";
  EXPECT_THAT(
      Plan(facts, InPlace()),
      ElementsAre("set", "Open_vSwitch", ".", "external_ids:hostname=\"host2\"",
                  "--", "remove", "Open_vSwitch", ".", "external_ids",
                  "ovn-bridge-datapath-type", "ovn-encap-ip", "ovn-encap-type",
                  "ovn-set-local-ip"));
}

TEST(ExternalIdsTest, AProbeIntervalIsSetAndGoesWithTheChassis) {
  ChassisFacts facts = Facts();
  facts.probe_interval = "60000";
  EXPECT_THAT(Plan(facts, InPlace()),
              ElementsAre("set", "Open_vSwitch", ".",
                          "external_ids:microovn-probe-interval=\"60000\"",
                          "external_ids:ovn-openflow-probe-interval=\"60\"",
                          "external_ids:ovn-remote-probe-interval=\"60000\""));
  ExternalIds observed = {{"system-id", "node1"},
                          {"hostname", "host1"},
                          {"ovn-remote", facts.remote},
                          {"microovn-probe-interval", "60000"},
                          {"ovn-openflow-probe-interval", "60"},
                          {"ovn-remote-probe-interval", "60000"}};
  facts.chassis = false;
  EXPECT_THAT(
      Plan(facts, observed),
      ElementsAre("remove", "Open_vSwitch", ".", "external_ids",
                  "microovn-probe-interval", "ovn-openflow-probe-interval",
                  "ovn-remote-probe-interval"));
}

TEST(SwitchDatabaseTest, ReadsExternalIds) {
  const auto ids = ParseExternalIds(
      R"([{"rows":[{"external_ids":["map",[["ovn-encap-ip","fd00::1"],
          ["ovn-remote","ssl:1.2.3.4:6642,ssl:[::1]:6642"]]]}]}])");
  ASSERT_OK(ids);
  EXPECT_THAT(*ids, UnorderedElementsAre(
                        testing::Pair("ovn-encap-ip", "fd00::1"),
                        testing::Pair("ovn-remote",
                                      "ssl:1.2.3.4:6642,ssl:[::1]:6642")));
  EXPECT_THAT(ParseExternalIds(R"([{"rows":[]}])"), IsOkAndHolds(IsEmpty()));
  for (const char* text :
       {"", "{}x", "[]", "[3]", R"([{"error":"no such table"}])",
        R"([{"rows":[{}]}])", R"([{"rows":[{"external_ids":["set",[]]}]}])",
        R"([{"rows":[{"external_ids":["map",[["a",1]]]}]}])",
        R"([{"rows":[{"external_ids":["map",[["a"]]]}]}])"}) {
    EXPECT_THAT(ParseExternalIds(text),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

TEST(SwitchDatabaseTest, ReadsBridgesAndTheirPorts) {
  EXPECT_THAT(
      ParseBridges(R"([{"rows":[{"name":"br-phy"},{"name":"br-int"}]}])"),
      IsOkAndHolds(ElementsAre("br-int", "br-phy")));
  constexpr char kPorts[] =
      R"({"rows":[{"_uuid":["uuid","1"],"name":"br-phy"},
                  {"_uuid":["uuid","2"],"name":"eth1"},
                  {"_uuid":["uuid","3"],"name":"eth0"},
                  {"_uuid":["uuid","4"],"name":"vif"}]})";
  const auto ports = [&](const char* own) {
    return ParsePorts("br-phy",
                      absl::StrCat(R"([{"rows":[)", own, "]},", kPorts, "]"));
  };
  EXPECT_THAT(ports(R"({"ports":["set",[["uuid","1"],["uuid","2"],
                                        ["uuid","3"]]]})"),
              IsOkAndHolds(ElementsAre("eth0", "eth1")));
  EXPECT_THAT(ports(R"({"ports":["uuid","4"]})"),
              IsOkAndHolds(ElementsAre("vif")));
  EXPECT_THAT(ports(R"({"ports":["set",[]]})"), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(ports(""), StatusIs(absl::StatusCode::kNotFound));
}

TEST(SwitchDatabaseTest, LooksOverTheSocketAndWritesByOvsVsctl) {
  std::vector<std::string> asked;
  OvsSockets sockets;
  sockets.transact =
      [&](const std::string& socket, const std::string& params,
          absl::Duration timeout) -> absl::StatusOr<std::string> {
    EXPECT_LE(timeout, absl::Seconds(10));
    asked.push_back(absl::StrCat(socket, " ", params));
    if (asked.size() == 3) return absl::AbortedError("hung up");
    return R"([{"rows":[{"name":"br-int"}]}])";
  };
  FakeCommandRunner runner;
  const SwitchDatabase database("/run/db.sock", &runner, sockets);
  EXPECT_THAT(database.Bridges(), IsOkAndHolds(ElementsAre("br-int")));
  EXPECT_FALSE(database.Ports("br-phy").ok());
  EXPECT_THAT(database.ReadExternalIds(),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(runner.lines(), IsEmpty());
  EXPECT_THAT(asked, testing::SizeIs(3));
  EXPECT_THAT(asked[1], testing::HasSubstr(R"([["name","==","br-phy"]])"));
  ASSERT_OK(database.RunAndWait({"add-br", "br-phy"}));
  EXPECT_THAT(runner.lines(),
              ElementsAre("ovs-vsctl --db=unix:/run/db.sock --timeout=5 "
                          "add-br br-phy"));
}

TEST(NorthdHasWrittenTest, ARowAloneIsNotEnough) {
  std::string output;
  FakeCommandRunner runner([&](const Command&) {
    CommandResult result;
    result.output = output;
    return result;
  });
  const TlsFiles tls = {"key", "cert", "ca"};
  output = R"([{"rows":[]}])";
  EXPECT_THAT(NorthdHasWritten(runner, "ssl:10.0.0.1:6642", tls),
              IsOkAndHolds(false));
  output = R"([{"rows":[{"options":["map",[]]}]}])";
  EXPECT_THAT(NorthdHasWritten(runner, "ssl:10.0.0.1:6642", tls),
              IsOkAndHolds(false));
  output = R"([{"rows":[{"options":["map",
              [["northd_internal_version","23.03.1-20.27.0-70.6"]]]}]}])";
  EXPECT_THAT(NorthdHasWritten(runner, "ssl:10.0.0.1:6642", tls),
              IsOkAndHolds(true));
}

TEST(NorthdHasWrittenTest, FailsWhenNobodyAnswers) {
  FakeCommandRunner runner([](const Command&) {
    CommandResult result;
    result.exit_code = 1;
    result.error = "ovsdb-client: failed to connect\n";
    return result;
  });
  EXPECT_THAT(NorthdHasWritten(runner, "ssl:10.0.0.1:6642", {}),
              StatusIs(absl::StatusCode::kInternal));
}

TEST(PlanExternalIds, AValueIsOneStringWhateverItHolds) {
  EXPECT_EQ(
      PlanExternalIds({{"hostname", "a\"b\\c"}}, {}),
      (std::vector<std::string>{"set", "Open_vSwitch", ".",
                                "external_ids:hostname=\"a\\\"b\\\\c\""}));
}

TEST(DeleteChassis, LeavesNeitherOfItsRows) {
  std::vector<std::string> argv;
  FakeCommandRunner runner([&argv](const Command& command) {
    argv = command.argv;
    return CommandResult();
  });
  EXPECT_OK(DeleteChassis(runner, "/run/sb.sock", {"node3"}));
  const std::vector<std::string> words = {
      "--",          "--if-exists", "chassis-del",     "node3", "--",
      "--if-exists", "destroy",     "Chassis_Private", "node3"};
  ASSERT_GT(argv.size(), words.size());
  EXPECT_EQ(
      std::vector<std::string>(
          argv.end() - static_cast<std::ptrdiff_t>(words.size()), argv.end()),
      words);
  EXPECT_EQ(argv[0], "ovn-sbctl");
}

}  // namespace
}  // namespace microovn::agent
