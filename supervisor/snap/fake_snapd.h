// SPDX-License-Identifier: Apache-2.0
// A snapd in memory with real processes: it answers snapctl's commands about
// services, starts daemons again when they end, and brings enabled ones back
// when the node starts. It outlives the driver, as snapd does. Thread-safe.
// In this it is like snapd 2.68: start and stop return when it is done, an app
// that was started without --enable is not there after a boot, and no word
// enables what it does not start.
#ifndef MICROOVN_SUPERVISOR_SNAP_FAKE_SNAPD_H_
#define MICROOVN_SUPERVISOR_SNAP_FAKE_SNAPD_H_

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "base/process/command_runner.h"
#include "supervisor/service/service.h"

namespace microovn::supervisor {

class FakeSnapd final : public CommandRunner {
 public:
  // The command line of a service's daemon, which runs in the foreground.
  using Launch = std::function<std::vector<std::string>(Service)>;

  explicit FakeSnapd(Launch launch);
  // Ends the daemons.
  ~FakeSnapd() override;

  absl::StatusOr<CommandResult> Run(const Command& command) override;

  // All daemons end, the enabled ones start.
  void Reboot();
  // What every command but "services" prints to stderr and fails with from now
  // on; empty ends it.
  void Refuse(std::string words);
  // Whether the snap has the app.
  void SetInstalled(Service service, bool installed);
  // The command lines so far that change something.
  std::vector<std::string> TakeActs();
  // How often services were listed since the last call.
  int TakeQuestions();

 private:
  struct App {
    bool installed = true;
    bool enabled = false;
    bool wanted = false;
    pid_t pid = 0;
  };

  std::string Services() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  CommandResult Act(const std::vector<std::string>& argv)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Spawn(Service service) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void End(Service service) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Keep() ABSL_LOCKS_EXCLUDED(mu_);

  const Launch launch_;
  mutable Mutex mu_;
  CondVar changed_;
  std::map<Service, App> apps_ ABSL_GUARDED_BY(mu_);
  std::string refusal_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> acts_ ABSL_GUARDED_BY(mu_);
  int questions_ ABSL_GUARDED_BY(mu_) = 0;
  bool closing_ ABSL_GUARDED_BY(mu_) = false;
  // Started last: systemd's part.
  std::thread keeper_;
};

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_SNAP_FAKE_SNAPD_H_
