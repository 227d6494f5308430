// SPDX-License-Identifier: Apache-2.0
#include "supervisor/process/process_driver.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/file/unique_fd.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "supervisor/process/process_record.h"
#include "supervisor/process/process_table.h"
#include "supervisor/testing/service_driver_contract.h"

namespace microovn::supervisor {
namespace {

using ::testing::HasSubstr;

// Real processes that do nothing, ready as soon as they exist.
class ProcessBench final : public DriverBench {
 public:
  ProcessBench() { Open(); }
  ~ProcessBench() override { EndAll(); }

  ServiceDriver& driver() override { return *driver_; }
  void ReopenDriver() override {
    driver_.reset();
    Open();
  }
  void Reboot() override {
    EndAll();
    Open();
  }
  void KillDaemon(Service service) override {
    const absl::StatusOr<Observation> seen = driver_->Observe(service);
    ASSERT_OK(seen);
    ASSERT_GT(seen->pid, 0);
    kill(seen->pid, SIGKILL);
  }
  void Pass() override { usleep(5000); }

  const Paths& paths() const { return paths_; }
  const std::string& control() const { return control_; }
  void set_command(std::vector<std::string> command) {
    command_ = std::move(command);
  }

 private:
  void Open() {
    ProcessDriver::Options options(paths_);
    options.launch = [this](Service) { return command_; };
    options.describe = [this](Service service) {
      ServiceSpec spec;
      spec.service = service;
      if (FileExists(control_)) spec.control = control_;
      spec.exit_arguments_keep = {"--restart"};
      spec.exit_arguments_clean_up = {"--clean-up"};
      return spec;
    };
    options.console_limit = 1000;
    options.timing.terminate_grace = absl::Milliseconds(50);
    auto driver = ProcessDriver::Create(std::move(options), &Clock::Real());
    ASSERT_OK(driver);
    driver_ = *std::move(driver);
  }

  void EndAll() {
    std::vector<pid_t> pids;
    for (const Service service : kAllServices) {
      const absl::StatusOr<Observation> seen = driver_->Observe(service);
      if (seen.ok() && seen->pid != 0) pids.push_back(seen->pid);
    }
    driver_.reset();
    for (const pid_t pid : pids) {
      kill(pid, SIGKILL);
      waitpid(pid, nullptr, 0);
    }
  }

  TempDir dir_;
  const Paths paths_ = Paths(dir_.File("root"));
  std::vector<std::string> command_ = {"sleep", "600"};
  // There when a test has made it.
  const std::string control_ = dir_.File("control");
  std::unique_ptr<ProcessDriver> driver_;
};

INSTANTIATE_TEST_SUITE_P(Process, ServiceDriverContract, testing::Values([] {
                           return std::make_unique<ProcessBench>();
                         }));

class ProcessDriverTest : public testing::Test {
 protected:
  Observation Await(const std::function<bool(const Observation&)>& condition) {
    const absl::Duration deadline =
        Clock::Real().Monotonic() + absl::Seconds(30);
    for (;;) {
      Observation seen =
          bench_.driver().Observe(Service::kSwitch).value_or(Observation());
      const bool late = Clock::Real().Monotonic() > deadline;
      EXPECT_FALSE(late) << "still " << seen.phase;
      if (condition(seen) || late) return seen;
      bench_.Pass();
    }
  }
  Observation AwaitPhase(Phase phase) {
    return Await(
        [phase](const Observation& seen) { return seen.phase == phase; });
  }

  ProcessBench bench_;
};

// The next request at `path` that a daemon would have got, while `act` runs.
std::string RequestAt(const std::string& path,
                      const std::function<void()>& act) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const UniqueFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&address),
                 sizeof(address)),
            0);
  EXPECT_EQ(listen(listener.get(), 1), 0);
  act();
  pollfd ready = {listener.get(), POLLIN, 0};
  if (poll(&ready, 1, 30'000) != 1) return "nobody has called";
  const UniqueFd connection(
      accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  char request[1000] = "";
  EXPECT_GT(read(connection.get(), request, sizeof(request) - 1), 0);
  return request;
}

TEST_F(ProcessDriverTest, AStopKeepsTheDataPlaneAndDisablingDoesNot) {
  const std::string control = bench_.control();
  ASSERT_OK(bench_.driver().Start(Service::kSwitch));
  AwaitPhase(Phase::kReady);
  const std::string stop = RequestAt(
      control, [this] { EXPECT_OK(bench_.driver().Stop(Service::kSwitch)); });
  EXPECT_THAT(stop, HasSubstr("--restart"));
  const std::string disable = RequestAt(control + "2", [this, &control] {
    ASSERT_EQ(rename((control + "2").c_str(), control.c_str()), 0);
    EXPECT_OK(bench_.driver().Disable(Service::kSwitch));
  });
  EXPECT_THAT(disable, HasSubstr("--clean-up"));
}

TEST_F(ProcessDriverTest, DaemonsInheritNothing) {
  sigset_t usr1;
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &usr1, nullptr), 0);
  const int leak = open("/dev/zero", O_RDONLY);
  bench_.set_command({"sh", "-c",
                      "ls -l /proc/self/fd; grep SigBlk /proc/self/status; "
                      "cut -d' ' -f1,6 /proc/self/stat; pwd; exec sleep 600"});
  ASSERT_OK(bench_.driver().Start(Service::kSwitch));
  const Observation seen = AwaitPhase(Phase::kReady);
  const std::string console = bench_.paths().LogFile("switch.console.log");
  std::string text;
  const absl::Duration deadline = Clock::Real().Monotonic() + absl::Seconds(30);
  while (!absl::StrContains(text, "\n/\n") &&
         Clock::Real().Monotonic() < deadline) {
    bench_.Pass();
    text = ReadFile(console).value_or("");
  }
  close(leak);
  pthread_sigmask(SIG_UNBLOCK, &usr1, nullptr);
  EXPECT_THAT(text, HasSubstr("SigBlk:\t0000000000000000"));
  EXPECT_THAT(text, HasSubstr("\n/\n"));
  EXPECT_THAT(text, Not(HasSubstr("/dev/zero")));
  EXPECT_THAT(text, Not(HasSubstr("eventfd")));
  // The session is its own.
  EXPECT_EQ(getsid(seen.pid), seen.pid);
}

