// SPDX-License-Identifier: Apache-2.0
// Keeps the services of this node as the replicated state wants them: wanted
// services in, observed states out. Level-triggered: it compares and acts
// until they agree, and again whenever they do not.
//
// The services reconciler owns one. Until the first SetWanted nothing is
// touched: an agent that has no state yet knows nothing about its services.
// Destroying it stops no service. Thread-safe, but for Step.
// It keeps no list of what it has done: a daemon that an operator stops by hand
// comes back like one that crashed, and after a restart of the agent the first
// look tells all.
#ifndef MICROOVN_SUPERVISOR_SUPERVISOR_H_
#define MICROOVN_SUPERVISOR_SUPERVISOR_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "base/time/clock.h"
#include "supervisor/service/service.h"
#include "supervisor/service/service_driver.h"

namespace microovn::supervisor {

struct ServiceReport {
  Observation observation;
  // What the driver answered last when it refused; OK otherwise.
  absl::Status error;
};

using ServiceReports = std::map<Service, ServiceReport>;

class Supervisor {
 public:
  struct Options {
    // Between two looks: the first after a change while something is under
    // way, then longer and longer, up to the second.
    absl::Duration busy_interval = absl::Milliseconds(100);
    absl::Duration idle_interval = absl::Seconds(2);
    // The same when all is as wanted and the driver tells of changes.
    absl::Duration quiet_interval = absl::Seconds(30);
    // Called on the supervisor's thread, without a lock, when a phase, a pid,
    // an error or whether a service is enabled has changed.
    // It may call this object, but must not destroy it or wait for it.
    std::function<void(const ServiceReports&)> on_change;
  };

  // `driver` and `clock` outlive it.
  Supervisor(ServiceDriver* driver, const Clock* clock, Options options);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // Starts the thread. Call once.
  // And not if Step is called by hand.
  void Start();

  // Services that these require are added.
  // Replaces what was wanted before. Returns at once; what it leads to is seen
  // in the reports.
  void SetWanted(const std::set<Service>& services);

  // Ends the daemon, keeping the data plane, and starts it again.
  // FAILED_PRECONDITION when it is not wanted on this node.
  // OK means asked for: it is done by the next step, and repeated until the
  // driver takes it. Asking twice before that is one restart.
  absl::Status RestartService(Service service);

  // As of the last look; empty before the first.
  ServiceReports Observed() const;

  // For tests: waits until everything asked for so far is as wanted.
  // DEADLINE_EXCEEDED names what is not, with its state and error.
  absl::Status WaitSettled(absl::Duration timeout);

  // One look and what follows from it; whether anything differs from the last
  // one. The thread calls it; tests may instead, from one thread at a time.
  bool Step();

  // How long nothing need be looked at after a step, unless it is told
  // otherwise: `last` was the time between the two before it.
  absl::Duration NextLook(absl::Duration last, bool changed) const;

 private:
  ServiceReports Look();
  // What is seen after doing what follows from `seen`.
  ServiceReports Act(const std::set<Service>& wanted,
                     const std::set<Service>& restarts, ServiceReports seen);
  absl::Status Unsettlement() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // The driver says that there is something to see.
  void LookAgain();
  void Run();

  ServiceDriver& driver_;
  const Clock& clock_;
  const Options options_;

  // Never held while the driver is called: it may block for seconds, and its
  // watch may call LookAgain from another thread.
  mutable Mutex mu_;
  CondVar changed_;
  // Empty until somebody knows, which is not the same as wanting nothing.
  std::optional<std::set<Service>> wanted_ ABSL_GUARDED_BY(mu_);
  // Asked for and not done yet.
  std::set<Service> restarts_ ABSL_GUARDED_BY(mu_);
  ServiceReports reports_ ABSL_GUARDED_BY(mu_);
  // Requests so far, and those that the last finished Step knew of. Then how
  // often the driver told of a change, and what the last Step began after.
  uint64_t requests_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t served_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t told_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t seen_ ABSL_GUARDED_BY(mu_) = 0;
  bool closing_ ABSL_GUARDED_BY(mu_) = false;

  std::thread thread_;
};

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_SUPERVISOR_H_
