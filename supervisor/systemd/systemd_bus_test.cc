// SPDX-License-Identifier: Apache-2.0
// The driver against a systemd that is slow, silent or refuses: the other end
// of the bus is the test's.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/file/unique_fd.h"
#include "base/mutex.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/time/clock.h"
#include "glog/logging.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/launch/launch.h"
#include "supervisor/systemd/bus_question.h"
#include "supervisor/systemd/systemd_driver.h"

namespace microovn::supervisor {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

// A system bus with one systemd on it, for one connection. Units are loaded,
// enabled and run; `script` may answer a method instead.
class FakeBus {
 public:
  // Whether it has dealt with the call of `method`.
  using Script =
      std::function<bool(const std::string& method, sd_bus_message* call)>;

  explicit FakeBus(Script script) : script_(std::move(script)) {
    const std::string path = directory_.File("bus");
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    absl::SNPrintF(address.sun_path, sizeof(address.sun_path), "%s", path);
    listener_ = UniqueFd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    PCHECK(bind(listener_.get(), reinterpret_cast<sockaddr*>(&address),
                sizeof(address)) == 0);
    PCHECK(listen(listener_.get(), 1) == 0);
    setenv("DBUS_SYSTEM_BUS_ADDRESS", absl::StrCat("unix:path=", path).c_str(),
           1);
    thread_ = std::thread([this] { Serve(); });
  }
  // The driver has gone before.
  ~FakeBus() { thread_.join(); }

  std::vector<std::string> calls() const {
    MutexLock lock(&mu_);
    return calls_;
  }

 private:
  void Serve() {
    const int fd = accept(listener_.get(), nullptr, nullptr);
    sd_bus* bus = nullptr;
    sd_id128_t id;
    CHECK_GE(sd_id128_randomize(&id), 0);
    CHECK_GE(sd_bus_new(&bus), 0);
    CHECK_GE(sd_bus_set_fd(bus, fd, fd), 0);
    CHECK_GE(sd_bus_set_server(bus, 1, id), 0);
    CHECK_GE(sd_bus_set_trusted(bus, 1), 0);
    CHECK_GE(sd_bus_add_filter(bus, nullptr, &FakeBus::On, this), 0);
    CHECK_GE(sd_bus_start(bus), 0);
    for (;;) {
      const int handled = sd_bus_process(bus, nullptr);
      if (handled < 0) break;
      if (handled == 0 && sd_bus_wait(bus, UINT64_MAX) < 0) break;
    }
    sd_bus_unref(bus);
  }

  static int On(sd_bus_message* call, void* self, sd_bus_error*) {
    uint8_t type = 0;
    sd_bus_message_get_type(call, &type);
    if (type != SD_BUS_MESSAGE_METHOD_CALL) return 0;
    return static_cast<FakeBus*>(self)->Answer(call);
  }
  int Answer(sd_bus_message* call) {
    std::string method = sd_bus_message_get_member(call);
    const char* property = nullptr;
    if (method == "Get") {
      const char* interface = nullptr;
      sd_bus_message_read(call, "ss", &interface, &property);
      method = absl::StrCat("Get ", property);
    }
    {
      MutexLock lock(&mu_);
      calls_.push_back(method);
    }
    if (script_ != nullptr && script_(method, call)) return 1;
    if (property != nullptr) {
      AnswerProperty(call, property);
    } else if (method == "Hello") {
      sd_bus_reply_method_return(call, "s", ":1.1");
    } else if (method == "GetUnitFileState") {
      sd_bus_reply_method_return(call, "s", "enabled");
    } else if (method == "DisableUnitFiles") {
      sd_bus_reply_method_return(call, "a(sss)", 0);
    } else {
      sd_bus_reply_method_return(call, "o", "/org/freedesktop/systemd1/x");
    }
    return 1;
  }
  static void AnswerProperty(sd_bus_message* call, const std::string& name) {
    if (name == "Job") {
      sd_bus_reply_method_return(call, "v", "(uo)", 0, "/");
    } else if (name == "LoadState") {
      sd_bus_reply_method_return(call, "v", "s", "loaded");
    } else if (name == "ActiveState") {
      sd_bus_reply_method_return(call, "v", "s", "inactive");
    } else if (name == "SubState") {
      sd_bus_reply_method_return(call, "v", "s", "dead");
    } else if (name == "MainPID" || name == "NRestarts") {
      sd_bus_reply_method_return(call, "v", "u", 0);
    } else if (name == "ExecMainCode" || name == "ExecMainStatus") {
      sd_bus_reply_method_return(call, "v", "i", 0);
    } else {
      sd_bus_reply_method_return(call, "v", "t", uint64_t{0});
    }
  }

