// SPDX-License-Identifier: Apache-2.0
#include "supervisor/snap/snap_driver.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "supervisor/launch/launch.h"
#include "supervisor/process/process_table.h"
#include "supervisor/process/readiness_probe.h"
#include "supervisor/service/service_catalog.h"

namespace microovn::supervisor {
namespace {

// How long snapctl's answer is good without news. With a watch it is below the
// time between two looks of a supervisor that hears of changes; without one it
// is for the looks at all services that follow each other.
constexpr absl::Duration kTrustedHearing = absl::Seconds(20);
constexpr absl::Duration kTrustedDeaf = absl::Milliseconds(200);

// No retry mends it: the package does.
absl::Status NotInstalled(const std::string& app) {
  return MakeError(absl::StatusCode::kNotFound,
                   absl::StrCat("there is no service ", app),
                   {"SERVICE_NOT_INSTALLED",
                    "install MicroOVN's package again",
                    {{"unit", app}}});
}

// "Not there" is as good as stopped.
absl::Status UnlessMissing(const absl::Status& status) {
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

}  // namespace

Phase SnapPhase(bool active, pid_t pid, bool ready) {
  if (active) return pid != 0 && ready ? Phase::kReady : Phase::kStarting;
  return pid != 0 ? Phase::kStopping : Phase::kStopped;
}

SnapDriver::SnapDriver(Options options, CommandRunner* runner,
                       const Clock* clock)
    : options_([&options] {
        if (options.describe == nullptr) {
          options.describe = [paths = options.paths](Service service) {
            return DescribeService(service, paths);
          };
        }
        return std::move(options);
      }()),
      runner_(*runner),
      clock_(*clock) {}

SnapDriver::~SnapDriver() = default;

std::string SnapDriver::AppName(Service service) const {
  return absl::StrCat(options_.instance, ".", ServiceName(service));
}

absl::StatusOr<std::string> SnapDriver::Ask(
    const std::vector<std::string>& words, absl::Duration patience) {
  Command command;
  command.argv = {"snapctl"};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  command.timeout = patience;
  absl::StatusOr<std::string> output = RunForOutput(runner_, command);
  if (output.ok()) return output;
  // Whatever it was, snapd may do it the next time: it refuses while it
  // refreshes the snap, for one.
  return absl::UnavailableError(output.status().message());
}

absl::StatusOr<SnapService> SnapDriver::App(Service service) {
  // From before the look: what happens during it makes it old.
  const std::optional<uint64_t> version = Version();
  const absl::Duration now = clock_.Monotonic();
  const absl::Duration trusted =
      version.has_value() ? kTrustedHearing : kTrustedDeaf;
  std::optional<Table> table;
  uint64_t acts = 0;
  {
    MutexLock lock(&mu_);
    if (table_.has_value() && table_->version == version &&
        now - table_->at < trusted) {
      table = table_;
    }
    acts = acts_;
  }
  if (!table.has_value()) {
    ASSIGN_OR_RETURN(const std::string text,
                     Ask({"services"}, options_.patience_to_list));
    table.emplace();
    ASSIGN_OR_RETURN(table->services, ParseSnapServices(text));
    table->version = version;
    table->at = now;
    MutexLock lock(&mu_);
    if (acts == acts_) table_ = table;
  }
  const std::string app = AppName(service);
  const auto found = table->services.find(app);
  if (found == table->services.end()) return NotInstalled(app);
  return found->second;
}

absl::Status SnapDriver::Act(std::vector<std::string> words, Service service) {
  words.push_back(AppName(service));
  {
    MutexLock lock(&mu_);
    ++acts_;
    table_.reset();
  }
  const absl::Status status = Ask(words, options_.patience_to_act).status();
  MutexLock lock(&mu_);
  // Again, for what was read meanwhile is of before or after.
  ++acts_;
  table_.reset();
  return status;
}

void SnapDriver::ExpectEnd(Service service) {
  MutexLock lock(&mu_);
  tracks_[service].end_expected = true;
}

bool SnapDriver::NotedEnabled(Service service) const {
  MutexLock lock(&mu_);
  return enable_at_start_.count(service) > 0;
}

void SnapDriver::NoteEnabled(Service service, bool enabled) {
  MutexLock lock(&mu_);
  if (enabled) {
    enable_at_start_.insert(service);
  } else {
    enable_at_start_.erase(service);
  }
}

absl::Status SnapDriver::Enable(Service service) {
  MutexLock lock(&act_mu_);
  ASSIGN_OR_RETURN(const SnapService app, App(service));
  if (app.enabled) return absl::OkStatus();
  if (!app.active) {
    NoteEnabled(service, true);
    return absl::OkStatus();
  }
  // It runs, so this starts nothing.
  RETURN_IF_ERROR(Act({"start", "--enable"}, service));
  LOG(INFO) << service << " is enabled";
  return absl::OkStatus();
}

absl::Status SnapDriver::Disable(Service service) {
  MutexLock lock(&act_mu_);
  const absl::StatusOr<SnapService> app = App(service);
  if (!app.ok()) return UnlessMissing(app.status());
  NoteEnabled(service, false);
  // Before the stop, whose stop-command reads it.
  RETURN_IF_ERROR(RequestCleanUp(service, options_.paths));
  ExpectEnd(service);
  absl::Status stopped = Act({"stop", "--disable"}, service);
  // The daemon goes on, and its next stop may be a refresh's, which must not
  // take the data plane down. Who did not answer in time may be stopping it.
  if (!stopped.ok() && PidFileOwner(options_.describe(service).pid_file) != 0) {
    CancelCleanUp(service, options_.paths);
  }
  RETURN_IF_ERROR(stopped);
  LOG_IF(INFO, app->enabled) << service << " is disabled";
  return absl::OkStatus();
}

absl::Status SnapDriver::Start(Service service) {
  MutexLock lock(&act_mu_);
  ASSIGN_OR_RETURN(const SnapService app, App(service));
  // What was started without it stays down after a refresh.
  if (!app.enabled && NotedEnabled(service)) {
    RETURN_IF_ERROR(Act({"start", "--enable"}, service));
    NoteEnabled(service, false);
    LOG(INFO) << service << " is enabled";
    return absl::OkStatus();
  }
  return Act({"start"}, service);
}

absl::Status SnapDriver::Stop(Service service) {
  MutexLock lock(&act_mu_);
  const absl::StatusOr<SnapService> app = App(service);
  if (!app.ok()) return UnlessMissing(app.status());
  ExpectEnd(service);
  return Act({"stop"}, service);
}

absl::Status SnapDriver::Restart(Service service) {
  MutexLock lock(&act_mu_);
  RETURN_IF_ERROR(App(service).status());
  ExpectEnd(service);
  return Act({"restart"}, service);
}

absl::StatusOr<Observation> SnapDriver::Observe(Service service) {
  ASSIGN_OR_RETURN(const SnapService app, App(service));
  const ServiceSpec spec = options_.describe(service);
  const pid_t pid = PidFileOwner(spec.pid_file);
  const bool ready = app.active && pid != 0 && ProbeReadiness(spec, pid).ok();
  const Phase phase = SnapPhase(app.active, pid, ready);
  MutexLock lock(&mu_);
  Track& track = tracks_[service];
  if (track.phase != phase || track.since == absl::Time()) {
    track.phase = phase;
    track.since = clock_.Now();
  }
  if (track.pid != 0 && pid != track.pid) {
    if (!track.end_expected) {
      track.missed = true;
      track.last_exit = kUnknownExit;
    }
    track.pid = 0;
  }
  if (pid != 0 && track.pid == 0) {
    if (track.missed) ++track.restarts;
    track.missed = false;
    track.end_expected = false;
    track.pid = pid;
  }
  Observation seen;
  seen.phase = phase;
  seen.enabled = app.enabled || enable_at_start_.count(service) > 0;
  seen.pid = pid;
  seen.since = track.since;
  seen.restarts = track.restarts;
  seen.last_exit = track.last_exit;
  return seen;
}

void SnapDriver::Watch(std::function<void()> changed) {
  std::unique_ptr<SnapWatch> watch;
  if (changed != nullptr) {
    std::vector<ServiceSpec> specs;
    for (const Service service : kAllServices) {
      specs.push_back(options_.describe(service));
    }
    watch = std::make_unique<SnapWatch>(
        std::vector<std::string>{options_.paths.ovn_run(),
                                 options_.paths.switch_run()},
        std::move(specs), std::move(changed));
  }
  {
    MutexLock lock(&watch_mu_);
    watch_.swap(watch);
  }
  // Versions of another watch mean nothing. What it calls may ask this driver,
  // so the old one ends without a lock.
  watch.reset();
  MutexLock lock(&mu_);
  table_.reset();
}

std::optional<uint64_t> SnapDriver::Version() const {
  MutexLock lock(&watch_mu_);
  if (watch_ == nullptr) return std::nullopt;
  return watch_->version();
}

bool SnapDriver::Hears() const { return Version().has_value(); }

}  // namespace microovn::supervisor
