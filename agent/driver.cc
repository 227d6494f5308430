#include "agent/driver.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "glog/logging.h"
#include "supervisor/choose_driver.h"
#include "supervisor/process/process_driver.h"
#include "supervisor/service/service.h"
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
    case supervisor::DriverKind::kSnap:
      break;
  }
  return MakeError(absl::StatusCode::kUnimplemented,
                   "this build cannot drive the services of a snap",
                   {"SNAP_DRIVER_MISSING", "choose --driver=process"});
}

}  // namespace microovn::agent