  const Script script_;
  TempDir directory_;
  UniqueFd listener_;
  mutable Mutex mu_;
  std::vector<std::string> calls_ ABSL_GUARDED_BY(mu_);
  std::thread thread_;
};

class SystemdBusTest : public testing::Test {
 protected:
  SystemdDriver::Options Options(absl::Duration patience) const {
    SystemdDriver::Options options{paths_};
    options.patience = patience;
    options.describe = [](Service service) {
      ServiceSpec spec;
      spec.service = service;
      return spec;
    };
    return options;
  }

  TempDir root_;
  const Paths paths_{root_.path()};
};

TEST_F(SystemdBusTest, AUnitIsSeenAsItIs) {
  FakeBus bus(nullptr);
  SystemdDriver driver(Options(absl::Seconds(10)));
  const auto seen = driver.Observe(Service::kSwitch);
  ASSERT_OK(seen);
  EXPECT_EQ(seen->phase, Phase::kStopped);
  EXPECT_TRUE(seen->enabled);
}

// A dozen questions, each answered a little too late, are not a dozen times as
// long: others wait for the lock meanwhile.
TEST_F(SystemdBusTest, ALookAtASlowSystemdEnds) {
  FakeBus bus([](const std::string& method, sd_bus_message*) {
    if (method != "Hello") absl::SleepFor(absl::Milliseconds(120));
    return false;
  });
  SystemdDriver driver(Options(absl::Milliseconds(300)));
  const absl::Time start = absl::Now();
  EXPECT_THAT(driver.Observe(Service::kSwitch),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_LT(absl::Now() - start, absl::Milliseconds(900));
}

TEST_F(SystemdBusTest, ASilentSystemdEndsEveryCall) {
  FakeBus bus([](const std::string& method, sd_bus_message*) {
    return method != "Hello";
  });
  SystemdDriver driver(Options(absl::Milliseconds(100)));
  const absl::Time start = absl::Now();
  const absl::StatusCode silent = absl::StatusCode::kUnavailable;
  EXPECT_THAT(driver.Observe(Service::kSwitch), StatusIs(silent));
  EXPECT_THAT(driver.Start(Service::kSwitch), StatusIs(silent));
  EXPECT_THAT(driver.Stop(Service::kSwitch), StatusIs(silent));
  EXPECT_THAT(driver.Restart(Service::kSwitch), StatusIs(silent));
  EXPECT_THAT(driver.Enable(Service::kSwitch), StatusIs(silent));
  EXPECT_THAT(driver.Disable(Service::kSwitch), StatusIs(silent));
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
}

TEST_F(SystemdBusTest, DisablingAsksForACleanStop) {
  FakeBus bus(nullptr);
  SystemdDriver driver(Options(absl::Seconds(10)));
  ASSERT_OK(driver.Disable(Service::kChassis));
  EXPECT_THAT(bus.calls(), Contains("StopUnit"));
  EXPECT_EQ(RequestedStopMode(Service::kChassis, paths_), StopMode::kCleanUp);
}

// The daemon goes on. Its next stop may be an upgrade's.
TEST_F(SystemdBusTest, AStopThatIsRefusedLeavesNoRequestToCleanUp) {
  FakeBus bus([](const std::string& method, sd_bus_message* call) {
    if (method != "StopUnit") return false;
    sd_bus_reply_method_errorf(call, "org.freedesktop.systemd1.JobFailed", "%s",
                               "no\n\x1b[1mway");
    return true;
  });
  SystemdDriver driver(Options(absl::Seconds(10)));
  const absl::Status refused = driver.Disable(Service::kChassis);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("no\\n\\x1b[1mway"));
  EXPECT_EQ(RequestedStopMode(Service::kChassis, paths_),
            StopMode::kKeepDataPlane);
}

// Without an answer it may be stopping: what it finds then must be the request.
TEST_F(SystemdBusTest, AStopOfUnknownOutcomeKeepsItsRequest) {
  FakeBus bus([](const std::string& method, sd_bus_message*) {
    return method == "StopUnit";
  });
  SystemdDriver driver(Options(absl::Milliseconds(300)));
  EXPECT_FALSE(driver.Disable(Service::kChassis).ok());
  EXPECT_EQ(RequestedStopMode(Service::kChassis, paths_), StopMode::kCleanUp);
}

// A timeout that has passed would be none at all.
TEST(LimitQuestion, AfterTheDeadlineNothingIsAsked) {
  sd_bus* bus = nullptr;
  ASSERT_GE(sd_bus_new(&bus), 0);
  const absl::Duration now = Clock::Real().Monotonic();
  EXPECT_THAT(LimitQuestion(bus, now - absl::Seconds(1)),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_OK(LimitQuestion(bus, now + absl::Minutes(1)));
  sd_bus_unref(bus);
}

}  // namespace
}  // namespace microovn::supervisor
