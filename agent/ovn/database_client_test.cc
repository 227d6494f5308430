// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/database_client.h"

#include <string>
#include <vector>

#include "agent/ovn/central.h"
#include "base/testing/fake_command_runner.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DatabaseClientTest : public ::testing::Test {
 protected:
  DatabaseClient Client(const std::string& daemon,
                        const std::string& database) {
    OvsSockets sockets;
    sockets.unixctl = [this](const std::string& socket,
                             const std::string& command,
                             const std::vector<std::string>&,
                             absl::Duration) -> absl::StatusOr<std::string> {
      asked_.push_back(socket + " " + command);
      return answer_;
    };
    return DatabaseClient(daemon, database, "/run/ovn", sockets);
  }

  std::vector<std::string> asked_;
  absl::StatusOr<std::string> answer_ = "connected\n";
};

TEST_F(DatabaseClientTest, EachDaemonHasItsWords) {
  EXPECT_THAT(Client("ovn-controller", "sb").Connected(7), IsOkAndHolds(true));
  answer_ = "not connected\n";
  EXPECT_THAT(Client("ovn-northd", "nb").Connected(8), IsOkAndHolds(false));
  EXPECT_THAT(Client("ovn-northd", "sb").Connected(8), IsOkAndHolds(false));
  answer_ = "";
  EXPECT_OK(Client("ovn-controller", "sb").Forget(7));
  EXPECT_OK(Client("ovn-northd", "nb").Forget(8));
  EXPECT_THAT(
      asked_,
      ElementsAre("/run/ovn/ovn-controller.7.ctl connection-status",
                  "/run/ovn/ovn-northd.8.ctl nb-connection-status",
                  "/run/ovn/ovn-northd.8.ctl sb-connection-status",
                  "/run/ovn/ovn-controller.7.ctl sb-cluster-state-reset",
                  "/run/ovn/ovn-northd.8.ctl nb-cluster-state-reset"));
}

TEST_F(DatabaseClientTest, WhatItDoesNotSayIsNotGuessed) {
  for (const char* answer : {"", "connecting", "not connected yet"}) {
    answer_ = answer;
    EXPECT_FALSE(Client("ovn-controller", "sb").Connected(7).ok()) << answer;
  }
  answer_ = absl::DeadlineExceededError("frozen");
  EXPECT_FALSE(Client("ovn-controller", "sb").Connected(7).ok());
  EXPECT_FALSE(Client("ovn-controller", "sb").Forget(7).ok());
}

TEST(AskClusterId, OnlyAServerInTouchWithItsClusterCounts) {
  const struct {
    const char* answer;
    const char* id;
  } cases[] = {
      {R"([{"rows":[{"cid":["uuid","4a"],"connected":true}]}])", "4a"},
      {R"([{"rows":[{"cid":["uuid","4a"],"connected":false}]}])", ""},
      {R"([{"rows":[{"cid":["set",[]],"connected":true}]}])", ""},
      {R"([{"rows":[{"cid":["uuid","4a"]}]}])", ""},
      {R"([{"rows":[]}])", ""},
      {R"([])", ""},
      {R"([{"error":"unknown database"}])", ""},
      {"{", ""},
  };
  for (const auto& c : cases) {
    FakeCommandRunner runner([&c](const Command& command) {
      EXPECT_THAT(command.argv, Contains("ssl:10.0.0.1:6642"));
      EXPECT_THAT(command.argv.back(), HasSubstr("OVN_Southbound"));
      CommandResult result;
      result.output = c.answer;
      return result;
    });
    const auto id = AskClusterId(runner, "ssl:10.0.0.1:6642", "OVN_Southbound",
                                 {"key", "certificate", "ca"});
    if (*c.id == '\0') {
      EXPECT_FALSE(id.ok()) << c.answer;
    } else {
      EXPECT_THAT(id, IsOkAndHolds(c.id));
    }
  }
}

}  // namespace
}  // namespace microovn::agent
