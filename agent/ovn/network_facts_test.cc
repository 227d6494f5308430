#include "agent/ovn/network_facts.h"

#include <string>
#include <vector>

#include "agent/ovn/versions.h"
#include "base/testing/fake_command_runner.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kAddresses[] = R"([
 {"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP","LOWER_UP"],
  "address":"00:00:00:00:00:00","addr_info":[
  {"family":"inet","local":"127.0.0.1","prefixlen":8,"scope":"host"},
  {"family":"inet6","local":"::1","prefixlen":128,"scope":"host"}]},{},
 {"ifindex":2,"ifname":"eth0","flags":["BROADCAST","UP"],
  "address":"02:00:00:00:00:01","addr_info":[
  {"family":"inet6","local":"fe80::1","prefixlen":64,"scope":"link"},
  {"family":"inet6","local":"fd00::11","prefixlen":64,"scope":"global"}]},
 {"ifindex":3,"ifname":"eth1","flags":["BROADCAST"],
  "address":"02:00:00:00:00:02","addr_info":[
  {"family":"inet","local":"169.254.1.1","prefixlen":16,"scope":"link"},
  {"family":"inet","local":"10.99.1.11","prefixlen":24,"scope":"global"}]}])";

TEST(NetworkFactsTest, ReadsInterfaces) {
  const auto interfaces = ParseInterfaces(kAddresses);
  ASSERT_OK(interfaces);
  ASSERT_EQ(interfaces->size(), 3u);
  const NetworkInterface* eth1 =
      InterfaceWithAddress(*interfaces, "10.99.1.11");
  ASSERT_NE(eth1, nullptr);
  EXPECT_EQ(eth1->name, "eth1");
  EXPECT_EQ(eth1->mac, "02:00:00:00:00:02");
  EXPECT_FALSE(eth1->up);
  EXPECT_EQ(eth1->addresses[1].prefix_length, 24);
  EXPECT_TRUE(InterfaceNamed(*interfaces, "eth0")->up);
  EXPECT_EQ(InterfaceNamed(*interfaces, "eth7"), nullptr);
  EXPECT_EQ(InterfaceWithAddress(*interfaces, "10.99.1.1"), nullptr);
}

TEST(NetworkFactsTest, ListensOnTheFirstGlobalUnicastAddress) {
  auto interfaces = ParseInterfaces(kAddresses);
  ASSERT_OK(interfaces);
  EXPECT_EQ(FirstGlobalUnicast(*interfaces), "10.99.1.11");
  interfaces->pop_back();
  EXPECT_EQ(FirstGlobalUnicast(*interfaces), "fd00::11");
  interfaces->pop_back();
  EXPECT_EQ(FirstGlobalUnicast(*interfaces), "");
}

TEST(NetworkFactsTest, KnowsWhatIsGlobalUnicast) {
  for (const char* ip : {"10.0.0.1", "192.0.2.1", "fd00::1", "2001:db8::1"}) {
    EXPECT_TRUE(IsGlobalUnicast(ip)) << ip;
  }
  for (const char* ip :
       {"127.0.0.1", "169.254.0.1", "224.0.0.1", "0.0.0.0", "255.255.255.255",
        "::", "::1", "fe80::1", "ff02::1", "node1", ""}) {
    EXPECT_FALSE(IsGlobalUnicast(ip)) << ip;
  }
}

TEST(NetworkFactsTest, ReadsRoutesThatSomebodyAdded) {
  EXPECT_THAT(
      ParseRoutes(
          R"([{"dst":"default","gateway":"10.0.0.254","flags":[]},
              {"dst":"10.0.0.0/24","protocol":"kernel","scope":"link"},
              {"dst":"10.1.0.0/16","gateway":"10.0.0.1","metric":50}])"),
      IsOkAndHolds(ElementsAre(NetworkRoute{"default", "10.0.0.254", 0},
                               NetworkRoute{"10.1.0.0/16", "10.0.0.1", 50})));
  EXPECT_THAT(ParseRoutes("\n"), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(ParseRoutes("[ ]"), IsOkAndHolds(IsEmpty()));
}

TEST(NetworkFactsTest, RefusesWhatIsNotJson) {
  EXPECT_THAT(ParseInterfaces("1: lo: <LOOPBACK>"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseRoutes("default via"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  // Other types than expected are passed over, not crashed on.
  EXPECT_THAT(ParseInterfaces(R"([{"ifname":7}, 3, null, "x",
                                  {"ifname":"a","addr_info":{"local":1}}])"),
              IsOkAndHolds(testing::SizeIs(1)));
}

TEST(NetworkFactsTest, AsksIp) {
  FakeCommandRunner runner([](const Command& command) {
    CommandResult result;
    const bool six = command.argv[2] == "-6";
    if (!six) result.output = R"([{"dst":"default","gateway":"10.0.0.254"}])";
    return result;
  });
  EXPECT_THAT(ReadRoutes(runner, "eth1"), IsOkAndHolds(testing::SizeIs(1)));
  EXPECT_THAT(runner.lines(), ElementsAre("ip -json -4 route show dev eth1",
                                          "ip -json -6 route show dev eth1"));
}

TEST(VersionsTest, AreTheLastWordOfTheFirstLine) {
  EXPECT_THAT(ParseVersion("ovn-controller 23.03.1\nOpen vSwitch Library "
                           "3.1.0\nSB DB Schema 20.27.0\n"),
              IsOkAndHolds("23.03.1"));
  EXPECT_THAT(ParseVersion("ovs-vswitchd (Open vSwitch) 3.1.0\n"),
              IsOkAndHolds("3.1.0"));
  for (const char* text : {"", "\n", "3.1.0", "no version here"}) {
    EXPECT_THAT(ParseVersion(text),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(VersionsTest, AskTheInstalledPrograms) {
  FakeCommandRunner runner([](const Command& command) {
    CommandResult result;
    result.output = command.argv[0] + " 9.8.7\n";
    return result;
  });
  EXPECT_THAT(InstalledOvnVersion(runner), IsOkAndHolds("9.8.7"));
  EXPECT_THAT(InstalledOvsVersion(runner), IsOkAndHolds("9.8.7"));
  EXPECT_THAT(runner.lines(), ElementsAre("ovn-controller --version",
                                          "ovs-vswitchd --version"));
}

}  // namespace
}  // namespace microovn::agent
