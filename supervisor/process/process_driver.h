// SPDX-License-Identifier: Apache-2.0
// The agent runs the daemons itself: the driver of containers, network
// namespaces and machines without systemd.
//
// One thread watches the daemons by pidfd and starts them again by the restart
// policy. A record per daemon (pid, start time, boot) lets the next driver
// adopt what runs; a daemon without a record is recognized by the lock on its
// pid file. The set of enabled services is in a file, and Create starts them.
#ifndef MICROOVN_SUPERVISOR_PROCESS_PROCESS_DRIVER_H_
#define MICROOVN_SUPERVISOR_PROCESS_PROCESS_DRIVER_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/file/unique_fd.h"
#include "base/mutex.h"
#include "base/time/clock.h"
#include "supervisor/process/daemon_process.h"
#include "supervisor/service/paths.h"
#include "supervisor/service/service.h"
#include "supervisor/service/service_driver.h"
#include "supervisor/service/service_spec.h"
#include "supervisor/service/service_state.h"

namespace microovn::supervisor {

class ProcessDriver final : public ServiceDriver {
 public:
  struct Options {
    explicit Options(Paths node_paths) : paths(std::move(node_paths)) {}

    Paths paths;
    // The command that becomes the daemon, such as
    // {"/usr/sbin/microovnd", "--launch=switch"}. Required; a pure function.
    // Called on the driver's thread.
    std::function<std::vector<std::string>(Service)> launch;
    // DescribeService() of `paths` when empty. Pure.
    std::function<ServiceSpec(Service)> describe;
    Timing timing;
    // Of each daemon's logs/NAME.console.log; one older file is kept.
    size_t console_limit = 1 << 20;
  };

  // Adopts what runs and starts what is enabled. `clock` outlives the driver.
  // Fails, with nothing started, when the directories cannot be made or the set
  // of enabled services cannot be read.
  static absl::StatusOr<std::unique_ptr<ProcessDriver>> Create(
      Options options, const Clock* clock);
  // Leaves the daemons alone.
  // Joins the thread, which may be asking a control socket: a second or two.
  ~ProcessDriver() override;

  absl::Status Enable(Service service) override;
  absl::Status Disable(Service service) override;
  absl::Status Start(Service service) override;
  absl::Status Stop(Service service) override;
  absl::Status Restart(Service service) override;
  absl::StatusOr<Observation> Observe(Service service) override;
  void Watch(std::function<void()> changed) override;
  // Everything that happens goes through its own thread.
  bool Hears() const override { return true; }

 private:
  // `process` is there exactly as long as state.pid() is not 0. Only the thread
  // takes it away, which is why it may use its descriptor without the lock.
  struct Daemon {
    ServiceState state;
    std::optional<DaemonProcess> process;
  };

  ProcessDriver(Options options, const Clock* clock, UniqueFd wake);

  absl::Status SaveEnabled(const std::set<Service>& enabled)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  // Takes over the daemon if it runs; false when it does not.
  bool Adopt(Service service) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  std::optional<DaemonProcess> FindRunning(Service service) const;

  void Wake();
  void Run();
  // Waits until a daemon ends, something is due or Wake() is called.
  void WaitForWork();
  void TellOfChanges();
  void ReapEnded(Service service);
  void DoWhatIsDue(Service service);
  void Spawn(Service service) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Those that talk to the daemon do so without the lock.
  void Probe(Service service, const ServiceState& before);
  void AskToExit(Service service, const ServiceState& before);
  void SendSignal(Service service, ServiceState::Action action)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  std::string RecordPath(Service service) const;
  std::string ConsolePath(Service service) const;

  const Options options_;
  const Clock& clock_;
  const UniqueFd wake_;

  mutable Mutex mu_;
  std::map<Service, Daemon> daemons_ ABSL_GUARDED_BY(mu_);
  std::set<Service> enabled_ ABSL_GUARDED_BY(mu_);
  bool closing_ ABSL_GUARDED_BY(mu_) = false;

  // Held while it is told; the thread's own: what it was told of last.
  Mutex watch_mu_;
  std::function<void()> changed_ ABSL_GUARDED_BY(watch_mu_);
  struct Told {
    std::map<Service, std::pair<Phase, pid_t>> daemons;
    std::set<Service> enabled;
  };
  Told told_;

  // Started last, joined by the destructor.
  std::thread thread_;
};

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_PROCESS_PROCESS_DRIVER_H_
