// SPDX-License-Identifier: Apache-2.0
// The thread on real files, a real OVSDB server and a socket that tests write
// to.
#include "agent/watch/watch_thread.h"

#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/watch/database_source.h"
#include "agent/watch/file_source.h"
#include "agent/watch/testing/fake_database_server.h"
#include "agent/watch/watch_source.h"
#include "base/file/file.h"
#include "base/file/unique_fd.h"
#include "base/process/command_runner.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/time/clock.h"
#include "glog/logging.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

bool Eventually(const std::function<bool()>& condition) {
  const absl::Duration end = Clock::Real().Monotonic() + absl::Seconds(20);
  while (!condition()) {
    if (Clock::Real().Monotonic() > end) return false;
    absl::SleepFor(absl::Milliseconds(2));
  }
  return true;
}

absl::StatusOr<std::string> RunTool(std::vector<std::string> argv) {
  Command command;
  command.argv = std::move(argv);
  return RunForOutput(CommandRunner::Real(), command);
}

// A socketpair's other end is the test's.
class SocketSource final : public WatchSource {
 public:
  absl::Status Open() override {
    ++opened;
    if (broken) return absl::UnavailableError("nobody listens");
    int ends[2];
    PCHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    near_ = UniqueFd(ends[0]);
    far = UniqueFd(ends[1]);
    return absl::OkStatus();
  }
  void Close() override { near_ = UniqueFd(); }
  int fd() const override { return near_.get(); }
  absl::StatusOr<bool> Read() override {
    char byte = 0;
    if (read(near_.get(), &byte, 1) != 1) return absl::AbortedError("ended");
    return byte == 'c';
  }

  std::atomic<int> opened{0};
  std::atomic<bool> broken{false};
  UniqueFd far;

 private:
  UniqueFd near_;
};

class WatchThreadTest : public ::testing::Test {
 protected:
  ChangeWatch* Watch(std::unique_ptr<WatchSource> source) {
    ChangeWatch* const watch = thread_.Add(std::move(source));
    thread_.Start();
    return watch;
  }

  bool Listens(ChangeWatch* watch) {
    return Eventually([watch] { return watch->Version().has_value(); });
  }

  // Whether `act` is heard of: another version, and a call.
  bool Hears(ChangeWatch* watch, const std::function<void()>& act) {
    const auto before = watch->Version();
    const int told = told_;
    act();
    return Eventually(
        [&] { return watch->Version() != before && told_ > told; });
  }

  TempDir dir_;
  std::atomic<int> told_{0};
  WatchThread thread_{[this] { ++told_; }};
};

TEST_F(WatchThreadTest, ListensWhenItIsAskedAndAgainAfterAnEnd) {
  auto owned = std::make_unique<SocketSource>();
  SocketSource& source = *owned;
  source.broken = true;
  ChangeWatch* const watch = Watch(std::move(owned));
  EXPECT_EQ(source.opened, 0) << "nobody has asked";
  EXPECT_FALSE(watch->Hears());
  EXPECT_EQ(watch->Version(), std::nullopt);
  ASSERT_TRUE(Eventually([&] { return source.opened == 1; }));
  EXPECT_EQ(told_, 0) << "it can listen no more than before";
  source.broken = false;
  ASSERT_TRUE(Listens(watch));
  ASSERT_TRUE(Eventually([&] { return told_ == 1; }));

  const auto first = watch->Version();
  ASSERT_EQ(write(source.far.get(), "x", 1), 1);
  ASSERT_TRUE(Hears(watch, [&] { PCHECK(write(source.far.get(), "c", 1)); }));
  EXPECT_EQ(*watch->Version(), *first + 1) << "'x' changes nothing";

  const int told = told_;
  source.far = UniqueFd();
  ASSERT_TRUE(Eventually([&] { return !watch->Hears(); }));
  ASSERT_TRUE(Eventually([&] { return told_ == told + 1; }));
  const auto again = [&] { return watch->Version(); };
  ASSERT_TRUE(Eventually([&] { return again().has_value(); }));
  EXPECT_GT(*again(), *first + 1);
}

