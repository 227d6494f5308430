// SPDX-License-Identifier: Apache-2.0
#include "supervisor/process/process_driver.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "supervisor/json_rpc/json_rpc.h"
#include "supervisor/process/enabled_services.h"
#include "supervisor/process/process_record.h"
#include "supervisor/process/process_table.h"
#include "supervisor/process/readiness_probe.h"
#include "supervisor/service/service_catalog.h"

namespace microovn::supervisor {
namespace {

// How often consoles are looked at when nothing else happens.
constexpr absl::Duration kIdle = absl::Seconds(10);
constexpr absl::Duration kSocketTimeout = absl::Seconds(1);

using Action = ServiceState::Action;

}  // namespace

absl::StatusOr<std::unique_ptr<ProcessDriver>> ProcessDriver::Create(
    Options options, const Clock* clock) {
  RETURN_IF_ERROR(CreateLayout(options.paths));
  UniqueFd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.valid()) return ErrnoStatus(errno, "eventfd", "");
  auto driver = absl::WrapUnique(
      new ProcessDriver(std::move(options), clock, std::move(wake)));
  {
    MutexLock lock(&driver->mu_);
    ASSIGN_OR_RETURN(
        driver->enabled_,
        LoadEnabledServices(driver->options_.paths.enabled_services()));
    // Before anything is started: a second ovs-vswitchd on one database fights
    // the first for the datapath.
    for (const Service service : kAllServices) driver->Adopt(service);
    for (const Service service : driver->enabled_) {
      driver->daemons_[service].state.RequestStart(clock->Monotonic());
    }
  }
  driver->thread_ = std::thread([raw = driver.get()] { raw->Run(); });
  return driver;
}

ProcessDriver::ProcessDriver(Options options, const Clock* clock, UniqueFd wake)
    : options_([&options] {
        if (options.describe == nullptr) {
          options.describe = [paths = options.paths](Service service) {
            return DescribeService(service, paths);
          };
        }
        return std::move(options);
      }()),
      clock_(*clock),
      wake_(std::move(wake)) {
  MutexLock lock(&mu_);
  for (const Service service : kAllServices) daemons_[service];
}

ProcessDriver::~ProcessDriver() {
  {
    MutexLock lock(&mu_);
    closing_ = true;
  }
  Wake();
  if (thread_.joinable()) thread_.join();
}

// The file first: what is remembered is never more than what is durable.
absl::Status ProcessDriver::SaveEnabled(const std::set<Service>& enabled) {
  if (enabled == enabled_) return absl::OkStatus();
  RETURN_IF_ERROR(
      SaveEnabledServices(options_.paths.enabled_services(), enabled));
  enabled_ = enabled;
  return absl::OkStatus();
}

absl::Status ProcessDriver::Enable(Service service) {
  {
    MutexLock lock(&mu_);
    std::set<Service> enabled = enabled_;
    enabled.insert(service);
    RETURN_IF_ERROR(SaveEnabled(enabled));
  }
  Wake();
  return absl::OkStatus();
}

absl::Status ProcessDriver::Disable(Service service) {
  {
    MutexLock lock(&mu_);
    std::set<Service> enabled = enabled_;
    enabled.erase(service);
    RETURN_IF_ERROR(SaveEnabled(enabled));
    daemons_[service].state.RequestStop(StopMode::kCleanUp, clock_.Monotonic());
  }
  Wake();
  return absl::OkStatus();
}

absl::Status ProcessDriver::Start(Service service) {
  {
    MutexLock lock(&mu_);
    daemons_[service].state.RequestStart(clock_.Monotonic());
  }
  Wake();
  return absl::OkStatus();
}

absl::Status ProcessDriver::Stop(Service service) {
  {
    MutexLock lock(&mu_);
    daemons_[service].state.RequestStop(StopMode::kKeepDataPlane,
                                        clock_.Monotonic());
  }
  Wake();
  return absl::OkStatus();
}

absl::Status ProcessDriver::Restart(Service service) {
  {
    MutexLock lock(&mu_);
    daemons_[service].state.RequestRestart(clock_.Monotonic());
  }
  Wake();
  return absl::OkStatus();
}

absl::StatusOr<Observation> ProcessDriver::Observe(Service service) {
  MutexLock lock(&mu_);
  const ServiceState& state = daemons_[service].state;
  Observation seen;
  seen.phase = state.phase();
  seen.enabled = enabled_.count(service) > 0;
  seen.pid = state.pid();
  seen.since = clock_.Now() - (clock_.Monotonic() - state.since());
  seen.restarts = state.restarts();
  seen.last_exit = state.last_exit();
  return seen;
}

