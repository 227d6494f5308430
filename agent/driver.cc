// SPDX-License-Identifier: Apache-2.0
#include "agent/driver.h"

#include <stdlib.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/process/command_runner.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "supervisor/choose_driver.h"
#include "supervisor/process/process_driver.h"
#include "supervisor/service/service.h"
#include "supervisor/snap/snap_driver.h"
#include "supervisor/systemd/systemd_driver.h"

namespace microovn::agent {
namespace {

absl::StatusOr<std::unique_ptr<supervisor::ServiceDriver>> MakeProcessDriver(
    const AgentOptions& options, const supervisor::Paths& paths,
    const Clock* clock) {
  supervisor::ProcessDriver::Options process(paths);
  process.launch = [program = options.program,
                    root = options.root](supervisor::Service service) {
    return std::vector<std::string>{
        program, absl::StrCat("--launch=", supervisor::ServiceName(service)),
        absl::StrCat("--root=", root)};
  };
  ASSIGN_OR_RETURN(
      std::unique_ptr<supervisor::ProcessDriver> driver,
      supervisor::ProcessDriver::Create(std::move(process), clock));
  return driver;
}

}  // namespace

absl::StatusOr<std::unique_ptr<supervisor::ServiceDriver>> MakeDriver(
    const AgentOptions& options, const supervisor::Paths& paths,
    const Clock* clock) {
  ASSIGN_OR_RETURN(
      const supervisor::DriverKind kind,
      supervisor::ChooseDriver(supervisor::ReadHostFacts(),
                               options.driver == "auto" ? "" : options.driver));
  LOG(INFO) << "services are run by the driver "
            << supervisor::DriverName(kind);
  switch (kind) {
    case supervisor::DriverKind::kProcess:
      return MakeProcessDriver(options, paths, clock);
    case supervisor::DriverKind::kSystemd: {
      supervisor::SystemdDriver::Options systemd(paths);
      systemd.prefix = options.unit_prefix;
      return std::make_unique<supervisor::SystemdDriver>(std::move(systemd));
    }
    case supervisor::DriverKind::kSnap: {
      supervisor::SnapDriver::Options snap(paths);
      // Where the driver was asked for outside of a snap, snapctl says so.
      const char* const instance = getenv("SNAP_INSTANCE_NAME");
      if (instance != nullptr) snap.instance = instance;
      return std::make_unique<supervisor::SnapDriver>(
          std::move(snap), &CommandRunner::Real(), clock);
    }
  }
  return absl::InternalError("there is no such driver");
}

}  // namespace microovn::agent
