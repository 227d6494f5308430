// SPDX-License-Identifier: Apache-2.0
#include "supervisor/supervisor.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glog/logging.h"
#include "supervisor/service/service_state.h"
#include "supervisor/supervision_plan.h"

namespace microovn::supervisor {
namespace {

// How long WaitSettled sleeps before it reads the clock again.
constexpr absl::Duration kWaitSlice = absl::Milliseconds(50);
constexpr double kIntervalGrowth = 1.25;

// `since` and the counters are left out: they follow from the others, or move
// with the wall clock, and each difference wakes those who report.
bool Same(const ServiceReport& a, const ServiceReport& b) {
  return a.observation.phase == b.observation.phase &&
         a.observation.enabled == b.observation.enabled &&
         a.observation.pid == b.observation.pid && a.error == b.error;
}

bool Same(const ServiceReports& a, const ServiceReports& b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(),
                    [](const auto& left, const auto& right) {
                      return left.first == right.first &&
                             Same(left.second, right.second);
                    });
}

std::map<Service, Observation> Observations(const ServiceReports& reports) {
  std::map<Service, Observation> observations;
  for (const auto& [service, report] : reports) {
    observations[service] = report.observation;
  }
  return observations;
}

void LogNewError(Service service, const absl::Status& before,
                 const absl::Status& now) {
  // Once for each error: a driver that is down is asked several times a second.
  LOG_IF(WARNING, !now.ok() && now != before) << service << ": " << now;
}

}  // namespace

Supervisor::Supervisor(ServiceDriver* driver, const Clock* clock,
                       Options options)
    : driver_(*driver), clock_(*clock), options_(std::move(options)) {}

Supervisor::~Supervisor() {
  // First, and without mu_: it waits for a LookAgain that runs right now. After
  // it nobody calls into this object any more.
  driver_.Watch(nullptr);
  {
    MutexLock lock(&mu_);
    closing_ = true;
  }
  changed_.SignalAll();
  if (thread_.joinable()) thread_.join();
}

void Supervisor::Start() {
  driver_.Watch([this] { LookAgain(); });
  thread_ = std::thread([this] { Run(); });
}

void Supervisor::LookAgain() {
  {
    MutexLock lock(&mu_);
    ++told_;
  }
  changed_.SignalAll();
}

void Supervisor::SetWanted(const std::set<Service>& services) {
  {
    MutexLock lock(&mu_);
    wanted_ = WithRequirements(services);
    ++requests_;
  }
  changed_.SignalAll();
}

absl::Status Supervisor::RestartService(Service service) {
  {
    MutexLock lock(&mu_);
    if (!wanted_.has_value() || wanted_->count(service) == 0) {
      return absl::FailedPreconditionError(absl::StrCat(
          "service ", ServiceName(service), " does not run on this node"));
    }
    restarts_.insert(service);
    ++requests_;
  }
  changed_.SignalAll();
  return absl::OkStatus();
}

ServiceReports Supervisor::Observed() const {
  MutexLock lock(&mu_);
  return reports_;
}

absl::Status Supervisor::Unsettlement() const {
  if (!wanted_.has_value()) return absl::OkStatus();
  // What was seen before the request says nothing about it.
  if (served_ != requests_) return absl::UnavailableError("not looked at yet");
  std::vector<std::string> words;
  std::set<Service> unsettled = Unsettled(*wanted_, Observations(reports_));
  unsettled.insert(restarts_.begin(), restarts_.end());
  for (const Service service : unsettled) {
    const ServiceReport& report = reports_.at(service);
    words.push_back(absl::StrCat(
        ServiceName(service), " is ", PhaseName(report.observation.phase),
        report.error.ok() ? ""
                          : absl::StrCat(" (", report.error.message(), ")")));
  }
  if (words.empty()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrJoin(words, ", "));
}

