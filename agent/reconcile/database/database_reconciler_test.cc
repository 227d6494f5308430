// SPDX-License-Identifier: Apache-2.0
// Database reconcilers of two nodes on real servers: one creates, one joins,
// is put out while it is off, joins again and leaves. Needs ovsdb-server,
// ovsdb-tool, ovs-appctl, ovn-nbctl and OVN's schema files.
#include "agent/reconcile/database/database_reconciler.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/reconcile/testing/state_builder.h"
#include "base/file/file.h"
#include "base/process/command_runner.h"
#include "base/testing/fake_clock.h"
#include "base/testing/loopback.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using supervisor::Phase;
using supervisor::Service;
using ::testing::Contains;
using ::testing::HasSubstr;

absl::StatusOr<std::string> RunTool(std::vector<std::string> argv) {
  Command command;
  command.argv = std::move(argv);
  return RunForOutput(CommandRunner::Real(), command);
}

// A node: the reconciler, and a supervisor of one service that does as it
// says.
class Node {
 public:
  Node(const TempDir& dir, int number, const DatabaseKind& kind, Clock* clock)
      : number_(number), prefix_(dir.File(absl::StrCat("n", number, "/"))) {
    EXPECT_OK(MakeDirectories(prefix_, 0700));
    CentralDatabaseOptions options;
    options.kind = kind;
    options.file = prefix_ + "nb.db";
    options.socket = prefix_ + "nb.sock";
    options.control = prefix_ + "nb.ctl";
    options.transport = "tcp";
    database_ =
        std::make_unique<CentralDatabase>(options, &CommandRunner::Real());
    facts_.services_seen = true;
    reconciler_ =
        std::make_unique<DatabaseReconciler>(*database_, &facts_, clock);
  }
  ~Node() { Kill(); }

  const DatabaseNodeFacts& facts() const { return facts_.nb; }
  CentralDatabase& database() { return *database_; }
  std::string directory() const { return prefix_; }

  absl::Status Step(const StateBuilder& state) {
    supervisor::Observation& seen = facts_.services[Service::kNbOvsdbServer];
    const auto pid = ReadFile(prefix_ + "nb.pid");
    seen.phase = pid.ok() ? Phase::kReady : Phase::kStopped;
    seen.pid = pid.ok() ? atoi(pid->c_str()) : 0;
    absl::Status status = reconciler_->Reconcile(state.View(number_));
    if (facts_.nb.run_server && !pid.ok()) Start();
    if (!facts_.nb.run_server && pid.ok()) Stop();
    return status;
  }

  // A power cut; the next step is its end.
  void Kill() {
    const auto pid = ReadFile(prefix_ + "nb.pid");
    if (!pid.ok()) return;
    (void)RunTool(
        {"kill", "-9", std::string(absl::StripAsciiWhitespace(*pid))});
    (void)RunTool({"rm", "-f", prefix_ + "nb.pid"});
  }

 private:
  // Not OK when the file says that the server has left, as it should be.
  void Start() {
    (void)RunTool({"/usr/sbin/ovsdb-server", prefix_ + "nb.db",
                   absl::StrCat("--remote=punix:", prefix_, "nb.sock"),
                   absl::StrCat("--unixctl=", prefix_, "nb.ctl"),
                   absl::StrCat("--pidfile=", prefix_, "nb.pid"),
                   absl::StrCat("--log-file=", prefix_, "nb.log"),
                   "-vconsole:off", "-vsyslog:off", "--no-chdir", "--detach"});
  }

  void Stop() {
    (void)RunTool({"ovs-appctl", "-t", prefix_ + "nb.ctl", "exit"});
    while (FileExists(prefix_ + "nb.pid")) {
      absl::SleepFor(absl::Milliseconds(10));
    }
  }

  const int number_;
  const std::string prefix_;
  NodeFacts facts_;
  std::unique_ptr<CentralDatabase> database_;
  std::unique_ptr<DatabaseReconciler> reconciler_;
};

class DatabaseReconcilerTest : public ::testing::Test {
 protected:
  DatabaseReconcilerTest() {
    DatabaseKind kind = Northbound();
    kind.raft_port = FreePort();
    kind.client_port = FreePort();
    state_.Hosts("127.0.0.");
    for (int i = 1; i <= 2; ++i) {
      state_.Member(i, AllStateServices());
      nodes_.push_back(std::make_unique<Node>(dir_, i, kind, &clock_));
    }
    state_.Databases(1, {});
  }

