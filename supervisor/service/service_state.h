// SPDX-License-Identifier: Apache-2.0
// The life of one daemon as a state machine: what happened in, what to do
// next out. The process driver and the fake driver run it; neither time nor
// processes are touched here.
//
//   stopped --> starting --> ready --> stopping --> stopped
//                  |            |          |
//                  +--> backoff <          +--> starting  (restart)
//                         |
//                         +--> starting
//
// Copyable value, thread-compatible. Times are Clock::Monotonic().
// The owner asks Due, does that one thing, and tells what came of it by one of
// Spawned, SpawnFailed, Probed, Tried or Exited. It may do so without its lock
// if it looks afterwards whether the state is still the one that it asked.
#ifndef MICROOVN_SUPERVISOR_SERVICE_SERVICE_STATE_H_
#define MICROOVN_SUPERVISOR_SERVICE_SERVICE_STATE_H_

#include <sys/types.h>

#include <optional>
#include <ostream>
#include <string>

#include "absl/time/time.h"
#include "supervisor/service/restart_policy.h"
#include "supervisor/service/service_spec.h"

namespace microovn::supervisor {

enum class Phase {
  kStopped,
  kStarting,
  kReady,
  kStopping,
  // Ended by itself and waits to be started again.
  kBackoff,
  // The driver cannot run it, such as a unit that is not installed.
  kFailed,
};

std::string PhaseName(Phase phase);
std::ostream& operator<<(std::ostream& out, Phase phase);

struct Timing {
  RestartPolicy restart;
  absl::Duration probe_interval = absl::Milliseconds(100);
  // How long a daemon may take to obey `exit` before SIGTERM, and SIGTERM
  // before SIGKILL. ovn-controller's exit waits for the southbound database.
  absl::Duration exit_grace = absl::Seconds(20);
  absl::Duration terminate_grace = absl::Seconds(5);
};

// The exit status, 128 + the signal, or this when the daemon was not a child
// of the process that watched it.
inline constexpr int kUnknownExit = -1;

class ServiceState {
 public:
  enum class Action {
    kNone,
    kSpawn,
    kProbe,
    // Over the control socket.
    kAskToExit,
    // SIGTERM and SIGKILL.
    kTerminate,
    kKill,
  };

  // Wishes; each may come in any phase and more than once.
  // The last one counts. A start while the daemon stops is not lost: it is
  // started when it has ended. A stop with kCleanUp is never weakened by a
  // later kKeepDataPlane while the daemon is still stopping.
  void RequestStart(absl::Duration now);
  void RequestStop(StopMode mode, absl::Duration now);
  // Like RequestStart when nothing runs.
  void RequestRestart(absl::Duration now);

  // What is to be done at `now`, and when to ask again if it is kNone.
  Action Due(const Timing& timing, absl::Duration now) const;
  absl::Duration NextDue(const Timing& timing, absl::Duration now) const;

  // What was done and what happened.
  void Spawned(pid_t pid, absl::Duration now);
  void SpawnFailed(const Timing& timing, absl::Duration now);
  // A daemon that runs already. `started` may lie before this state's life.
  // Taken as wanted: stopping what forwards traffic needs somebody to ask for
  // it. It is probed like a new one.
  void Adopted(pid_t pid, absl::Duration started, absl::Duration now);
  void Probed(bool ready, absl::Duration now);
  // The action that Due() named has been tried.
  // Not for kSpawn, which ends in Spawned or SpawnFailed.
  void Tried(Action action, absl::Duration now);
  void Exited(int code, const Timing& timing, absl::Duration now);

  Phase phase() const { return phase_; }
  bool wanted() const { return wanted_; }
  pid_t pid() const { return pid_; }
  absl::Duration since() const { return since_; }
  // Starts that nobody asked for.
  int restarts() const { return restarts_; }
  std::optional<int> last_exit() const { return last_exit_; }
  StopMode stop_mode() const { return stop_mode_; }

 private:
  void Enter(Phase phase, absl::Duration now);
  Action StopActionDue() const;

  Phase phase_ = Phase::kStopped;
  bool wanted_ = false;
  // 0 exactly when no process is known; then phase_ is not kReady.
  pid_t pid_ = 0;
  absl::Duration since_;
  // Of the process; since_ is that of the phase.
  absl::Duration started_;
  bool adopted_ = false;
  int restarts_ = 0;
  RestartHistory history_;
  std::optional<int> last_exit_;
  StopMode stop_mode_ = StopMode::kKeepDataPlane;
  // The last action that was tried in this phase, and when.
  Action tried_ = Action::kNone;
  absl::Duration tried_at_;
};

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_SERVICE_SERVICE_STATE_H_
