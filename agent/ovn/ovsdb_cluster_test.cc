// SPDX-License-Identifier: Apache-2.0
// CentralDatabase against real servers on loopback: created, joined, left,
// kicked. Needs ovsdb-server, ovsdb-tool, ovs-appctl, ovn-nbctl and OVN's
// schema files.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "agent/ovn/central.h"
#include "agent/ovn/chassis.h"
#include "base/file/file.h"
#include "base/process/command_runner.h"
#include "base/status/status_macros.h"
#include "base/testing/loopback.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

bool Eventually(const std::function<bool()>& condition) {
  const Clock& clock = Clock::Real();
  const absl::Duration deadline = clock.Monotonic() + absl::Seconds(20);
  while (clock.Monotonic() < deadline) {
    if (condition()) return true;
    absl::SleepFor(absl::Milliseconds(20));
  }
  return condition();
}

absl::StatusOr<std::string> RunTool(std::vector<std::string> argv) {
  Command command;
  command.argv = std::move(argv);
  return RunForOutput(CommandRunner::Real(), command);
}

// The servers of a cluster share one port and differ in their address, as
// members do: 127.0.0.1, 127.0.0.2, ...
class Server {
 public:
  Server(const TempDir& dir, const std::string& ip, DatabaseKind kind)
      : prefix_(dir.File(absl::StrCat("n", ip.substr(ip.rfind('.') + 1)))),
        ip_(ip) {
    CentralDatabaseOptions options;
    options.kind = kind;
    options.file = prefix_ + ".db";
    options.socket = prefix_ + ".sock";
    options.control = prefix_ + ".ctl";
    options.transport = "tcp";
    database_ = std::make_unique<CentralDatabase>(std::move(options),
                                                  &CommandRunner::Real());
  }
  ~Server() { Kill(); }

  CentralDatabase& database() { return *database_; }
  const std::string& ip() const { return ip_; }
  std::string socket() const { return prefix_ + ".sock"; }

  absl::Status Start() {
    return RunTool({"/usr/sbin/ovsdb-server", prefix_ + ".db",
                    absl::StrCat("--remote=punix:", prefix_, ".sock"),
                    absl::StrCat("--remote=db:", database_->kind().schema_name,
                                 database_->kind().name == "nb" ? ",NB_Global"
                                                                : ",SB_Global",
                                 ",connections"),
                    absl::StrCat("--unixctl=", prefix_, ".ctl"),
                    absl::StrCat("--pidfile=", prefix_, ".pid"),
                    absl::StrCat("--log-file=", prefix_, ".log"),
                    "-vconsole:off", "-vsyslog:off", "--no-chdir", "--detach"})
        .status();
  }

  void Stop() {
    EXPECT_OK(RunTool({"ovs-appctl", "-t", prefix_ + ".ctl", "exit"}));
    EXPECT_TRUE(Eventually([this] { return !FileExists(prefix_ + ".pid"); }));
  }

  void Kill() {
    const auto pid = ReadFile(prefix_ + ".pid");
    if (!pid.ok()) return;
    (void)RunTool(
        {"kill", "-9", std::string(absl::StripAsciiWhitespace(*pid))});
    (void)RunTool({"rm", "-f", prefix_ + ".pid"});
  }

  // Within a while.
  bool IsConnected() {
    return Eventually([this] { return Status().serving(); });
  }

  OvsdbClusterStatus Status() {
    const auto status = database_->Status();
    return status.ok() ? *status : OvsdbClusterStatus();
  }

 private:
  const std::string prefix_;
  const std::string ip_;
  std::unique_ptr<CentralDatabase> database_;
};

class OvsdbClusterTest : public ::testing::Test {
 protected:
  OvsdbClusterTest() : kind_(Northbound()) {
    kind_.raft_port = FreePort();
    kind_.client_port = FreePort();
    for (const char* ip : {"127.0.0.1", "127.0.0.2", "127.0.0.3"}) {
      servers_.push_back(std::make_unique<Server>(dir_, ip, kind_));
    }
  }

  Server& server(size_t i) { return *servers_[i]; }

  // The installed schema as a later OVN might have it.
  absl::StatusOr<std::string> NewerSchema(absl::string_view version) {
    ASSIGN_OR_RETURN(std::string text,
                     ReadFile("/usr/share/ovn/ovn-nb.ovsschema"));
    ASSIGN_OR_RETURN(const std::string now,
                     server(0).database().ExpectedSchema());
    const std::string quoted = absl::StrCat("\"", now, "\"");
    text.replace(text.find(quoted), quoted.size(),
                 absl::StrCat("\"", version, "\""));
    const size_t sum = text.find("\"cksum\"");
    if (sum != std::string::npos) text.erase(sum, text.find('\n', sum) - sum);
    RETURN_IF_ERROR(WriteFile(dir_.File("ovn-nb.ovsschema"), text, 0644));
    return dir_.path();
  }

