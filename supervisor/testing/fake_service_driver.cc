// SPDX-License-Identifier: Apache-2.0
#include "supervisor/testing/fake_service_driver.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"

namespace microovn::supervisor {

absl::Status FakeServiceDriver::Note(const char* verb, Service service) {
  node_.calls.push_back(absl::StrCat(verb, " ", ServiceName(service)));
  const auto broken = node_.broken.find(service);
  return broken == node_.broken.end() ? absl::OkStatus() : broken->second;
}

absl::Status FakeServiceDriver::Enable(Service service) {
  MutexLock lock(&node_.mu);
  RETURN_IF_ERROR(Note("enable", service));
  node_.enabled.insert(service);
  return absl::OkStatus();
}

absl::Status FakeServiceDriver::Disable(Service service) {
  MutexLock lock(&node_.mu);
  RETURN_IF_ERROR(Note("disable", service));
  node_.enabled.erase(service);
  node_.states[service].RequestStop(StopMode::kCleanUp, clock_.Monotonic());
  return absl::OkStatus();
}

absl::Status FakeServiceDriver::Start(Service service) {
  MutexLock lock(&node_.mu);
  RETURN_IF_ERROR(Note("start", service));
  node_.states[service].RequestStart(clock_.Monotonic());
  return absl::OkStatus();
}

absl::Status FakeServiceDriver::Stop(Service service) {
  MutexLock lock(&node_.mu);
  RETURN_IF_ERROR(Note("stop", service));
  node_.states[service].RequestStop(StopMode::kKeepDataPlane,
                                    clock_.Monotonic());
  return absl::OkStatus();
}

absl::Status FakeServiceDriver::Restart(Service service) {
  MutexLock lock(&node_.mu);
  RETURN_IF_ERROR(Note("restart", service));
  node_.states[service].RequestRestart(clock_.Monotonic());
  return absl::OkStatus();
}

absl::StatusOr<Observation> FakeServiceDriver::Observe(Service service) {
  MutexLock lock(&node_.mu);
  const auto broken = node_.broken.find(service);
  if (broken != node_.broken.end()) return broken->second;
  Settle(service);
  const ServiceState& state = node_.states[service];
  Observation seen;
  seen.phase = state.phase();
  seen.enabled = node_.enabled.count(service) > 0;
  seen.pid = state.pid();
  seen.since = clock_.Now() - (clock_.Monotonic() - state.since());
  seen.restarts = state.restarts();
  seen.last_exit = state.last_exit();
  return seen;
}

void FakeServiceDriver::Settle(Service service) {
  // The longest way: stop, spawn, probe.
  for (int step = 0; step < 6; ++step) {
    const ServiceState::Action action =
        node_.states[service].Due(timing_, clock_.Monotonic());
    if (action == ServiceState::Action::kNone) return;
    Act(service, action);
  }
}

void FakeServiceDriver::Act(Service service, ServiceState::Action action) {
  ServiceState& state = node_.states[service];
  const absl::Duration now = clock_.Monotonic();
  switch (action) {
    case ServiceState::Action::kSpawn:
      state.Spawned(node_.next_pid++, now);
      return;
    case ServiceState::Action::kProbe:
      state.Probed(node_.unready.count(service) == 0, now);
      return;
    case ServiceState::Action::kAskToExit:
    case ServiceState::Action::kTerminate:
      if (node_.stubborn.count(service) == 0) {
        state.Exited(0, timing_, now);
      } else {
        state.Tried(action, now);
      }
      return;
    case ServiceState::Action::kKill:
      state.Exited(128 + 9, timing_, now);
      return;
    case ServiceState::Action::kNone:
      return;
  }
}

void FakeServiceDriver::Watch(std::function<void()> changed) {
  MutexLock lock(&watch_mu_);
  changed_ = std::move(changed);
}

bool FakeServiceDriver::Hears() const {
  MutexLock lock(&watch_mu_);
  return hears_;
}

void FakeServiceDriver::SetHears(bool hears) {
  MutexLock lock(&watch_mu_);
  hears_ = hears;
}

void FakeServiceDriver::Tell() {
  MutexLock lock(&watch_mu_);
  if (changed_ != nullptr) changed_();
}

void FakeServiceDriver::End(Service service, int code) {
  {
    MutexLock lock(&node_.mu);
    Settle(service);
    if (node_.states[service].pid() == 0) return;
    node_.states[service].Exited(code, timing_, clock_.Monotonic());
  }
  Tell();
}

void FakeServiceDriver::SetReady(Service service, bool ready) {
  {
    MutexLock lock(&node_.mu);
    if (ready) {
      node_.unready.erase(service);
    } else {
      node_.unready.insert(service);
    }
  }
  Tell();
}

void FakeServiceDriver::SetStubborn(Service service, bool stubborn) {
  MutexLock lock(&node_.mu);
  if (stubborn) {
    node_.stubborn.insert(service);
  } else {
    node_.stubborn.erase(service);
  }
}

void FakeServiceDriver::SetError(Service service, absl::Status error) {
  MutexLock lock(&node_.mu);
  if (error.ok()) {
    node_.broken.erase(service);
  } else {
    node_.broken[service] = std::move(error);
  }
}

std::vector<std::string> FakeServiceDriver::TakeCalls() {
  MutexLock lock(&node_.mu);
  return std::exchange(node_.calls, {});
}

}  // namespace microovn::supervisor
