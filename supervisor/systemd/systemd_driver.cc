// SPDX-License-Identifier: Apache-2.0
#include "supervisor/systemd/systemd_driver.h"

#include <errno.h>

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"
#include "base/time/clock.h"
#include "glog/logging.h"
#include "supervisor/launch/launch.h"
#include "supervisor/process/readiness_probe.h"
#include "supervisor/service/service_catalog.h"
#include "supervisor/systemd/bus_question.h"

namespace microovn::supervisor {
namespace {

constexpr char kPath[] = "/org/freedesktop/systemd1";
constexpr char kManager[] = "org.freedesktop.systemd1.Manager";
constexpr char kUnit[] = "org.freedesktop.systemd1.Unit";
constexpr char kService[] = "org.freedesktop.systemd1.Service";
constexpr char kNoSuchUnit[] = "org.freedesktop.systemd1.NoSuchUnit";
// How long an answer is good without news. Below the time between two looks of
// a supervisor that hears of changes, so that each is a look.
constexpr absl::Duration kTrusted = absl::Seconds(20);

// Of systemd's words in a status.
constexpr size_t kLongestError = 300;

// Whether nothing but an event ends the phase: a probe ends kStarting.
bool Rests(Phase phase) {
  return phase == Phase::kReady || phase == Phase::kStopped ||
         phase == Phase::kFailed;
}

// No retry mends it: the package does.
absl::Status NotInstalled(const std::string& unit) {
  return MakeError(absl::StatusCode::kNotFound,
                   absl::StrCat("there is no unit ", unit),
                   {"SERVICE_NOT_INSTALLED",
                    "install MicroOVN's package again",
                    {{"unit", unit}}});
}

// "Not there" is as good as stopped.
absl::Status UnlessMissing(const absl::Status& status) {
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

}  // namespace

SystemdDriver::SystemdDriver(Options options)
    : options_([&options] {
        if (options.describe == nullptr) {
          options.describe = [paths = options.paths](Service service) {
            return DescribeService(service, paths);
          };
        }
        return std::move(options);
      }()) {}

SystemdDriver::~SystemdDriver() = default;

void SystemdDriver::Begin() {
  deadline_ = Clock::Real().Monotonic() + options_.patience;
}

absl::StatusOr<sd_bus*> SystemdDriver::OpenBus() {
  if (bus_ == nullptr) {
    sd_bus* bus = nullptr;
    const int result = sd_bus_open_system(&bus);
    if (result < 0) {
      return absl::UnavailableError(
          ErrnoStatus(-result, "open", "the system bus").message());
    }
    bus_.reset(bus);
  }
  RETURN_IF_ERROR(LimitQuestion(bus_.get(), deadline_));
  return bus_.get();
}

absl::Status SystemdDriver::Outcome(int result, const sd_bus_error& error,
                                    Service service) {
  if (result >= 0) return absl::OkStatus();
  const std::string unit = UnitName(options_.prefix, service);
  if (sd_bus_error_has_name(&error, kNoSuchUnit) != 0 || result == -ENOENT) {
    return NotInstalled(unit);
  }
  // dbus-daemon has gone; the next call opens another connection. Nothing is
  // repeated here: whether the call was obeyed is for Observe to say.
  if (result != -ETIMEDOUT && IsSilence(result)) bus_.reset();
  const std::string words =
      error.message != nullptr
          ? error.message
          : std::string(ErrnoStatus(-result, "call", "systemd").message());
  return absl::UnavailableError(
      absl::StrCat(unit, ": ", Shown(words, kLongestError)));
}

// org.freedesktop.systemd1(5): "replace" puts the job in the place of one that
// contradicts it, such as a start that is queued. The reply means queued, not
// done.
absl::Status SystemdDriver::UnitJob(const char* method, Service service,
                                    bool* refused) {
  Forget(service);
  ASSIGN_OR_RETURN(sd_bus* const bus, OpenBus());
  BusError error;
  const int result = sd_bus_call_method(
      bus, kSystemd, kPath, kManager, method, error.get(), nullptr, "ss",
      UnitName(options_.prefix, service).c_str(), "replace");
  if (refused != nullptr) *refused = result < 0 && !IsSilence(result);
  return Outcome(result, *error, service);
}

absl::Status SystemdDriver::ResetFailed(Service service) {
  ASSIGN_OR_RETURN(sd_bus* const bus, OpenBus());
  BusError error;
  const int result = sd_bus_call_method(
      bus, kSystemd, kPath, kManager, "ResetFailedUnit", error.get(), nullptr,
      "s", UnitName(options_.prefix, service).c_str());
  // A unit that is not in memory has not failed.
  return UnlessMissing(Outcome(result, *error, service));
}

absl::Status SystemdDriver::Enable(Service service) {
  MutexLock lock(&mu_);
  Begin();
  Forget(service);
  ASSIGN_OR_RETURN(const std::string state, UnitFileState(service));
  // Looked at first: enabling writes to the disk.
  if (state == "enabled") return absl::OkStatus();
  ASSIGN_OR_RETURN(sd_bus* const bus, OpenBus());
  BusError error;
  const int result = sd_bus_call_method(
      bus, kSystemd, kPath, kManager, "EnableUnitFiles", error.get(), nullptr,
      "asbb", 1, UnitName(options_.prefix, service).c_str(),
      /*runtime=*/0, /*force=*/0);
  RETURN_IF_ERROR(Outcome(result, *error, service));
  LOG(INFO) << service << " is enabled";
  return absl::OkStatus();
}

absl::Status SystemdDriver::Disable(Service service) {
  MutexLock lock(&mu_);
  Begin();
  Forget(service);
  const absl::StatusOr<std::string> state = UnitFileState(service);
  if (!state.ok()) return UnlessMissing(state.status());
  if (*state != "disabled") {
    ASSIGN_OR_RETURN(sd_bus* const bus, OpenBus());
    BusError error;
    const int result = sd_bus_call_method(
        bus, kSystemd, kPath, kManager, "DisableUnitFiles", error.get(),
        nullptr, "asb", 1, UnitName(options_.prefix, service).c_str(),
        /*runtime=*/0);
    RETURN_IF_ERROR(Outcome(result, *error, service));
    LOG(INFO) << service << " is disabled";
  }
  // Before StopUnit, whose ExecStop reads it.
  RETURN_IF_ERROR(RequestCleanUp(service, options_.paths));
  bool refused = false;
  absl::Status stopped = UnitJob("StopUnit", service, &refused);
  // The daemon goes on, and its next stop may be an upgrade's, which must not
  // take the data plane down. Without an answer it may be stopping now.
  if (refused) CancelCleanUp(service, options_.paths);
  return stopped;
}

absl::Status SystemdDriver::Start(Service service) {
  MutexLock lock(&mu_);
  Begin();
  // systemd may refuse to start one that failed too often in a row; somebody
  // asks for it now.
  RETURN_IF_ERROR(ResetFailed(service));
  return UnitJob("StartUnit", service);
}

absl::Status SystemdDriver::Stop(Service service) {
  MutexLock lock(&mu_);
  Begin();
  return UnlessMissing(UnitJob("StopUnit", service));
}

absl::Status SystemdDriver::Restart(Service service) {
  MutexLock lock(&mu_);
  Begin();
  RETURN_IF_ERROR(ResetFailed(service));
  return UnitJob("RestartUnit", service);
}

// Of the file and its links on disk, by which the next boot goes.
absl::StatusOr<std::string> SystemdDriver::UnitFileState(Service service) {
  ASSIGN_OR_RETURN(sd_bus* const bus, OpenBus());
  BusError error;
  Message reply;
  int result = sd_bus_call_method(
      bus, kSystemd, kPath, kManager, "GetUnitFileState", error.get(),
      reply.out(), "s", UnitName(options_.prefix, service).c_str());
  RETURN_IF_ERROR(Outcome(result, *error, service));
  const char* state = nullptr;
  result = sd_bus_message_read(reply.get(), "s", &state);
  RETURN_IF_ERROR(Outcome(result, *error, service));
  return std::string(state);
}

absl::StatusOr<std::string> SystemdDriver::UnitPath(Service service) {
  ASSIGN_OR_RETURN(sd_bus* const bus, OpenBus());
  BusError error;
  Message reply;
  // Loads it: an inactive unit need not be in memory.
  int result = sd_bus_call_method(bus, kSystemd, kPath, kManager, "LoadUnit",
                                  error.get(), reply.out(), "s",
                                  UnitName(options_.prefix, service).c_str());
  RETURN_IF_ERROR(Outcome(result, *error, service));
  const char* path = nullptr;
  result = sd_bus_message_read(reply.get(), "o", &path);
  RETURN_IF_ERROR(Outcome(result, *error, service));
  return std::string(path);
}

absl::StatusOr<UnitFacts> SystemdDriver::Facts(Service service) {
  ASSIGN_OR_RETURN(const std::string path, UnitPath(service));
  // Not one message: systemd may change the unit between two properties, and
  // then tells, or is looked at again.
  PropertyReader reader(bus_.get(), path, deadline_);
  UnitFacts facts;
  // The job first: a unit whose job ends in between is seen after it, never
  // before it.
  facts.job = reader.Job();
  facts.load_state = reader.Text(kUnit, "LoadState");
  facts.active_state = reader.Text(kUnit, "ActiveState");
  facts.sub_state = reader.Text(kUnit, "SubState");
  facts.state_change_timestamp_us =
      reader.Number<uint64_t>(kUnit, "StateChangeTimestamp", 't');
  facts.main_pid =
      static_cast<pid_t>(reader.Number<uint32_t>(kService, "MainPID", 'u'));
  facts.n_restarts = reader.Number<uint32_t>(kService, "NRestarts", 'u');
  facts.exec_main_exit_timestamp_us =
      reader.Number<uint64_t>(kService, "ExecMainExitTimestamp", 't');
  facts.exec_main_code = reader.Number<int32_t>(kService, "ExecMainCode", 'i');
  facts.exec_main_status =
      reader.Number<int32_t>(kService, "ExecMainStatus", 'i');
  RETURN_IF_ERROR(Outcome(reader.result(), reader.error(), service));
  if (facts.load_state == "loaded") {
    ASSIGN_OR_RETURN(facts.unit_file_state, UnitFileState(service));
  }
  return facts;
}

absl::StatusOr<Observation> SystemdDriver::Look(Service service) {
  UnitFacts facts;
  Observation seen;
  {
    MutexLock lock(&mu_);
    Begin();
    ASSIGN_OR_RETURN(facts, Facts(service));
    const std::optional<int> exit = UnitLastExit(facts);
    if (exit.has_value()) last_exits_[service] = *exit;
    const auto last = last_exits_.find(service);
    if (last != last_exits_.end()) seen.last_exit = last->second;
  }
  if (facts.load_state == "not-found") {
    return NotInstalled(UnitName(options_.prefix, service));
  }
  seen.phase = UnitPhase(facts);
  seen.enabled = UnitEnabled(facts);
  seen.pid = facts.main_pid;
  seen.since = absl::FromUnixMicros(
      static_cast<int64_t>(facts.state_change_timestamp_us));
  seen.restarts = static_cast<int>(facts.n_restarts);
  // The probe is made without the lock: it may block, the bus is not needed.
  if (seen.phase == Phase::kStarting && facts.active_state == "active" &&
      seen.pid != 0 &&
      ProbeReadiness(options_.describe(service), seen.pid).ok()) {
    seen.phase = Phase::kReady;
  }
  return seen;
}

absl::StatusOr<Observation> SystemdDriver::Observe(Service service) {
  // From before the look: what happens during it makes it old.
  const std::optional<uint64_t> version = Version();
  const absl::Duration now = Clock::Real().Monotonic();
  uint64_t acts = 0;
  {
    MutexLock lock(&mu_);
    const auto found = seen_.find(service);
    if (found != seen_.end() && version == found->second.version &&
        now - found->second.at < kTrusted) {
      return found->second.observation;
    }
    acts = acts_;
  }
  ASSIGN_OR_RETURN(const Observation seen, Look(service));
  MutexLock lock(&mu_);
  // Any act since, on whichever service, counts: this is simpler to trust than
  // one count for each, and acts are rare.
  if (version.has_value() && Rests(seen.phase) && acts == acts_) {
    seen_[service] = {seen, *version, now};
  }
  return seen;
}

void SystemdDriver::Forget(Service service) {
  ++acts_;
  seen_.erase(service);
}

void SystemdDriver::Watch(std::function<void()> changed) {
  std::vector<std::string> units;
  for (const Service service : kAllServices) {
    units.push_back(UnitName(options_.prefix, service));
  }
  std::unique_ptr<SystemdWatch> watch;
  if (changed != nullptr) {
    watch =
        std::make_unique<SystemdWatch>(std::move(units), std::move(changed));
  }
  {
    MutexLock lock(&watch_mu_);
    watch_.swap(watch);
  }
  // Versions of another watch mean nothing. What it calls may ask this driver,
  // so the old one ends without a lock.
  watch.reset();
  MutexLock lock(&mu_);
  seen_.clear();
}

std::optional<uint64_t> SystemdDriver::Version() const {
  MutexLock lock(&watch_mu_);
  if (watch_ == nullptr) return std::nullopt;
  return watch_->version();
}

bool SystemdDriver::Hears() const { return Version().has_value(); }

}  // namespace microovn::supervisor
