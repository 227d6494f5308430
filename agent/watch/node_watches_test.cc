// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/node_watches.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/ovn/ovs_sockets.h"
#include "agent/watch/testing/fake_database_server.h"
#include "base/file/file.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/time/clock.h"
#include "gtest/gtest.h"
#include "supervisor/service/paths.h"

namespace microovn::agent {
namespace {

constexpr char kLeads[] =
    "fca7\nName: OVN_Northbound\nCluster ID: cc33 "
    "(cc330789-a3b4-4ed2-8282-23973489852c)\nServer ID: fca7 "
    "(fca7830e-2e12-47b3-ac99-60a777ca0359)\nAddress: ssl:10.0.0.1:6643\n"
    "Status: cluster member\nRole: leader\nTerm: 1\nLeader: self\n"
    "Vote: self\n\nElection timer: 1000\nLog: [2, 16]\n"
    "Entries not yet committed: 0\nEntries not yet applied: 0\n"
    "Connections:\nDisconnections: 0\nServers:\n"
    "    fca7 (fca7 at ssl:10.0.0.1:6643) (self)\n";

bool Eventually(const std::function<bool()>& condition) {
  const absl::Duration end = Clock::Real().Monotonic() + absl::Seconds(20);
  while (!condition()) {
    if (Clock::Real().Monotonic() > end) return false;
    absl::SleepFor(absl::Milliseconds(2));
  }
  return true;
}

// A node's watches on its directories, and servers that the test speaks for.
class NodeWatchesTest : public ::testing::Test {
 protected:
  NodeWatchesTest() {
    EXPECT_OK(supervisor::CreateLayout(paths_));
    switch_ = std::make_unique<FakeDatabaseServer>(paths_.switch_socket());
    nb_ = std::make_unique<FakeDatabaseServer>(paths_.nb_socket());
    sb_ = std::make_unique<FakeDatabaseServer>(paths_.sb_socket());
    watches_.Start();
  }
  ~NodeWatchesTest() override { watches_.Stop(); }

  // Until `watch` hears, with `server` at its other end.
  void Hear(ChangeWatch* watch, FakeDatabaseServer* server) {
    EXPECT_EQ(watch->Version(), std::nullopt);
    if (server != nullptr) {
      server->Accept();
      server->Say(kMonitorAccepted);
    }
    ASSERT_TRUE(Eventually([&] { return watch->Version().has_value(); }));
  }
  // Whether `act` is heard of: another version, and a call.
  bool Hears(ChangeWatch* watch, const std::function<void()>& act) {
    const auto before = watch->Version();
    const int told = told_;
    act();
    return Eventually(
        [&] { return watch->Version() != before && told_ > told; });
  }

  OvsSockets Sockets() {
    OvsSockets sockets;
    sockets.unixctl = [this](const std::string&, const std::string&,
                             const std::vector<std::string>&, absl::Duration) {
      ++asked_;
      return absl::StatusOr<std::string>(kLeads);
    };
    sockets.transact = [this](const std::string&, const std::string& params,
                              absl::Duration) {
      ++asked_;
      return absl::StatusOr<std::string>(params);
    };
    return sockets;
  }
  // How often the server was asked for one question.
  int Asks(const OvsSockets& sockets) {
    const int before = asked_;
    EXPECT_OK(sockets.unixctl("socket", "cluster/status", {"OVN_Northbound"},
                              absl::Seconds(1)));
    return asked_ - before;
  }