  Node& node(int number) { return *nodes_[static_cast<size_t>(number - 1)]; }

  // Until `done`; a node's time passes ten times faster than ours.
  bool Until(int number, const std::function<bool()>& done) {
    const Clock& clock = Clock::Real();
    const absl::Duration deadline = clock.Monotonic() + absl::Seconds(30);
    while (clock.Monotonic() < deadline) {
      status_ = node(number).Step(state_);
      if (done()) return true;
      absl::SleepFor(absl::Milliseconds(20));
      clock_.Advance(absl::Milliseconds(200));
    }
    return false;
  }

  bool UntilInPlace(int number) {
    return Until(number, [this] { return status_.ok(); });
  }

  std::vector<std::string> Files(int number) {
    return ListDirectory(node(number).directory()).value();
  }

  TempDir dir_;
  FakeClock clock_;
  StateBuilder state_;
  absl::Status status_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

TEST_F(DatabaseReconcilerTest, ServersComeAndGoAsTheStateSays) {
  EXPECT_THAT(node(2).Step(state_), StatusIs(absl::StatusCode::kUnavailable))
      << "nobody to join yet";
  ASSERT_TRUE(UntilInPlace(1)) << status_;
  EXPECT_TRUE(node(1).facts().joined);
  EXPECT_TRUE(node(1).facts().leader);
  const std::string cluster = node(1).facts().cluster_id;
  ASSERT_NE(cluster, "");
  state_.Databases(1, {1}, cluster);
  ASSERT_TRUE(UntilInPlace(1)) << status_;

  ASSERT_TRUE(UntilInPlace(2)) << status_;
  EXPECT_EQ(node(2).facts().cluster_id, cluster);
  EXPECT_TRUE(node(2).facts().joined);
  state_.Databases(1, {1, 2}, cluster);
  // A power cut changes nothing.
  node(2).Kill();
  ASSERT_TRUE(UntilInPlace(2)) << status_;
  EXPECT_THAT(Files(2), testing::Not(Contains(HasSubstr("backup"))));

  // Put out while it is off: the next look at it finds that out.
  const auto file = node(2).database().InspectFile();
  ASSERT_OK(file);
  node(2).Kill();
  ASSERT_OK(node(1).database().Kick(file->server_id));
  state_.Databases(1, {1}, cluster);
  ASSERT_TRUE(UntilInPlace(2)) << status_;
  EXPECT_THAT(Files(2), Contains(HasSubstr("ovnnb_db_backup_")));
  const auto again = node(2).database().InspectFile();
  ASSERT_OK(again);
  EXPECT_NE(again->server_id, file->server_id);
  state_.Databases(1, {1, 2}, cluster);

  // Put out while it runs.
  ASSERT_OK(node(1).database().Kick(again->server_id));
  ASSERT_TRUE(Until(2, [this] { return node(2).facts().joined == false; }));
  state_.Databases(1, {1}, cluster);
  ASSERT_TRUE(UntilInPlace(2)) << status_;
  EXPECT_TRUE(node(2).facts().joined);
  state_.Databases(1, {1, 2}, cluster);

  // Central is disabled on it.
  state_.Member(2, {statepb::SERVICE_SWITCH});
  ASSERT_TRUE(UntilInPlace(2)) << status_;
  EXPECT_FALSE(node(2).facts().file_exists);
  const auto left = node(1).database().Status();
  ASSERT_OK(left);
  EXPECT_EQ(left->servers.size(), 1u);
  // The last one keeps its data and goes without asking.
  state_.Databases(1, {1}, cluster).Member(1, {statepb::SERVICE_SWITCH});
  ASSERT_TRUE(UntilInPlace(1)) << status_;
  EXPECT_THAT(Files(1), Contains(HasSubstr("ovnnb_db_backup_")));
  EXPECT_FALSE(node(1).facts().file_exists);
}

TEST_F(DatabaseReconcilerTest, AServerThatCannotLeaveIsStopped) {
  ASSERT_TRUE(UntilInPlace(1)) << status_;
  const std::string cluster = node(1).facts().cluster_id;
  state_.Databases(1, {1}, cluster);
  ASSERT_TRUE(UntilInPlace(2)) << status_;
  state_.Databases(1, {1, 2}, cluster);
  node(1).Kill();
  state_.Member(2, AllStateServices(), statepb::Member::STATE_LEAVING);
  ASSERT_TRUE(UntilInPlace(2)) << status_;
  EXPECT_THAT(Files(2), Contains(HasSubstr("ovnnb_db_backup_")));
}

// Two servers, of which one is gone: nothing can be changed. What the other one
// has becomes the database, and who comes back with the old one joins it.
TEST_F(DatabaseReconcilerTest, ADatabaseIsMadeAnewFromOneCopy) {
  ASSERT_TRUE(UntilInPlace(1)) << status_;
  const std::string old = node(1).facts().cluster_id;
  state_.Databases(1, {1}, old);
  ASSERT_TRUE(UntilInPlace(2)) << status_;
  state_.Databases(1, {1, 2}, old);
  const auto control = [&](int number, std::vector<std::string> words) {
    words.insert(
        words.begin(),
        {"ovn-nbctl", "--timeout=5",
         absl::StrCat("--db=unix:", node(number).directory(), "nb.sock"),
         "--no-leader-only"});
    return RunTool(words);
  };
  ASSERT_OK(control(1, {"ls-add", "kept"}));
  ASSERT_TRUE(Until(2, [&] {
    const auto rows =
        control(2, {"--bare", "--columns=name", "list", "Logical_Switch"});
    return rows.ok() && absl::StrContains(*rows, "kept");
  }));
  node(1).Kill();
  ASSERT_TRUE(Until(2, [this] { return !node(2).facts().serving; }));

  state_.Databases(2, {}).Replaces(old);
  ASSERT_TRUE(UntilInPlace(2)) << status_;
  const std::string made = node(2).facts().cluster_id;
  EXPECT_NE(made, old);
  EXPECT_TRUE(node(2).facts().joined);
  EXPECT_THAT(Files(2), Contains(HasSubstr("ovnnb_db_backup_")));
  EXPECT_THAT(Files(2), testing::Not(Contains(HasSubstr(".content"))));
  EXPECT_THAT(control(2, {"ls-list"}), IsOkAndHolds(HasSubstr("kept")));
  EXPECT_OK(control(2, {"ls-add", "later"}));
  EXPECT_EQ(node(2).database().Status()->servers.size(), 1u);

  // Before it hears of it, the other one keeps what it has.
  state_.Databases(2, {}).Replaces(old);
  (void)node(1).Step(state_);
  EXPECT_TRUE(node(1).facts().file_exists);
  state_.Databases(2, {2}, made).Replaces(old);
  ASSERT_TRUE(UntilInPlace(1)) << status_;
  EXPECT_EQ(node(1).facts().cluster_id, made);
  EXPECT_THAT(Files(1), Contains(HasSubstr("ovnnb_db_backup_")));
  EXPECT_THAT(control(1, {"ls-list"}), IsOkAndHolds(HasSubstr("later")));
}

TEST_F(DatabaseReconcilerTest, AJoinIsTurnedToWhoIsThere) {
  // The first central joined and went before it could admit anybody.
  state_.Member(3, AllStateServices()).Databases(3, {3});
  EXPECT_TRUE(Until(2, [this] {
    const auto status = node(2).database().Status();
    return status.ok() && status->membership == OvsdbMembership::kJoining;
  }));
  state_.Databases(1, {});
  ASSERT_TRUE(UntilInPlace(1)) << status_;
  state_.Databases(1, {1}, node(1).facts().cluster_id);
  ASSERT_TRUE(UntilInPlace(2)) << status_;
  EXPECT_EQ(node(2).facts().cluster_id, node(1).facts().cluster_id);
}

// Whoever starts it again: a listener is a row, and rows can be deleted.
TEST_F(DatabaseReconcilerTest, AServerThatStartedAgainListens) {
  ASSERT_TRUE(UntilInPlace(1)) << status_;
  state_.Databases(1, {1}, node(1).facts().cluster_id);
  ASSERT_TRUE(UntilInPlace(1)) << status_;
  const std::string server =
      absl::StrCat("--db=unix:", node(1).directory(), "nb.sock");
  EXPECT_THAT(RunTool({"ovn-nbctl", server, "get-connection"}),
              IsOkAndHolds(HasSubstr("ptcp:")));
  ASSERT_OK(RunTool({"ovn-nbctl", server, "del-connection"}));
  node(1).Kill();
  const auto listens = [&] {
    const auto rows = RunTool({"ovn-nbctl", server, "get-connection"});
    return rows.ok() && absl::StrContains(*rows, "ptcp:");
  };
  ASSERT_TRUE(Until(1, listens)) << status_;
  // And without another start.
  ASSERT_OK(RunTool({"ovn-nbctl", server, "del-connection"}));
  ASSERT_TRUE(Until(1, listens)) << status_;
}

// A version that a test sets.
class FakeWatch final : public ChangeWatch {
 public:
  std::optional<uint64_t> Version() override { return version; }
  bool Hears() const override { return version.has_value(); }
  std::optional<uint64_t> version = 1;
};

NodeFacts ReadyNbServer() {
  NodeFacts facts;
  facts.services_seen = true;
  facts.services[Service::kNbOvsdbServer].phase = Phase::kReady;
  return facts;
}

TEST(DatabaseListenerTest, IsLookedAtAgainWhenItMayHaveChanged) {
  const TempDir dir;
  FakeClock clock;
  StateBuilder state;
  state.Member(1, AllStateServices()).Databases(1, {1}, "cid");
  NodeFacts facts = ReadyNbServer();
  facts.services[Service::kNbOvsdbServer].pid = 7;
  CentralDatabaseOptions options;
  options.file = dir.File("nb.db");
  ASSERT_OK(WriteFile(options.file, "a database", 0600));
  options.sockets.unixctl = [&](const std::string&, const std::string&,
                                const std::vector<std::string>&,
                                absl::Duration) -> absl::StatusOr<std::string> {
    return std::string(
        "Name: OVN_Northbound\nServer ID: aaaa (aaaa-bbbb)\n"
        "Status: cluster member\nRole: leader\nTerm: 1\nLeader: self\n"
        "Servers:\n    aaaa (aaaa at ssl:10.0.0.1:6643) (self)\n");
  };
  int looks = 0;
  options.sockets.transact = [&](const std::string&, const std::string&,
                                 absl::Duration) {
    ++looks;
    return std::string(R"([{"rows":[{"target":"pssl:6641:[::]"}]}])");
  };
  FakeWatch watch;
  FakeWatch listeners;
  DatabaseReconciler reconciler(
      CentralDatabase(options, &CommandRunner::Real()), &facts, &clock, &watch,
      &listeners);
  const auto looks_after = [&] {
    EXPECT_OK(reconciler.Reconcile(state.View(1)));
    return looks;
  };
  EXPECT_EQ(looks_after(), 1);
  EXPECT_EQ(looks_after(), 1) << "nothing was told";
  listeners.version = 2;
  EXPECT_EQ(looks_after(), 2);
  facts.services[Service::kNbOvsdbServer].pid = 8;
  EXPECT_EQ(looks_after(), 3) << "another server";
  EXPECT_TRUE(reconciler.hears());
  listeners.version.reset();
  EXPECT_FALSE(reconciler.hears());
  EXPECT_EQ(looks_after(), 4);
  EXPECT_EQ(looks_after(), 5) << "nobody would tell";
}

TEST(DatabaseFindingTest, AFailedDiskIsOne) {
  const TempDir dir;
  FakeClock clock;
  StateBuilder state;
  state.Member(1, AllStateServices()).Databases(1, {1}, "cid");
  NodeFacts facts = ReadyNbServer();
  CentralDatabaseOptions options;
  options.file = dir.File("nb.db");
  ASSERT_OK(WriteFile(options.file, "a database", 0600));
  std::string membership = "failed";
  options.sockets.unixctl = [&](const std::string&, const std::string&,
                                const std::vector<std::string>&,
                                absl::Duration) -> absl::StatusOr<std::string> {
    return absl::StrCat(
        "Name: OVN_Northbound\nServer ID: aaaa (aaaa-bbbb)\nStatus: ",
        membership,
        "\nRole: follower\nTerm: 1\nLeader: unknown\n"
        "Servers:\n    aaaa (aaaa at ssl:10.0.0.1:6643) (self)\n");
  };
  DatabaseReconciler reconciler(
      CentralDatabase(options, &CommandRunner::Real()), &facts, &clock);
  (void)reconciler.Reconcile(state.View(1));
  ASSERT_EQ(reconciler.findings().size(), 1u);
  EXPECT_EQ(reconciler.findings()[0].reason, "DATABASE_STORAGE_FAILED");
  membership = "cluster member";
  (void)reconciler.Reconcile(state.View(1));
  EXPECT_TRUE(reconciler.findings().empty());
}

}  // namespace
}  // namespace microovn::agent