TEST_F(ProcessDriverTest, ARecordOfAReusedPidIsNotAdopted) {
  // Our own pid, as if the daemon's had been given to another process.
  const std::string record = bench_.paths().supervisor_run() + "/switch";
  const uint64_t ticks = ProcessStartTicks(getpid()).value();
  ASSERT_OK(SaveProcessRecord(record, {getpid(), ticks - 1, BootId()}));
  bench_.ReopenDriver();
  EXPECT_EQ(bench_.driver().Observe(Service::kSwitch)->phase, Phase::kStopped);
  // A record of an earlier boot is none either.
  ASSERT_OK(SaveProcessRecord(record, {getpid(), ticks, "another boot"}));
  bench_.ReopenDriver();
  EXPECT_EQ(bench_.driver().Observe(Service::kSwitch)->phase, Phase::kStopped);
  // Nor what a power cut left.
  ASSERT_OK(WriteFile(record, "pid 1\nsta", 0600));
  bench_.ReopenDriver();
  EXPECT_EQ(bench_.driver().Observe(Service::kSwitch)->phase, Phase::kStopped);
}

TEST_F(ProcessDriverTest, ADaemonThatIgnoresSigtermIsKilled) {
  bench_.set_command(
      {"sh", "-c", "trap '' TERM; echo up; while :; do sleep 1; done"});
  ASSERT_OK(bench_.driver().Start(Service::kSwitch));
  AwaitPhase(Phase::kReady);
  ASSERT_OK(bench_.driver().Stop(Service::kSwitch));
  AwaitPhase(Phase::kStopped);
}

TEST_F(ProcessDriverTest, AProgramThatIsMissingIsTriedAgain) {
  bench_.set_command({"/no/such/program"});
  ASSERT_OK(bench_.driver().Start(Service::kSwitch));
  AwaitPhase(Phase::kBackoff);
  ASSERT_OK(bench_.driver().Stop(Service::kSwitch));
  AwaitPhase(Phase::kStopped);
}

TEST_F(ProcessDriverTest, QuickEndsAreCounted) {
  bench_.set_command({"sh", "-c", "exit 7"});
  ASSERT_OK(bench_.driver().Start(Service::kSwitch));
  const Observation seen =
      Await([](const Observation& now) { return now.restarts >= 1; });
  EXPECT_EQ(seen.last_exit, 7);
  ASSERT_OK(bench_.driver().Stop(Service::kSwitch));
  AwaitPhase(Phase::kStopped);
}

TEST_F(ProcessDriverTest, AnUnknownServiceInTheEnabledFileIsAnError) {
  TempDir dir;
  ProcessDriver::Options options{Paths(dir.path())};
  options.launch = [](Service) { return std::vector<std::string>{"true"}; };
  ASSERT_OK(CreateLayout(options.paths));
  ASSERT_OK(
      WriteFile(options.paths.enabled_services(), "switch\nrouter\n", 0600));
  EXPECT_THAT(
      ProcessDriver::Create(options, &Clock::Real()),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("router")));
}

TEST(Console, IsBoundedWhileItsWriterGoesOn) {
  TempDir dir;
  const std::string path = dir.File("console.log");
  const UniqueFd writer(
      open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  const std::string line(800, 'x');
  ASSERT_EQ(write(writer.get(), line.data(), line.size()), 800);
  BoundConsole(path, 1000);
  EXPECT_EQ(ReadFile(path)->size(), 800u);
  ASSERT_EQ(write(writer.get(), line.data(), line.size()), 800);
  BoundConsole(path, 1000);
  EXPECT_EQ(ReadFile(path)->size(), 0u);
  EXPECT_EQ(ReadFile(path + ".1")->size(), 1600u);
  ASSERT_EQ(write(writer.get(), "y", 1), 1);
  EXPECT_EQ(*ReadFile(path), "y");
}

TEST(ProcessTable, StartTicksComeAfterANameThatHoldsAnything) {
  EXPECT_THAT(ParseStartTicks("7 (a) (b c) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 "
                              "0 20 0 1 0 4242 2 3"),
              IsOkAndHolds(4242u));
  EXPECT_THAT(ParseStartTicks("7 (a) Z 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 "
                              "1 0 4242 2 3"),
              StatusIs(absl::StatusCode::kNotFound));
  for (const char* text : {"", "7 (a", "7 (a) S 1 2"}) {
    EXPECT_THAT(ParseStartTicks(text),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(ProcessStartTicks(1 << 30),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST(ProcessTable, NobodyHoldsAFreePidFile) {
  TempDir dir;
  EXPECT_EQ(PidFileOwner(dir.File("none.pid")), 0);
  ASSERT_OK(
      WriteFile(dir.File("stale.pid"), absl::StrCat(getpid(), "\n"), 0600));
  EXPECT_EQ(PidFileOwner(dir.File("stale.pid")), 0);
}

}  // namespace
}  // namespace microovn::supervisor
