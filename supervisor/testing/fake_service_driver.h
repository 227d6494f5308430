// SPDX-License-Identifier: Apache-2.0
// A driver in memory: daemons are numbers, their ends are scripted, time is
// the given clock's. Keeps the driver's contract. Thread-safe.
// It runs the ServiceState that the process driver runs and passes the same
// contract tests, so what a test of the supervisor sees is what daemons do.
// Daemons live as long as the FakeNode: another driver on it is a restarted
// agent.
#ifndef MICROOVN_SUPERVISOR_TESTING_FAKE_SERVICE_DRIVER_H_
#define MICROOVN_SUPERVISOR_TESTING_FAKE_SERVICE_DRIVER_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "base/time/clock.h"
#include "supervisor/service/service.h"
#include "supervisor/service/service_driver.h"
#include "supervisor/service/service_state.h"

namespace microovn::supervisor {

// The node: what survives the driver.
struct FakeNode {
  Mutex mu;
  std::map<Service, ServiceState> states ABSL_GUARDED_BY(mu);
  std::set<Service> enabled ABSL_GUARDED_BY(mu);
  // Daemons that never become ready, or that do not obey.
  std::set<Service> unready ABSL_GUARDED_BY(mu);
  std::set<Service> stubborn ABSL_GUARDED_BY(mu);
  // Errors that calls about a service return.
  std::map<Service, absl::Status> broken ABSL_GUARDED_BY(mu);
  // "start switch", "disable chassis", ... in the order of the calls.
  std::vector<std::string> calls ABSL_GUARDED_BY(mu);
  pid_t next_pid ABSL_GUARDED_BY(mu) = 100;
};

class FakeServiceDriver final : public ServiceDriver {
 public:
  // Borrows both, which outlive it.
  FakeServiceDriver(FakeNode* node, const Clock* clock)
      : node_(*node), clock_(*clock) {}

  absl::Status Enable(Service service) override;
  absl::Status Disable(Service service) override;
  absl::Status Start(Service service) override;
  absl::Status Stop(Service service) override;
  absl::Status Restart(Service service) override;
  absl::StatusOr<Observation> Observe(Service service) override;
  // Tells of what End and SetReady do. Of what time does it knows only when it
  // is asked, so it hears only if the script says so.
  void Watch(std::function<void()> changed) override;
  bool Hears() const override;
  void SetHears(bool hears);

  // The script: the daemon ends with `code` although nobody asked it to.
  void End(Service service, int code);
  void SetReady(Service service, bool ready);
  void SetStubborn(Service service, bool stubborn);
  void SetError(Service service, absl::Status error);
  std::vector<std::string> TakeCalls();

 private:
  absl::Status Note(const char* verb, Service service)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(node_.mu);
  void Settle(Service service) ABSL_EXCLUSIVE_LOCKS_REQUIRED(node_.mu);
  void Act(Service service, ServiceState::Action action)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(node_.mu);

  void Tell();

  FakeNode& node_;
  const Clock& clock_;
  const Timing timing_;

  mutable Mutex watch_mu_;
  std::function<void()> changed_ ABSL_GUARDED_BY(watch_mu_);
  bool hears_ ABSL_GUARDED_BY(watch_mu_) = false;
};

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_TESTING_FAKE_SERVICE_DRIVER_H_