absl::Status Supervisor::WaitSettled(absl::Duration timeout) {
  const absl::Duration deadline = clock_.Monotonic() + timeout;
  MutexLock lock(&mu_);
  for (;;) {
    absl::Status unsettled = Unsettlement();
    if (unsettled.ok()) return unsettled;
    const absl::Duration left = deadline - clock_.Monotonic();
    if (left <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError(unsettled.message());
    }
    // In slices, because `left` is by a clock that a test moves by hand while
    // the condition variable waits in real time.
    changed_.WaitWithTimeout(&mu_, std::min(left, kWaitSlice));
  }
}

ServiceReports Supervisor::Look() {
  ServiceReports reports;
  for (const Service service : kAllServices) {
    absl::StatusOr<Observation> seen = driver_.Observe(service);
    ServiceReport& report = reports[service];
    if (seen.ok()) {
      report.observation = *std::move(seen);
    } else {
      // Nothing is known. The plan then enables and starts what is wanted,
      // which is nothing to a driver that finds it running.
      report.observation.phase = Phase::kFailed;
      report.error = seen.status();
    }
  }
  return reports;
}

ServiceReports Supervisor::Act(const std::set<Service>& wanted,
                               const std::set<Service>& restarts,
                               ServiceReports seen) {
  std::map<Service, absl::Status> errors;
  bool acted = false;
  for (const SupervisionStep& step :
       PlanSupervision(wanted, Observations(seen))) {
    absl::Status status;
    acted = true;
    switch (step.verb) {
      case SupervisionStep::Verb::kEnable:
        status = driver_.Enable(step.service);
        break;
      case SupervisionStep::Verb::kStart:
        status = driver_.Start(step.service);
        break;
      case SupervisionStep::Verb::kDisable:
        status = driver_.Disable(step.service);
        break;
    }
    // The other steps go on: one unit that is missing keeps no other from
    // running.
    if (!status.ok()) errors[step.service] = status;
  }
  for (const Service service : restarts) {
    // No longer wanted since it was asked for.
    if (wanted.count(service) == 0) continue;
    acted = true;
    const absl::Status status = driver_.Restart(service);
    if (status.ok()) continue;
    errors[service] = status;
    MutexLock lock(&mu_);
    // Refused: the next step tries again.
    restarts_.insert(service);
  }
  // So that reports never show, after a step, what it has just changed.
  if (acted) seen = Look();
  for (const auto& [service, error] : errors) seen[service].error = error;
  return seen;
}

bool Supervisor::Step() {
  std::optional<std::set<Service>> wanted;
  std::set<Service> restarts;
  ServiceReports before;
  uint64_t requests = 0;
  {
    MutexLock lock(&mu_);
    // Before the look: what is told while it goes on leads to another one.
    seen_ = told_;
    wanted = wanted_;
    restarts = std::exchange(restarts_, {});
    before = reports_;
    requests = requests_;
  }
  ServiceReports reports = Look();
  if (wanted.has_value()) {
    reports = Act(*wanted, restarts, std::move(reports));
  }
  for (const auto& [service, report] : reports) {
    LogNewError(service, before[service].error, report.error);
  }
  const bool same = Same(before, reports);
  {
    MutexLock lock(&mu_);
    reports_ = reports;
    // Requests that came during the step are not served by it.
    served_ = requests;
  }
  changed_.SignalAll();
  if (!same && options_.on_change != nullptr) options_.on_change(reports);
  return !same;
}

absl::Duration Supervisor::NextLook(absl::Duration last, bool changed) const {
  const bool hears = driver_.Hears();
  MutexLock lock(&mu_);
  if (served_ == requests_ && Unsettlement().ok()) {
    return hears ? options_.quiet_interval : options_.idle_interval;
  }
  if (served_ != requests_ || changed) return options_.busy_interval;
  // Something is under way and nothing moves: a daemon that waits for its
  // database may take minutes.
  return std::min(last * kIntervalGrowth, options_.idle_interval);
}

void Supervisor::Run() {
  absl::Duration interval = options_.busy_interval;
  for (;;) {
    interval = NextLook(interval, Step());
    MutexLock lock(&mu_);
    if (!closing_ && served_ == requests_ && seen_ == told_) {
      changed_.WaitWithTimeout(&mu_, interval);
    }
    if (closing_) return;
  }
}

}  // namespace microovn::supervisor
