// SPDX-License-Identifier: Apache-2.0
// Runs services on this node. Implementations: systemd units, apps of a snap,
// processes of the agent's own, an in-memory fake; one contract test for all.
//
// The contract:
//   - Start, Stop, Restart and Disable begin and return; Observe tells how far
//     it is. Each is idempotent. After Stop, Restart or Disable has returned OK
//     Observe does not report the old daemon as ready.
//   - A started service is started again whenever it ends by itself, until
//     Stop or Disable.
//   - Enable makes the service come back after a reboot or a start of the
//     agent; it starts nothing. Disable is Stop with StopMode::kCleanUp, and
//     the service does not come back.
//   - Stop and Restart keep the data plane (StopMode::kKeepDataPlane).
//   - The data plane outlives the agent: destroying a driver stops nothing,
//     and the next driver finds what runs.
//   - While Hears() is true, Watch's function runs after everything that makes
//     Observe answer differently, be it a daemon's end or an operator's hand.
//     What only a question to the daemon tells, such as that a ready one
//     hangs, is found by looking.
//
// Thread-safe. Calls may block for as long as a control socket or a bus
// answers, a few seconds at most; where the service manager answers only when
// it is done, as snapd, for as long as a daemon may take to stop.
// Errors are those of the driver, not of the daemon: UNAVAILABLE when a bus or
// a file does not answer, NOT_FOUND (SERVICE_NOT_INSTALLED) when the node has
// no such unit. A daemon that does not come up is no error but a phase that
// stays. The caller asks again; no driver keeps a request that it has refused.
#ifndef MICROOVN_SUPERVISOR_SERVICE_SERVICE_DRIVER_H_
#define MICROOVN_SUPERVISOR_SERVICE_SERVICE_DRIVER_H_

#include <sys/types.h>

#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "supervisor/service/service.h"
#include "supervisor/service/service_state.h"

namespace microovn::supervisor {

struct Observation {
  Phase phase = Phase::kStopped;
  bool enabled = false;
  // 0 when nothing runs.
  pid_t pid = 0;
  // When `phase` began, as far as the driver knows.
  // For people: a wall clock that was set moves it.
  absl::Time since;
  // Starts that nobody asked for, since the driver began to count.
  int restarts = 0;
  // See kUnknownExit; empty when it has not ended yet.
  std::optional<int> last_exit;
};

class ServiceDriver {
 public:
  virtual ~ServiceDriver() = default;

  // Remembered across restarts of the agent and of the node, as is Disable.
  virtual absl::Status Enable(Service service) = 0;
  virtual absl::Status Disable(Service service) = 0;
  virtual absl::Status Start(Service service) = 0;
  virtual absl::Status Stop(Service service) = 0;
  virtual absl::Status Restart(Service service) = 0;
  virtual absl::StatusOr<Observation> Observe(Service service) = 0;

  // `changed` runs on a thread of the driver and may call it; once this has
  // been called again, or the driver is gone, it does not run any more. Null
  // ends it. Not from `changed`.
  virtual void Watch(std::function<void()> changed) = 0;
  // May change at any time. False is never wrong, only slower: the caller then
  // looks at everything itself.
  virtual bool Hears() const = 0;
};

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_SERVICE_SERVICE_DRIVER_H_