TEST_F(WatchThreadTest, TellsNothingAfterStop) {
  auto owned = std::make_unique<SocketSource>();
  SocketSource& source = *owned;
  ChangeWatch* const watch = Watch(std::move(owned));
  ASSERT_TRUE(Listens(watch));
  thread_.Stop();
  const int told = told_;
  PCHECK(write(source.far.get(), "c", 1) == 1);
  EXPECT_FALSE(watch->Hears());
  EXPECT_EQ(watch->Version(), std::nullopt);
  EXPECT_EQ(told_, told);
}

TEST_F(WatchThreadTest, HearsOfFiles) {
  const std::string directory = dir_.File("watched");
  const std::string file = JoinPath(directory, "a");
  ASSERT_OK(MakeDirectories(directory, 0700));
  ASSERT_OK(WriteFile(file, "1", 0600));
  ChangeWatch* const watch = Watch(std::make_unique<FileSource>(
      [directory] { return std::vector<std::string>{directory}; }));
  ASSERT_TRUE(Listens(watch));
  EXPECT_TRUE(Hears(watch, [&] { EXPECT_OK(WriteFile(file, "2", 0600)); }));
  EXPECT_TRUE(Hears(watch, [&] {
    EXPECT_OK(RunTool({"sh", "-c", absl::StrCat("echo 3 >> ", file)}));
  }));
  EXPECT_TRUE(Hears(watch, [&] {
    EXPECT_OK(RunTool({"chmod", "0644", file}));
  }));
  EXPECT_TRUE(Hears(watch, [&] { unlink(file.c_str()); }));
  ASSERT_OK(RunTool({"rm", "-r", directory}));
  EXPECT_TRUE(Eventually([&] { return !watch->Hears(); }));
  EXPECT_EQ(watch->Version(), std::nullopt);
  ASSERT_OK(MakeDirectories(directory, 0700));
  EXPECT_TRUE(Listens(watch)) << "it is there again";
}

// A watch that hears nothing must not say that it does.
TEST(FileSourceTest, WhatIsNotThereIsNotListenedTo) {
  const TempDir dir;
  const std::string missing = dir.File("missing");
  FileSource source([&] {
    return std::vector<std::string>{dir.path(), missing};
  });
  EXPECT_FALSE(source.Open().ok());
  source.Close();
  ASSERT_OK(MakeDirectories(missing, 0700));
  EXPECT_OK(source.Open());
}

// A switch's database, with what ovs-vswitchd would have made.
class DatabaseServer {
 public:
  explicit DatabaseServer(const TempDir& dir) : prefix_(dir.File("")) {
    EXPECT_OK(RunTool({"ovsdb-tool", "create", prefix_ + "db",
                       "/usr/share/openvswitch/vswitch.ovsschema"}));
  }
  ~DatabaseServer() { Stop(); }

  void Start() {
    EXPECT_OK(
        RunTool({"/usr/sbin/ovsdb-server", prefix_ + "db",
                 absl::StrCat("--remote=punix:", socket()),
                 absl::StrCat("--unixctl=", prefix_, "ctl"),
                 absl::StrCat("--pidfile=", prefix_, "pid"),
                 absl::StrCat("--log-file=", prefix_, "log"), "-vconsole:off",
                 "-vsyslog:off", "--no-chdir", "--detach"}));
  }
  void Stop() { (void)RunTool({"ovs-appctl", "-t", prefix_ + "ctl", "exit"}); }
  void Vsctl(std::vector<std::string> words) {
    words.insert(words.begin(), {"ovs-vsctl", "--no-wait", "--timeout=5",
                                 absl::StrCat("--db=unix:", socket())});
    EXPECT_OK(RunTool(std::move(words)));
  }
  std::string socket() const { return prefix_ + "sock"; }

 private:
  const std::string prefix_;
};