  void Create(Server& first) {
    ASSERT_OK(first.database().CreateCluster(first.ip()));
    ASSERT_OK(first.Start());
    ASSERT_TRUE(first.IsConnected());
  }

  void Join(Server& joiner, const std::vector<std::string>& remotes) {
    ASSERT_OK(joiner.database().JoinCluster(joiner.ip(), remotes));
    ASSERT_OK(joiner.Start());
    ASSERT_TRUE(joiner.IsConnected());
  }

  TempDir dir_;
  DatabaseKind kind_;
  std::vector<std::unique_ptr<Server>> servers_;
};

TEST_F(OvsdbClusterTest, ServersJoinListenAndLeave) {
  Create(server(0));
  const OvsdbClusterStatus alone = server(0).Status();
  EXPECT_TRUE(alone.serving());
  EXPECT_TRUE(alone.is_leader());
  EXPECT_EQ(alone.election_timer, absl::Seconds(1));
  EXPECT_EQ(HostOfOvsdbAddress(alone.address), "127.0.0.1");

  // The dead remote comes first and does not matter.
  Join(server(1), {"127.0.0.9", "127.0.0.1"});
  EXPECT_TRUE(Eventually([&] { return server(1).Status().serving(); }));
  EXPECT_EQ(server(1).Status().cluster_id, alone.cluster_id);
  EXPECT_THAT(server(0).Status().servers, SizeIs(2));

  ASSERT_OK(server(1).database().EnsureListener());
  ASSERT_OK(server(0).database().EnsureListener());
  EXPECT_THAT(RunTool({"ovsdb-client", "--timeout=5", "list-dbs",
                       absl::StrCat("tcp:127.0.0.1:", kind_.client_port)}),
              IsOkAndHolds(HasSubstr("OVN_Northbound")));

  ASSERT_OK(server(1).database().Leave());
  EXPECT_TRUE(Eventually([&] {
    return absl::IsNotFound(server(1).database().Status().status());
  }));
  EXPECT_TRUE(
      Eventually([&] { return server(0).Status().servers.size() == 1; }));
  server(1).Stop();
  const auto file = server(1).database().InspectFile();
  ASSERT_OK(file);
  EXPECT_TRUE(file->left);
  EXPECT_EQ(file->cluster_id, alone.cluster_id);
  EXPECT_FALSE(server(1).Start().ok()) << "a server that left cannot be back";

  ASSERT_OK(server(1).database().MoveAside(absl::CivilSecond(2026, 1, 1)));
  Join(server(1), {"127.0.0.1"});
  EXPECT_TRUE(
      Eventually([&] { return server(0).Status().servers.size() == 2; }));
}

TEST_F(OvsdbClusterTest, AServerIsKickedDeadOrAlive) {
  Create(server(0));
  Join(server(1), {"127.0.0.1"});
  Join(server(2), {"127.0.0.1", "127.0.0.2"});
  EXPECT_TRUE(
      Eventually([&] { return server(0).Status().servers.size() == 3; }));

  const auto dead = server(2).database().InspectFile();
  ASSERT_OK(dead);
  EXPECT_FALSE(dead->left);
  server(2).Kill();
  ASSERT_OK(server(0).database().Kick(dead->server_id));
  EXPECT_TRUE(
      Eventually([&] { return server(1).Status().servers.size() == 2; }));
  // It does not know; nobody votes for it.
  ASSERT_OK(server(2).Start());
  EXPECT_TRUE(Eventually([&] {
    return server(2).Status().membership == OvsdbMembership::kDisconnected;
  }));

  const std::string alive = server(1).Status().server_id;
  ASSERT_OK(server(0).database().Kick(alive));
  EXPECT_TRUE(Eventually([&] {
    return absl::IsNotFound(server(1).database().Status().status());
  }));
  EXPECT_TRUE(
      Eventually([&] { return server(0).Status().servers.size() == 1; }));
  EXPECT_OK(server(0).database().Kick(alive)) << "once more is OK";
}