std::optional<DaemonProcess> ProcessDriver::FindRunning(Service service) const {
  const absl::StatusOr<ProcessRecord> record =
      LoadProcessRecord(RecordPath(service));
  // The record first, because a daemon that still waits for its gate holds no
  // pid file.
  if (record.ok()) {
    absl::StatusOr<DaemonProcess> process =
        DaemonProcess::Attach(record->pid, record->start_ticks);
    if (process.ok()) return *std::move(process);
  }
  const std::string pid_file = options_.describe(service).pid_file;
  // Started by hand, or its record is lost. The lock names it beyond doubt.
  const pid_t owner = pid_file.empty() ? 0 : PidFileOwner(pid_file);
  if (owner == 0) return std::nullopt;
  absl::StatusOr<DaemonProcess> process =
      DaemonProcess::Attach(owner, ProcessStartTicks(owner).value_or(0));
  if (!process.ok()) return std::nullopt;
  return *std::move(process);
}

bool ProcessDriver::Adopt(Service service) {
  std::optional<DaemonProcess> running = FindRunning(service);
  if (!running.has_value()) return false;
  LOG(INFO) << service << " runs already as process " << running->pid();
  Daemon& daemon = daemons_[service];
  const absl::Duration now = clock_.Monotonic();
  daemon.state.Adopted(running->pid(), now - running->Age(), now);
  daemon.process = std::move(running);
  return true;
}

void ProcessDriver::Wake() {
  const uint64_t one = 1;
  // A full counter wakes just as well.
  if (write(wake_.get(), &one, sizeof(one)) < 0) PCHECK(errno == EAGAIN);
}

void ProcessDriver::Run() {
  for (;;) {
    {
      MutexLock lock(&mu_);
      if (closing_) return;
    }
    for (const Service service : kAllServices) {
      // Without the lock: copying a megabyte must keep nobody waiting.
      BoundConsole(ConsolePath(service), options_.console_limit);
      ReapEnded(service);
      DoWhatIsDue(service);
    }
    TellOfChanges();
    WaitForWork();
  }
}

void ProcessDriver::Watch(std::function<void()> changed) {
  // Waits for a call that is running, hence the rule not to call it from there.
  MutexLock lock(&watch_mu_);
  changed_ = std::move(changed);
}

void ProcessDriver::TellOfChanges() {
  Told now;
  {
    MutexLock lock(&mu_);
    now.enabled = enabled_;
    for (const auto& [service, daemon] : daemons_) {
      now.daemons[service] = {daemon.state.phase(), daemon.state.pid()};
    }
  }
  // Only what ends up different is told: a daemon that crashed and came back
  // between two rounds has another pid.
  if (now.daemons == told_.daemons && now.enabled == told_.enabled) return;
  told_ = std::move(now);
  MutexLock lock(&watch_mu_);
  if (changed_ != nullptr) changed_();
}

void ProcessDriver::WaitForWork() {
  std::vector<pollfd> entries = {{wake_.get(), POLLIN, 0}};
  absl::Duration wait = kIdle;
  {
    MutexLock lock(&mu_);
    const absl::Duration now = clock_.Monotonic();
    for (const auto& [service, daemon] : daemons_) {
      // Only this thread ends a DaemonProcess, so the descriptors stay valid.
      if (daemon.process.has_value()) {
        entries.push_back({daemon.process->fd(), POLLIN, 0});
      }
      wait = std::min(wait, daemon.state.NextDue(options_.timing, now) - now);
    }
  }
  // Due already, or a clock that has moved on since.
  wait = std::max(wait, absl::ZeroDuration());
  const int64_t milliseconds =
      absl::ToInt64Milliseconds(absl::Ceil(wait, absl::Milliseconds(1)));
  // A timeout and a signal are alike: each round looks at everything.
  if (poll(entries.data(), entries.size(), static_cast<int>(milliseconds)) <=
      0) {
    return;
  }
  uint64_t count = 0;
  if (entries[0].revents != 0 && read(wake_.get(), &count, sizeof(count)) < 0) {
    PCHECK(errno == EAGAIN || errno == EINTR);
  }
}

void ProcessDriver::ReapEnded(Service service) {
  MutexLock lock(&mu_);
  Daemon& daemon = daemons_[service];
  if (!daemon.process.has_value()) return;
  pollfd entry = {daemon.process->fd(), POLLIN, 0};
  if (poll(&entry, 1, 0) <= 0) return;
  const int code = daemon.process->Reap();
  daemon.state.Exited(code, options_.timing, clock_.Monotonic());
  LOG(INFO) << service << " (process " << daemon.process->pid() << ") ended, "
            << (code == kUnknownExit ? "status unknown"
                                     : absl::StrCat("status ", code))
            << "; now " << daemon.state.phase();
  daemon.process.reset();
  // A record that stays after a crash is harmless: its start time fits nobody.
  unlink(RecordPath(service).c_str());
}

