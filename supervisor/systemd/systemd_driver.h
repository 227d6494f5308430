// SPDX-License-Identifier: Apache-2.0
// Services as systemd units, through sd-bus. The units come with the package
// (see unit_file.h) and launch what the catalogue says; systemd starts them
// again when they end.
#ifndef MICROOVN_SUPERVISOR_SYSTEMD_SYSTEMD_DRIVER_H_
#define MICROOVN_SUPERVISOR_SYSTEMD_SYSTEMD_DRIVER_H_

#include <systemd/sd-bus.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "supervisor/service/paths.h"
#include "supervisor/service/service.h"
#include "supervisor/service/service_driver.h"
#include "supervisor/service/service_spec.h"
#include "supervisor/systemd/systemd_unit.h"
#include "supervisor/systemd/systemd_watch.h"

namespace microovn::supervisor {

class SystemdDriver final : public ServiceDriver {
 public:
  struct Options {
    explicit Options(Paths node_paths) : paths(std::move(node_paths)) {}

    Paths paths;
    // Of the units' names; "snap.microovn." is MicroOVN's own.
    // Of the installation, never from the wire: with a service's name it is all
    // that is ever sent to systemd as a unit.
    std::string prefix = "microovn.";
    // DescribeService() of `paths` when empty. Pure.
    std::function<ServiceSpec(Service)> describe;
    // How long one call below waits for systemd, however many questions it
    // asks: the lock is held as long.
    absl::Duration patience = absl::Seconds(10);
  };

  // The bus is opened at the first call, and again after it has gone away.
  // While it hears of changes, what it saw of a service that rests is its
  // answer until there is news or it is old.
  // Calls are made on the caller's thread, one at a time, and wait for systemd
  // for Options::patience together.
  explicit SystemdDriver(Options options);
  ~SystemdDriver() override;

  absl::Status Enable(Service service) override;
  absl::Status Disable(Service service) override;
  absl::Status Start(Service service) override;
  absl::Status Stop(Service service) override;
  absl::Status Restart(Service service) override;
  absl::StatusOr<Observation> Observe(Service service) override;
  void Watch(std::function<void()> changed) override;
  bool Hears() const override;

 private:
  // What was seen, and the watch's version from before.
  // Kept of phases that rest only; what is on its way is looked at each time.
  struct Seen {
    Observation observation;
    uint64_t version = 0;
    absl::Duration at;
  };

  struct CloseBus {
    void operator()(sd_bus* bus) const { sd_bus_flush_close_unref(bus); }
  };
  using Bus = std::unique_ptr<sd_bus, CloseBus>;

  // A call begins: what it asks has its patience from now on.
  void Begin() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // For one question, with the time that is left for it.
  absl::StatusOr<sd_bus*> OpenBus() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // The status of a call's result; a broken connection is closed.
  // NOT_FOUND with SERVICE_NOT_INSTALLED when there is no such unit,
  // UNAVAILABLE for all else.
  absl::Status Outcome(int result, const sd_bus_error& error, Service service)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Start-, Stop-, RestartUnit. `refused`, if not null: systemd has answered
  // that it does not.
  absl::Status UnitJob(const char* method, Service service,
                       bool* refused = nullptr)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status ResetFailed(Service service) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::StatusOr<std::string> UnitFileState(Service service)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::StatusOr<std::string> UnitPath(Service service)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::StatusOr<UnitFacts> Facts(Service service)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::StatusOr<Observation> Look(Service service) ABSL_LOCKS_EXCLUDED(mu_);
  // Something is about to be done to it: its next Observe looks, and what is
  // being seen now is not kept.
  // systemd's signal about our own act may come later than our next question.
  void Forget(Service service) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  std::optional<uint64_t> Version() const ABSL_LOCKS_EXCLUDED(watch_mu_);

  const Options options_;

  // An sd_bus is not thread-safe.
  Mutex mu_;
  Bus bus_ ABSL_GUARDED_BY(mu_);
  // Of the call under way, on Clock::Monotonic().
  absl::Duration deadline_ ABSL_GUARDED_BY(mu_);
  // systemd forgets it when the next process starts.
  std::map<Service, int> last_exits_ ABSL_GUARDED_BY(mu_);
  std::map<Service, Seen> seen_ ABSL_GUARDED_BY(mu_);
  uint64_t acts_ ABSL_GUARDED_BY(mu_) = 0;

  // Never held together with mu_, nor while the watch's function runs.
  mutable Mutex watch_mu_;
  std::unique_ptr<SystemdWatch> watch_ ABSL_GUARDED_BY(watch_mu_);
};

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_SYSTEMD_SYSTEMD_DRIVER_H_
