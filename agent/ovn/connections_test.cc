// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/connections.h"

#include <string>
#include <vector>

#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using ::testing::ElementsAre;

struct ConnectionCase {
  const char* name;
  ConnectionFacts facts;
  const char* initial;
  const char* nb;
  const char* sb;
};

TEST(ConnectionsTest, FollowFromWhoIsCentral) {
  const std::vector<ConnectionCase> cases = {
      {"nobody is central", {"10.0.0.1", {}, {}}, "", "", ""},
      {"alone",
       {"10.0.0.1", {"10.0.0.1"}, {}},
       "10.0.0.1",
       "ssl:10.0.0.1:6641",
       "ssl:10.0.0.1:6642"},
      {"the first that is not this one",
       {"10.0.0.1", {"10.0.0.1", "10.0.0.2", "10.0.0.3"}, {}},
       "10.0.0.2",
       "ssl:10.0.0.1:6641,ssl:10.0.0.2:6641,ssl:10.0.0.3:6641",
       "ssl:10.0.0.1:6642,ssl:10.0.0.2:6642,ssl:10.0.0.3:6642"},
      {"not central itself",
       {"10.0.0.9", {"10.0.0.1"}, {}},
       "10.0.0.1",
       "ssl:10.0.0.1:6641",
       "ssl:10.0.0.1:6642"},
      {"IPv6 in brackets",
       {"fd00::1", {"fd00::1", "10.0.0.2"}, {}},
       "10.0.0.2",
       "ssl:[fd00::1]:6641,ssl:10.0.0.2:6641",
       "ssl:[fd00::1]:6642,ssl:10.0.0.2:6642"},
      {"an external central wins",
       {"10.0.0.1", {"10.0.0.1"}, {"192.0.2.1", "2001:db8::1"}},
       "192.0.2.1",
       "ssl:192.0.2.1:6641,ssl:[2001:db8::1]:6641",
       "ssl:192.0.2.1:6642,ssl:[2001:db8::1]:6642"},
  };
  for (const ConnectionCase& c : cases) {
    SCOPED_TRACE(c.name);
    const OvnConnections connections = MakeConnections(c.facts);
    EXPECT_EQ(connections.initial_nb, c.initial);
    EXPECT_EQ(connections.initial_sb, c.initial);
    EXPECT_EQ(connections.nb_connect, c.nb);
    EXPECT_EQ(connections.sb_connect, c.sb);
    EXPECT_EQ(connections.local_ip, Bracketed(c.facts.local_ip));
  }
}

TEST(ConnectionsTest, ReadsCentralIps) {
  EXPECT_THAT(ParseCentralIps("10.0.0.1,fd00::1"),
              IsOkAndHolds(ElementsAre("10.0.0.1", "fd00::1")));
  for (const char* value : {"", "10.0.0.1,", "127.0.0", "[fd00::1]",
                            "10.0.0.1, 10.0.0.2", "node1"}) {
    EXPECT_THAT(ParseCentralIps(value),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << value;
  }
  EXPECT_FALSE(ParseCentralIps(std::string("10.0.0.1") + '\0' + "x").ok());
}

}  // namespace
}  // namespace microovn::agent