TEST_F(OvsdbClusterTest, TheElectionTimerIsChangedAtTheLeader) {
  Create(server(0));
  Join(server(1), {"127.0.0.1"});
  EXPECT_THAT(server(1).database().ChangeElectionTimer(absl::Seconds(2)),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(server(0).database().ChangeElectionTimer(absl::Seconds(3)),
              StatusIs(absl::StatusCode::kUnavailable))
      << "more than twice as long";
  ASSERT_OK(server(0).database().ChangeElectionTimer(absl::Seconds(2)));
  for (const size_t i : {0u, 1u}) {
    EXPECT_TRUE(Eventually([&] {
      return server(i).Status().election_timer == absl::Seconds(2);
    })) << i;
  }
}

TEST_F(OvsdbClusterTest, AJoinWaitsForItsRemote) {
  ASSERT_OK(server(1).database().JoinCluster(server(1).ip(), {server(0).ip()}));
  ASSERT_OK(server(1).Start());
  EXPECT_TRUE(Eventually([&] {
    return server(1).Status().membership == OvsdbMembership::kJoining;
  }));
  EXPECT_EQ(server(1).Status().cluster_id, "");
  EXPECT_THAT(server(1).database().Leave(),
              StatusIs(absl::StatusCode::kFailedPrecondition));

  // A power cut in the middle, then the remote comes.
  server(1).Kill();
  const auto file = server(1).database().InspectFile();
  ASSERT_OK(file);
  EXPECT_EQ(file->cluster_id, "");
  EXPECT_FALSE(file->left);
  Create(server(0));
  ASSERT_OK(server(1).Start());
  EXPECT_TRUE(Eventually([&] { return server(1).Status().serving(); }));
}

TEST_F(OvsdbClusterTest, NobodyAnswersWhenNothingRuns) {
  EXPECT_THAT(server(0).database().Status(),
              StatusIs(absl::StatusCode::kUnavailable));
}

class SouthboundTest : public ::testing::Test {
 protected:
  SouthboundTest() : kind_(Southbound()) {
    kind_.raft_port = FreePort();
    server_ = std::make_unique<Server>(dir_, "127.0.0.1", kind_);
  }

  TempDir dir_;
  DatabaseKind kind_;
  std::unique_ptr<Server> server_;
};

TEST_F(SouthboundTest, ARemovedMembersChassisIsDeleted) {
  ASSERT_OK(server_->database().CreateCluster("127.0.0.1"));
  ASSERT_OK(server_->Start());
  ASSERT_TRUE(server_->IsConnected());
  const std::string db = absl::StrCat("--db=unix:", server_->socket());
  CommandRunner& runner = CommandRunner::Real();

  // Reading with ovn-sbctl makes the row; northd has written nothing.
  ASSERT_OK(RunTool({"ovn-sbctl", db, "--timeout=5", "list", "SB_Global"}));
  const std::string remote = absl::StrCat("unix:", server_->socket());
  EXPECT_THAT(NorthdHasWritten(runner, remote, {"", "", ""}),
              IsOkAndHolds(false));
  ASSERT_OK(RunTool({"ovn-sbctl", db, "--timeout=5", "set", "SB_Global", ".",
                     "options:northd_internal_version=1"}));
  EXPECT_THAT(NorthdHasWritten(runner, remote, {"", "", ""}),
              IsOkAndHolds(true));

  for (const char* digit : {"1", "2"}) {
    const std::string name = absl::StrCat("node", digit);
    ASSERT_OK(RunTool({"ovn-sbctl", db, "--timeout=5", "chassis-add", name,
                       "geneve", absl::StrCat("10.0.0.", digit), "--", "create",
                       "Chassis_Private", absl::StrCat("name=", name)}));
  }
  EXPECT_THAT(ChassisNames(runner, server_->socket()),
              IsOkAndHolds(testing::ElementsAre("node1", "node2")));
  ASSERT_OK(DeleteChassis(runner, server_->socket(), {"node2", "node9"}));
  ASSERT_OK(DeleteChassis(runner, server_->socket(), {"node2", "node9"}));
  for (const char* table : {"Chassis", "Chassis_Private"}) {
    EXPECT_THAT(RunTool({"ovn-sbctl", db, "--timeout=5", "--bare",
                         "--columns=name", "list", table}),
                IsOkAndHolds("node1\n"));
  }
}

TEST_F(OvsdbClusterTest, IsBroughtToTheInstalledSchemaOnAllServers) {
  Create(server(0));
  ASSERT_OK(server(1).database().JoinCluster(server(1).ip(), {server(0).ip()}));
  ASSERT_OK(server(1).Start());
  ASSERT_TRUE(server(1).IsConnected());
  EXPECT_EQ(*server(0).database().LiveSchema(),
            *server(0).database().ExpectedSchema());

  CentralDatabaseOptions options;
  options.kind = kind_;
  options.socket = server(1).socket();
  const absl::StatusOr<std::string> newer = NewerSchema("99.1.0");
  ASSERT_OK(newer);
  options.schema_directory = *newer;
  const CentralDatabase upgraded(options, &CommandRunner::Real());
  EXPECT_THAT(upgraded.ExpectedSchema(), IsOkAndHolds("99.1.0"));
  // Whichever server is asked.
  EXPECT_OK(upgraded.ConvertSchema());
  for (const size_t i : {0u, 1u}) {
    EXPECT_TRUE(Eventually([&] {
      const auto live = server(i).database().LiveSchema();
      return live.ok() && *live == "99.1.0";
    })) << i;
  }
  // Once more does no harm.
  EXPECT_OK(upgraded.ConvertSchema());
}

TEST_F(OvsdbClusterTest, AConversionThatCannotBeSaysWhy) {
  Create(server(0));
  CentralDatabaseOptions options;
  options.kind = kind_;
  options.socket = server(0).socket();
  options.schema_directory = dir_.path();
  EXPECT_FALSE(
      CentralDatabase(options, &CommandRunner::Real()).ConvertSchema().ok())
      << "there is no schema";
}

}  // namespace
}  // namespace microovn::agent
