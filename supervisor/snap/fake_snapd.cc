// SPDX-License-Identifier: Apache-2.0
#include "supervisor/snap/fake_snapd.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "glog/logging.h"

namespace microovn::supervisor {
namespace {

constexpr char kInstance[] = "microovn.";
// systemd's RestartSec, and how soon it notices.
constexpr absl::Duration kRestartDelay = absl::Milliseconds(20);

CommandResult Failure(std::string words) {
  CommandResult result;
  result.exit_code = 1;
  result.error = absl::StrCat("error: ", words, "\n");
  return result;
}

}  // namespace

FakeSnapd::FakeSnapd(Launch launch) : launch_(std::move(launch)) {
  {
    MutexLock lock(&mu_);
    for (const Service service : kAllServices) apps_[service];
  }
  keeper_ = std::thread([this] { Keep(); });
}

FakeSnapd::~FakeSnapd() {
  {
    MutexLock lock(&mu_);
    closing_ = true;
    for (const Service service : kAllServices) End(service);
  }
  changed_.SignalAll();
  keeper_.join();
}

absl::StatusOr<CommandResult> FakeSnapd::Run(const Command& command) {
  MutexLock lock(&mu_);
  if (command.argv.size() < 2 || command.argv[0] != "snapctl") {
    return absl::NotFoundError("no such program");
  }
  if (command.argv[1] == "services") {
    ++questions_;
    CommandResult result;
    result.output = Services();
    return result;
  }
  acts_.push_back(
      absl::StrJoin(command.argv.begin() + 1, command.argv.end(), " "));
  if (!refusal_.empty()) return Failure(refusal_);
  return Act(command.argv);
}

std::string FakeSnapd::Services() const {
  std::string text = absl::StrFormat("%-30s%-10s%-10s%s\n", "Service",
                                     "Startup", "Current", "Notes");
  for (const auto& [service, app] : apps_) {
    if (!app.installed) continue;
    absl::StrAppendFormat(&text, "%-30s%-10s%-10s-\n",
                          absl::StrCat(kInstance, ServiceName(service)),
                          app.enabled ? "enabled" : "disabled",
                          app.pid != 0 ? "active" : "inactive");
  }
  return text;
}

CommandResult FakeSnapd::Act(const std::vector<std::string>& argv) {
  const bool enable = argv[2] == "--enable";
  const bool disable = argv[2] == "--disable";
  absl::string_view name = argv[enable || disable ? 3 : 2];
  const absl::StatusOr<Service> service = absl::ConsumePrefix(&name, kInstance)
                                              ? ParseService(name)
                                              : absl::NotFoundError("");
  if (!service.ok() || !apps_[*service].installed) {
    return Failure("unknown service");
  }
  App& app = apps_[*service];
  if (argv[1] == "start" && !disable) {
    app.enabled = app.enabled || enable;
    app.wanted = true;
    if (app.pid == 0) Spawn(*service);
  } else if (argv[1] == "stop" && !enable) {
    app.enabled = app.enabled && !disable;
    End(*service);
  } else if (argv[1] == "restart" && !enable && !disable) {
    End(*service);
    app.wanted = true;
    Spawn(*service);
  } else {
    return Failure("unknown command");
  }
  changed_.SignalAll();
  return CommandResult();
}

void FakeSnapd::Spawn(Service service) {
  std::vector<std::string> words = launch_(service);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(&word[0]);
  argv.push_back(nullptr);
  const int failure = posix_spawn(&apps_[service].pid, argv[0], nullptr,
                                  nullptr, argv.data(), nullptr);
  CHECK_EQ(failure, 0) << words[0];
}

void FakeSnapd::End(Service service) {
  App& app = apps_[service];
  app.wanted = false;
  if (app.pid == 0) return;
  kill(app.pid, SIGTERM);
  waitpid(app.pid, nullptr, 0);
  app.pid = 0;
}

void FakeSnapd::Keep() {
  MutexLock lock(&mu_);
  while (!closing_) {
    for (auto& [service, app] : apps_) {
      if (app.pid != 0 && waitpid(app.pid, nullptr, WNOHANG) == app.pid) {
        app.pid = 0;
      } else if (app.pid == 0 && app.wanted) {
        Spawn(service);
      }
    }
    changed_.WaitWithTimeout(&mu_, kRestartDelay);
  }
}

void FakeSnapd::Reboot() {
  MutexLock lock(&mu_);
  for (auto& [service, app] : apps_) {
    End(service);
    app.wanted = app.enabled;
  }
}

void FakeSnapd::Refuse(std::string words) {
  MutexLock lock(&mu_);
  refusal_ = std::move(words);
}

void FakeSnapd::SetInstalled(Service service, bool installed) {
  MutexLock lock(&mu_);
  apps_[service].installed = installed;
}

std::vector<std::string> FakeSnapd::TakeActs() {
  MutexLock lock(&mu_);
  return std::exchange(acts_, {});
}

int FakeSnapd::TakeQuestions() {
  MutexLock lock(&mu_);
  return std::exchange(questions_, 0);
}

}  // namespace microovn::supervisor