void ProcessDriver::DoWhatIsDue(Service service) {
  ServiceState before;
  Action action = Action::kNone;
  {
    MutexLock lock(&mu_);
    // A copy, so that asking a socket for up to a second keeps nobody who wants
    // to observe or stop from the lock.
    before = daemons_[service].state;
    action = before.Due(options_.timing, clock_.Monotonic());
    switch (action) {
      case Action::kSpawn:
        Spawn(service);
        return;
      case Action::kTerminate:
      case Action::kKill:
        SendSignal(service, action);
        return;
      case Action::kNone:
      case Action::kProbe:
      case Action::kAskToExit:
        break;
    }
  }
  if (action == Action::kProbe) Probe(service, before);
  if (action == Action::kAskToExit) AskToExit(service, before);
}

void ProcessDriver::Spawn(Service service) {
  // Someone else may have started it, or an agent that died before it could
  // write the record.
  if (Adopt(service)) return;
  Daemon& daemon = daemons_[service];
  absl::StatusOr<DaemonProcess> process =
      DaemonProcess::Spawn(options_.launch(service), ConsolePath(service));
  if (!process.ok()) {
    LOG(ERROR) << service << ": " << process.status();
    daemon.state.SpawnFailed(options_.timing, clock_.Monotonic());
    return;
  }
  LOG(INFO) << service << " started as process " << process->pid();
  daemon.state.Spawned(process->pid(), clock_.Monotonic());
  // 0: it ended at once; the next round reaps it and there is nothing to adopt.
  if (process->start_ticks() != 0) {
    const absl::Status saved =
        SaveProcessRecord(RecordPath(service),
                          {process->pid(), process->start_ticks(), BootId()});
    LOG_IF(ERROR, !saved.ok()) << service << ": " << saved;
  }
  daemon.process = *std::move(process);
}

void ProcessDriver::Probe(Service service, const ServiceState& before) {
  const absl::Status ready =
      ProbeReadiness(options_.describe(service), before.pid());
  MutexLock lock(&mu_);
  ServiceState& state = daemons_[service].state;
  // The answer is of a process that has been replaced meanwhile.
  if (state.pid() != before.pid()) return;
  state.Probed(ready.ok(), clock_.Monotonic());
  if (state.phase() == Phase::kReady) LOG(INFO) << service << " is ready";
}

void ProcessDriver::AskToExit(Service service, const ServiceState& before) {
  const ServiceSpec spec = options_.describe(service);
  const std::string control = ControlSocket(spec, before.pid());
  absl::Status asked = absl::UnavailableError("it has no control socket");
  if (!control.empty()) {
    asked = Unixctl(control, "exit",
                    before.stop_mode() == StopMode::kCleanUp
                        ? spec.exit_arguments_clean_up
                        : spec.exit_arguments_keep,
                    kSocketTimeout)
                .status();
  }
  MutexLock lock(&mu_);
  Daemon& daemon = daemons_[service];
  // Another request, such as to clean up as well, has its own turn.
  if (daemon.state.since() != before.since()) return;
  daemon.state.Tried(Action::kAskToExit, clock_.Monotonic());
  // A daemon that cannot be asked, such as a launcher that still waits for its
  // gate, need not be given time to obey.
  const bool unheard = absl::IsUnavailable(asked) || absl::IsNotFound(asked);
  if (unheard && daemon.process.has_value()) {
    SendSignal(service, Action::kTerminate);
  }
}

void ProcessDriver::SendSignal(Service service, Action action) {
  Daemon& daemon = daemons_[service];
  const int number = action == Action::kTerminate ? SIGTERM : SIGKILL;
  LOG(INFO) << service << ": signal " << number << " to process "
            << daemon.state.pid();
  if (daemon.process.has_value()) daemon.process->Signal(number);
  daemon.state.Tried(action, clock_.Monotonic());
}

std::string ProcessDriver::RecordPath(Service service) const {
  return JoinPath(options_.paths.supervisor_run(), ServiceName(service));
}

std::string ProcessDriver::ConsolePath(Service service) const {
  return options_.paths.LogFile(
      absl::StrCat(ServiceName(service), ".console.log"));
}

}  // namespace microovn::supervisor
