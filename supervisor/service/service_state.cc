// SPDX-License-Identifier: Apache-2.0
#include "supervisor/service/service_state.h"

namespace microovn::supervisor {

std::string PhaseName(Phase phase) {
  switch (phase) {
    case Phase::kStopped:
      return "stopped";
    case Phase::kStarting:
      return "starting";
    case Phase::kReady:
      return "ready";
    case Phase::kStopping:
      return "stopping";
    case Phase::kBackoff:
      return "backoff";
    case Phase::kFailed:
      return "failed";
  }
  return "";
}

std::ostream& operator<<(std::ostream& out, Phase phase) {
  return out << PhaseName(phase);
}

void ServiceState::Enter(Phase phase, absl::Duration now) {
  phase_ = phase;
  since_ = now;
  tried_ = Action::kNone;
  tried_at_ = now;
}

void ServiceState::RequestStart(absl::Duration now) {
  wanted_ = true;
  // Otherwise it runs, or will: kBackoff keeps its delay, or a start that is
  // repeated every moment would defeat it.
  if (phase_ == Phase::kStopped || phase_ == Phase::kFailed) {
    history_ = RestartHistory();
    Enter(Phase::kStarting, now);
  }
}

void ServiceState::RequestStop(StopMode mode, absl::Duration now) {
  wanted_ = false;
  if (pid_ == 0) {
    if (phase_ != Phase::kStopped) Enter(Phase::kStopped, now);
    return;
  }
  // A service that is disabled while it stops has to be asked once more: the
  // first request told it to leave its flows.
  const bool more = mode == StopMode::kCleanUp && stop_mode_ != mode;
  if (phase_ == Phase::kStopping && !more) return;
  stop_mode_ = mode;
  Enter(Phase::kStopping, now);
}

void ServiceState::RequestRestart(absl::Duration now) {
  if (pid_ == 0 && phase_ != Phase::kBackoff) {
    RequestStart(now);
    return;
  }
  wanted_ = true;
  history_ = RestartHistory();
  // Somebody asked, so the delay is over and the earlier ends are forgotten.
  if (phase_ == Phase::kBackoff) {
    Enter(Phase::kStarting, now);
  } else if (phase_ != Phase::kStopping) {
    stop_mode_ = StopMode::kKeepDataPlane;
    Enter(Phase::kStopping, now);
  }
}

ServiceState::Action ServiceState::Due(const Timing& timing,
                                       absl::Duration now) const {
  if (now < NextDue(timing, now)) return Action::kNone;
  switch (phase_) {
    case Phase::kStarting:
      return pid_ == 0 ? Action::kSpawn : Action::kProbe;
    case Phase::kBackoff:
      return Action::kSpawn;
    case Phase::kStopping:
      return StopActionDue();
    case Phase::kStopped:
    case Phase::kReady:
    case Phase::kFailed:
      return Action::kNone;
  }
  return Action::kNone;
}

// Each only after the one before had its time. SIGKILL is repeated: a process
// in uninterruptible sleep ends when its disk answers.
ServiceState::Action ServiceState::StopActionDue() const {
  switch (tried_) {
    case Action::kNone:
      return Action::kAskToExit;
    case Action::kAskToExit:
      return Action::kTerminate;
    default:
      return Action::kKill;
  }
}

absl::Duration ServiceState::NextDue(const Timing& timing,
                                     absl::Duration now) const {
  switch (phase_) {
    case Phase::kStarting:
      if (pid_ == 0 || tried_ == Action::kNone) return now;
      return tried_at_ + timing.probe_interval;
    case Phase::kBackoff:
      return since_ + DelayBeforeRestart(timing.restart, history_);
    case Phase::kStopping:
      if (tried_ == Action::kNone) return now;
      return tried_at_ + (tried_ == Action::kAskToExit
                              ? timing.exit_grace
                              : timing.terminate_grace);
    case Phase::kStopped:
    case Phase::kReady:
    case Phase::kFailed:
      return absl::InfiniteDuration();
  }
  return absl::InfiniteDuration();
}

void ServiceState::Spawned(pid_t pid, absl::Duration now) {
  // A start after a stop or a restart that was asked for comes from kStarting.
  if (phase_ == Phase::kBackoff) ++restarts_;
  pid_ = pid;
  started_ = now;
  adopted_ = false;
  Enter(Phase::kStarting, now);
}

void ServiceState::SpawnFailed(const Timing& timing, absl::Duration now) {
  history_ = AfterEnd(timing.restart, history_, absl::ZeroDuration());
  Enter(Phase::kBackoff, now);
}

void ServiceState::Adopted(pid_t pid, absl::Duration started,
                           absl::Duration now) {
  wanted_ = true;
  pid_ = pid;
  started_ = started;
  adopted_ = true;
  Enter(Phase::kStarting, now);
  // Enter took the time of the adoption; people ask how long it has run.
  since_ = started;
}

void ServiceState::Probed(bool ready, absl::Duration now) {
  // It was asked to stop while it was being probed.
  if (phase_ != Phase::kStarting) return;
  if (ready) {
    Enter(Phase::kReady, now);
    // It was ready before anybody looked.
    if (adopted_) since_ = started_;
  } else {
    Tried(Action::kProbe, now);
  }
}

void ServiceState::Tried(Action action, absl::Duration now) {
  tried_ = action;
  tried_at_ = now;
}

void ServiceState::Exited(int code, const Timing& timing, absl::Duration now) {
  pid_ = 0;
  last_exit_ = code;
  // Before Enter changes it. A wish to clean up ends with this life.
  const bool asked_to_stop = phase_ == Phase::kStopping;
  stop_mode_ = StopMode::kKeepDataPlane;
  if (!wanted_) {
    Enter(Phase::kStopped, now);
  } else if (asked_to_stop) {
    Enter(Phase::kStarting, now);
  } else {
    history_ = AfterEnd(timing.restart, history_, now - started_);
    Enter(Phase::kBackoff, now);
  }
}

}  // namespace microovn::supervisor