TEST_F(WatchThreadTest, HearsOfASwitchsSettingsThroughRestarts) {
  DatabaseServer server(dir_);
  ChangeWatch* const watch =
      Watch(std::make_unique<DatabaseSource>(SwitchSource(server.socket())));
  EXPECT_EQ(watch->Version(), std::nullopt) << "no server runs";
  server.Start();
  server.Vsctl({"init"});
  ASSERT_TRUE(Listens(watch));
  for (int round = 0; round < 2; ++round) {
    EXPECT_TRUE(Hears(watch, [&] {
      server.Vsctl(
          {"set", "Open_vSwitch", ".", absl::StrCat("external_ids:a=", round)});
    }));
    EXPECT_TRUE(Hears(watch, [&] { server.Vsctl({"add-br", "br0"}); }));
    EXPECT_TRUE(Hears(watch, [&] { server.Vsctl({"add-port", "br0", "p"}); }));
    EXPECT_TRUE(Hears(watch, [&] { server.Vsctl({"del-br", "br0"}); }));
    // Which is nobody's business here.
    const auto before = watch->Version();
    server.Vsctl({"set", "Open_vSwitch", ".", "other_config:b=1"});
    EXPECT_TRUE(Hears(watch, [&] { server.Vsctl({"add-br", "br1"}); }));
    EXPECT_EQ(*watch->Version(), *before + 1);
    server.Vsctl({"del-br", "br1"});

    server.Stop();
    EXPECT_TRUE(Eventually([&] { return !watch->Hears(); }));
    server.Start();
    ASSERT_TRUE(Listens(watch));
  }
}

TEST_F(WatchThreadTest, AnswersAServersEcho) {
  FakeDatabaseServer server(dir_.File("fake"));
  ChangeWatch* const watch =
      Watch(std::make_unique<DatabaseSource>(ClusterSource(server.path())));
  watch->Version();
  const std::string request = server.Accept();
  EXPECT_NE(request.find(R"("method":"monitor")"), std::string::npos);
  EXPECT_NE(request.find(R"(["name","connected","leader","cid","sid"])"),
            std::string::npos)
      << request;
  server.Say(kMonitorAccepted);
  ASSERT_TRUE(Listens(watch));
  const auto before = watch->Version();
  server.Say(R"({"method":"echo","params":["x"],"id":"echo"})");
  EXPECT_EQ(server.Receive(), R"({"error":null,"id":"echo","result":["x"]})");
  EXPECT_EQ(watch->Version(), before);
}

TEST_F(WatchThreadTest, WhatIsNoMessageEndsTheConnection) {
  FakeDatabaseServer server(dir_.File("fake"));
  ChangeWatch* const watch =
      Watch(std::make_unique<DatabaseSource>(ClusterSource(server.path())));
  for (const std::string& bytes :
       {std::string("[]"), std::string(100, '['), std::string("\0", 1),
        std::string("{\"a\":\"") + std::string(2 << 20, 'x'),
        std::string("{\"a\" 1}")}) {
    watch->Version();
    server.Accept();
    server.Say(kMonitorAccepted);
    ASSERT_TRUE(Eventually([&] { return watch->Hears(); }));
    server.Say(bytes);
    EXPECT_TRUE(Eventually([&] { return !watch->Hears(); }))
        << bytes.substr(0, 20);
  }
}

TEST_F(WatchThreadTest, AServerThatRefusesIsNotListenedTo) {
  FakeDatabaseServer server(dir_.File("fake"));
  ChangeWatch* const watch =
      Watch(std::make_unique<DatabaseSource>(ClusterSource(server.path())));
  watch->Version();
  server.Accept();
  server.Say(R"({"id":"monitor","result":null,"error":"no such table"})");
  // The connection is closed.
  EXPECT_EQ(server.Receive(), "");
  EXPECT_FALSE(watch->Hears());
}

// One server that hangs must not keep the thread from the others.
TEST_F(WatchThreadTest, AServerThatDoesNotAnswerIsGivenUp) {
  FakeDatabaseServer server(dir_.File("fake"));
  DatabaseSource::Options options = ClusterSource(server.path());
  options.timeout = absl::Milliseconds(50);
  DatabaseSource source(std::move(options));
  EXPECT_THAT(source.Open(), StatusIs(absl::StatusCode::kDeadlineExceeded));
}

// While it answers other things, too: only the answer to the monitor counts.
TEST_F(WatchThreadTest, AnotherAnswerIsNotTheMonitors) {
  FakeDatabaseServer server(dir_.File("fake"));
  DatabaseSource::Options options = ClusterSource(server.path());
  options.timeout = absl::Milliseconds(300);
  DatabaseSource source(std::move(options));
  std::thread peer([&server] {
    server.Accept();
    server.Say(R"({"id":"other","result":{},"error":null})");
  });
  EXPECT_THAT(source.Open(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  peer.join();
}

}  // namespace
}  // namespace microovn::agent
