// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/network_facts.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>

#include <list>
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

// Entries as getifaddrs gives them.
class Entries {
 public:
  Entries& Device(const char* name, unsigned flags, unsigned char last) {
    Entry& entry = Add(name, flags);
    auto* link = reinterpret_cast<sockaddr_ll*>(&entry.address);
    link->sll_family = AF_PACKET;
    link->sll_halen = 6;
    link->sll_addr[0] = 2;
    link->sll_addr[5] = last;
    return *this;
  }

  Entries& Address(const char* name, unsigned flags, const char* ip,
                   const char* mask) {
    Entry& entry = Add(name, flags);
    Put(ip, &entry.address);
    Put(mask, &entry.mask);
    entry.entry.ifa_netmask = reinterpret_cast<sockaddr*>(&entry.mask);
    return *this;
  }

  const ifaddrs* first() { return &entries_.front().entry; }
  void RemoveLast() {
    entries_.pop_back();
    entries_.back().entry.ifa_next = nullptr;
  }

 private:
  struct Entry {
    ifaddrs entry = {};
    sockaddr_storage address = {};
    sockaddr_storage mask = {};
    std::string name;
  };

  Entry& Add(const char* name, unsigned flags) {
    ifaddrs* before = entries_.empty() ? nullptr : &entries_.back().entry;
    Entry& entry = entries_.emplace_back();
    if (before != nullptr) before->ifa_next = &entry.entry;
    entry.name = name;
    entry.entry.ifa_name = entry.name.data();
    entry.entry.ifa_flags = flags;
    entry.entry.ifa_addr = reinterpret_cast<sockaddr*>(&entry.address);
    return entry;
  }

  static void Put(const char* ip, sockaddr_storage* storage) {
    auto* four = reinterpret_cast<sockaddr_in*>(storage);
    if (inet_pton(AF_INET, ip, &four->sin_addr) == 1) {
      four->sin_family = AF_INET;
      return;
    }
    auto* six = reinterpret_cast<sockaddr_in6*>(storage);
    ASSERT_EQ(inet_pton(AF_INET6, ip, &six->sin6_addr), 1) << ip;
    six->sin6_family = AF_INET6;
  }

  // Stays where it is.
  std::list<Entry> entries_;
};

Entries SomeEntries() {
  Entries entries;
  entries.Device("lo", IFF_UP, 0)
      .Device("eth0", IFF_UP, 1)
      .Device("eth1", 0, 2)
      .Address("lo", IFF_UP, "127.0.0.1", "255.0.0.0")
      .Address("lo", IFF_UP, "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
      .Address("eth0", IFF_UP, "fe80::1", "ffff:ffff:ffff:ffff::")
      .Address("eth0", IFF_UP, "fd00::11", "ffff:ffff:ffff:ffff::")
      .Address("eth1", 0, "169.254.1.1", "255.255.0.0")
      .Address("eth1:tunnels", 0, "10.99.1.11", "255.255.255.0");
  return entries;
}

TEST(NetworkFactsTest, ReadsInterfaces) {
  Entries entries = SomeEntries();
  const auto interfaces = InterfacesOf(entries.first());
  ASSERT_EQ(interfaces.size(), 3u);
  const NetworkInterface* eth1 = InterfaceWithAddress(interfaces, "10.99.1.11");
  ASSERT_NE(eth1, nullptr);
  EXPECT_EQ(eth1->name, "eth1");
  EXPECT_EQ(eth1->mac, "02:00:00:00:00:02");
  EXPECT_FALSE(eth1->up);
  EXPECT_EQ(eth1->addresses[1].prefix_length, 24);
  EXPECT_TRUE(InterfaceNamed(interfaces, "eth0")->up);
  EXPECT_EQ(InterfaceNamed(interfaces, "eth0")->addresses[1].prefix_length, 64);
  EXPECT_EQ(InterfaceNamed(interfaces, "eth7"), nullptr);
  EXPECT_EQ(InterfaceWithAddress(interfaces, "10.99.1.1"), nullptr);
  EXPECT_THAT(InterfacesOf(nullptr), IsEmpty());
}

TEST(NetworkFactsTest, TheKernelTellsOfTheLoopback) {
  const auto interfaces = ReadInterfaces();
  ASSERT_OK(interfaces);
  EXPECT_NE(InterfaceNamed(*interfaces, "lo"), nullptr);
}

// Nor one of an interface that is down, nor a virtual one of the loopback's.
TEST(NetworkFactsTest, ListensOnTheFirstGlobalUnicastAddress) {
  Entries entries = SomeEntries();
  EXPECT_EQ(FirstGlobalUnicast(InterfacesOf(entries.first())), "fd00::11");
  std::vector<NetworkInterface> interfaces = InterfacesOf(entries.first());
  for (NetworkInterface& interface : interfaces) interface.up = true;
  EXPECT_EQ(FirstGlobalUnicast(interfaces), "10.99.1.11") << "IPv4 first";
  interfaces = {{"lo", "", true, {{"203.0.113.7", 32}}, true}};
  EXPECT_EQ(FirstGlobalUnicast(interfaces), "");
  interfaces[0].loopback = false;
  EXPECT_EQ(FirstGlobalUnicast(interfaces), "203.0.113.7");
  for (int i = 0; i < 3; ++i) entries.RemoveLast();
  EXPECT_EQ(FirstGlobalUnicast(InterfacesOf(entries.first())), "");
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
  EXPECT_THAT(ParseRoutes("default via"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  // Other types than expected are passed over, not crashed on.
  EXPECT_THAT(ParseRoutes(R"([{"dst":7}, 3, null, "x", {"dst":"a"}])"),
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
