// SPDX-License-Identifier: Apache-2.0
// Services as apps of a snap, through snapctl. snapd makes the units and starts
// daemons again when they end; what it does not tell, which process a service
// is and whether it is ready, is seen from the daemon's own files.
#ifndef MICROOVN_SUPERVISOR_SNAP_SNAP_DRIVER_H_
#define MICROOVN_SUPERVISOR_SNAP_SNAP_DRIVER_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "base/process/command_runner.h"
#include "base/time/clock.h"
#include "supervisor/service/paths.h"
#include "supervisor/service/service.h"
#include "supervisor/service/service_driver.h"
#include "supervisor/service/service_spec.h"
#include "supervisor/snap/snap_services.h"
#include "supervisor/snap/snap_watch.h"

namespace microovn::supervisor {

class SnapDriver final : public ServiceDriver {
 public:
  struct Options {
    explicit Options(Paths node_paths) : paths(std::move(node_paths)) {}

    Paths paths;
    // $SNAP_INSTANCE_NAME; apps are called INSTANCE.SERVICE.
    std::string instance = "microovn";
    // DescribeService() of `paths` when empty. Pure.
    std::function<ServiceSpec(Service)> describe;
    // How long snapd may take to list services, and to start or stop one: it
    // answers when that is done, and gives a daemon 30 s to stop.
    absl::Duration patience_to_list = absl::Seconds(10);
    absl::Duration patience_to_act = absl::Seconds(60);
  };

  // `runner` and `clock` outlive it.
  // snapctl has no word that enables a service and starts nothing. A service
  // that is enabled before it runs is noted here, and enabled for good by its
  // start. Whoever wants it enabled after a crash in between asks again.
  SnapDriver(Options options, CommandRunner* runner, const Clock* clock);
  ~SnapDriver() override;

  absl::Status Enable(Service service) override;
  absl::Status Disable(Service service) override;
  absl::Status Start(Service service) override;
  absl::Status Stop(Service service) override;
  absl::Status Restart(Service service) override;
  absl::StatusOr<Observation> Observe(Service service) override;
  void Watch(std::function<void()> changed) override;
  bool Hears() const override;

 private:
  // What snapctl said, the watch's version from before, and when.
  struct Table {
    std::map<std::string, SnapService> services;
    std::optional<uint64_t> version;
    absl::Duration at;
  };
  // What the driver remembers of a service between two looks.
  struct Track {
    Phase phase = Phase::kStopped;
    absl::Time since;
    // The last process; it may have ended.
    pid_t pid = 0;
    // Whether somebody asked for its end.
    bool end_expected = false;
    // It has ended by itself, and no other has come.
    bool missed = false;
    int restarts = 0;
    std::optional<int> last_exit;
  };

  std::string AppName(Service service) const;
  // NOT_FOUND with SERVICE_NOT_INSTALLED when the snap has no such app,
  // UNAVAILABLE when snapd does not answer.
  absl::StatusOr<SnapService> App(Service service) ABSL_LOCKS_EXCLUDED(mu_);
  // `snapctl WORDS APP`; one at a time, for snapd refuses a second change of
  // the same snap.
  absl::Status Act(std::vector<std::string> words, Service service)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(act_mu_) ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<std::string> Ask(const std::vector<std::string>& words,
                                  absl::Duration patience);
  void ExpectEnd(Service service) ABSL_LOCKS_EXCLUDED(mu_);
  bool NotedEnabled(Service service) const ABSL_LOCKS_EXCLUDED(mu_);
  void NoteEnabled(Service service, bool enabled) ABSL_LOCKS_EXCLUDED(mu_);
  std::optional<uint64_t> Version() const ABSL_LOCKS_EXCLUDED(watch_mu_);

  const Options options_;
  CommandRunner& runner_;
  const Clock& clock_;

  // Held while snapctl acts. Taken before mu_.
  Mutex act_mu_;

  mutable Mutex mu_;
  std::optional<Table> table_ ABSL_GUARDED_BY(mu_);
  std::map<Service, Track> tracks_ ABSL_GUARDED_BY(mu_);
  std::set<Service> enable_at_start_ ABSL_GUARDED_BY(mu_);
  // Counts what makes a table old that is being read.
  uint64_t acts_ ABSL_GUARDED_BY(mu_) = 0;

  // Never held together with mu_, nor while the watch's function runs.
  mutable Mutex watch_mu_;
  std::unique_ptr<SnapWatch> watch_ ABSL_GUARDED_BY(watch_mu_);
};

// What a service is doing, from whether its app is active, its process (0 for
// none) and whether that is ready. Pure.
Phase SnapPhase(bool active, pid_t pid, bool ready);

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_SNAP_SNAP_DRIVER_H_
