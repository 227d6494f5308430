#include "agent/ovn/chassis.h"

#include <string>
#include <vector>

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
          {"ovn-bridge-datapath-type", "netdev"},
          {"rundir", "/somewhere"}};
}

TEST(ExternalIdsTest, NothingIsWrittenWhenNothingDiffers) {
  EXPECT_THAT(PlanExternalIds(WantedExternalIds(Facts()), InPlace()),
              IsEmpty());
}

TEST(ExternalIdsTest, AllAreSetOnAFreshSwitch) {
  EXPECT_THAT(
      PlanExternalIds(WantedExternalIds(Facts()), {}),
      ElementsAre("set", "Open_vSwitch", ".", "external_ids:hostname=\"host1\"",
                  "external_ids:ovn-bridge-datapath-type=\"netdev\"",
                  "external_ids:ovn-encap-ip=\"10.99.1.11\"",
                  "external_ids:ovn-encap-type=\"geneve\"",
                  "external_ids:ovn-remote=\"ssl:10.0.0.1:6642,"
                  "ssl:[fd00::2]:6642\"",
                  "external_ids:system-id=\"node1\""));
}

TEST(ExternalIdsTest, OnlyWhatDiffersIsWritten) {
  ExternalIds observed = InPlace();
  observed["ovn-remote"] = "ssl:10.0.0.1:6642";
  EXPECT_THAT(PlanExternalIds(WantedExternalIds(Facts()), observed),
              ElementsAre("set", "Open_vSwitch", ".",
                          "external_ids:ovn-remote=\"ssl:10.0.0.1:6642,"
                          "ssl:[fd00::2]:6642\""));
}

TEST(ExternalIdsTest, TheRemoteGoesWithTheLastCentral) {
  ChassisFacts facts = Facts();
  facts.remote = "";
  EXPECT_THAT(
      PlanExternalIds(WantedExternalIds(facts), InPlace()),
      ElementsAre("remove", "Open_vSwitch", ".", "external_ids", "ovn-remote"));
}

TEST(ExternalIdsTest, ASwitchThatIsNoChassisHasNoEncapsulation) {
  ChassisFacts facts = Facts();
  facts.chassis = false;
  facts.hostname = "host2";
  EXPECT_THAT(
      PlanExternalIds(WantedExternalIds(facts), InPlace()),
      ElementsAre("set", "Open_vSwitch", ".", "external_ids:hostname=\"host2\"",
                  "--", "remove", "Open_vSwitch", ".", "external_ids",
                  "ovn-bridge-datapath-type", "ovn-encap-ip",
                  "ovn-encap-type"));
}

TEST(ExternalIdsTest, ReadsWhatOvsVsctlPrints) {
  const auto ids = ParseExternalIds(
      R"({"data":[[["map",[["ovn-encap-ip","fd00::1"],
          ["ovn-remote","ssl:1.2.3.4:6642,ssl:[::1]:6642"]]]]],
          "headings":["external_ids"]})");
  ASSERT_OK(ids);
  EXPECT_THAT(*ids, UnorderedElementsAre(
                        testing::Pair("ovn-encap-ip", "fd00::1"),
                        testing::Pair("ovn-remote",
                                      "ssl:1.2.3.4:6642,ssl:[::1]:6642")));
  EXPECT_THAT(ParseExternalIds(R"({"data":[],"headings":["external_ids"]})"),
              IsOkAndHolds(IsEmpty()));
  for (const char* text : {"", "{}x", R"({"data":[[["set",[]]]]})",
                           R"({"data":[[["map",[["a",1]]]]]})",
                           R"({"data":[[["map",[["a"]]]]]})"}) {
    EXPECT_THAT(ParseExternalIds(text),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

TEST(SwitchDatabaseTest, AsksTheLocalSocketWithADeadline) {
  FakeCommandRunner runner([](const Command& command) {
    EXPECT_LE(command.timeout, absl::Seconds(10));
    CommandResult result;
    if (command.argv.back() == "list-br") result.output = "br-int\nbr-phy\n";
    if (command.argv.back() == "br-phy") result.output = "eth1\n";
    return result;
  });
  const SwitchDatabase database("/run/db.sock", &runner);
  EXPECT_THAT(database.Bridges(),
              IsOkAndHolds(ElementsAre("br-int", "br-phy")));
  EXPECT_THAT(database.Ports("br-phy"), IsOkAndHolds(ElementsAre("eth1")));
  ASSERT_OK(database.RunAndWait({"add-br", "br-phy"}));
  EXPECT_THAT(
      runner.lines(),
      ElementsAre(
          "ovs-vsctl --db=unix:/run/db.sock --timeout=5 --no-wait list-br",
          "ovs-vsctl --db=unix:/run/db.sock --timeout=5 --no-wait list-ports "
          "br-phy",
          "ovs-vsctl --db=unix:/run/db.sock --timeout=5 add-br br-phy"));
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

}  // namespace
}  // namespace microovn::agent