  TempDir root_;
  supervisor::Paths paths_{root_.path()};
  FakeClock clock_;
  std::atomic<int> told_{0};
  int asked_ = 0;
  std::unique_ptr<FakeDatabaseServer> switch_;
  std::unique_ptr<FakeDatabaseServer> nb_;
  std::unique_ptr<FakeDatabaseServer> sb_;
  NodeWatches watches_{paths_, &clock_, [this] { ++told_; }};
};

TEST_F(NodeWatchesTest, HearsOfTheEnvironmentAndOfTheCertificatesInUse) {
  const std::string first = JoinPath(paths_.pki(), "set-1");
  const std::string second = JoinPath(paths_.pki(), "set-2");
  const std::string current = JoinPath(paths_.pki(), "current");
  ChangeWatch* const files = watches_.files();
  Hear(files, nullptr);
  EXPECT_TRUE(Hears(files, [&] {
    EXPECT_OK(WriteFile(paths_.environment_file(), "A=1\n", 0600));
  }));
  // The first set appears, and then what is done to a file of it is heard.
  ASSERT_OK(MakeDirectories(first, 0700));
  ASSERT_OK(MakeDirectories(second, 0700));
  EXPECT_TRUE(
      Hears(files, [&] { EXPECT_OK(ReplaceSymlink("set-1", current)); }));
  EXPECT_TRUE(Hears(files, [&] {
    EXPECT_OK(WriteFile(JoinPath(first, "cacert.pem"), "1", 0600));
  }));
  // Another one takes its place.
  EXPECT_TRUE(
      Hears(files, [&] { EXPECT_OK(ReplaceSymlink("set-2", current)); }));
  EXPECT_TRUE(Hears(files, [&] {
    EXPECT_OK(WriteFile(JoinPath(second, "cacert.pem"), "2", 0600));
  }));
}

TEST_F(NodeWatchesTest, ASwitchsAnswersAreKeptUntilItTellsOfAChange) {
  Hear(watches_.switch_database(), switch_.get());
  const OvsSockets sockets = watches_.switch_sockets(Sockets());
  const auto ask = [&](const std::string& params) {
    return sockets.transact("socket", params, absl::Seconds(1)).value_or("");
  };
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(ask("settings"), "settings");
    EXPECT_EQ(ask("bridges"), "bridges") << "another question";
    EXPECT_EQ(asked_, 2);
  }
  EXPECT_TRUE(Hears(watches_.switch_database(), [&] {
    switch_->Say(R"({"method":"update","params":["monitor",{}],"id":null})");
  }));
  EXPECT_EQ(ask("settings"), "settings");
  EXPECT_EQ(asked_, 3);
}

TEST_F(NodeWatchesTest, EachDatabaseHasItsOwnServer) {
  Hear(watches_.nb(), nb_.get());
  Hear(watches_.sb(), sb_.get());
  const OvsSockets nb = watches_.nb_sockets(Sockets());
  const OvsSockets sb = watches_.sb_sockets(Sockets());
  EXPECT_EQ(Asks(nb) + Asks(nb) + Asks(sb) + Asks(sb), 2);
  // Its part in the cluster has changed.
  EXPECT_TRUE(Hears(watches_.sb(), [&] {
    sb_->Say(R"({"method":"update","params":["monitor",{}],"id":null})");
  }));
  EXPECT_EQ(Asks(nb), 0);
  EXPECT_EQ(Asks(sb), 1);
}

// Servers of other members come and go without a word from this node's.
TEST_F(NodeWatchesTest, BothAreAskedAgainAfterAChangeOfTheState) {
  Hear(watches_.nb(), nb_.get());
  Hear(watches_.sb(), sb_.get());
  const OvsSockets nb = watches_.nb_sockets(Sockets());
  const OvsSockets sb = watches_.sb_sockets(Sockets());
  EXPECT_EQ(Asks(nb) + Asks(sb), 2);
  watches_.StateChanged();
  EXPECT_EQ(Asks(nb), 1);
  EXPECT_EQ(Asks(sb), 1);
  EXPECT_EQ(Asks(nb) + Asks(sb), 0);
}

TEST_F(NodeWatchesTest, NothingIsToldAfterStop) {
  Hear(watches_.files(), nullptr);
  watches_.Stop();
  const int told = told_;
  EXPECT_OK(WriteFile(paths_.environment_file(), "A=2\n", 0600));
  EXPECT_FALSE(watches_.files()->Hears());
  EXPECT_EQ(told_, told);
}

}  // namespace
}  // namespace microovn::agent
