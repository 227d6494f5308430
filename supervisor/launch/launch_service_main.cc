// SPDX-License-Identifier: Apache-2.0
// launch_service ROOT SERVICE becomes the service; with "--stop" or
// "--clean-up" after it, asks the running one to end. What `microovnd
// --launch` does, for tests and for trying a daemon by hand.
#include <iostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "supervisor/launch/launch.h"
#include "supervisor/launch/launch_plan.h"
#include "supervisor/service/paths.h"
#include "supervisor/service/service.h"
#include "supervisor/service/service_spec.h"

namespace microovn::supervisor {
namespace {

absl::Status Main(const std::vector<std::string>& arguments) {
  if (arguments.size() < 2) {
    return absl::InvalidArgumentError("usage: launch_service ROOT SERVICE");
  }
  const Paths paths(arguments[0]);
  const absl::StatusOr<Service> service = ParseService(arguments[1]);
  if (!service.ok()) return service.status();
  if (arguments.size() == 2) {
    return ExecService(*service, paths, LaunchOptions());
  }
  // Of the two, the one that keeps traffic going is what a mistyped word gets.
  const StopMode mode = arguments[2] == "--clean-up" ? StopMode::kCleanUp
                                                     : StopMode::kKeepDataPlane;
  return StopService(*service, paths, mode, absl::Seconds(20));
}

}  // namespace
}  // namespace microovn::supervisor

int main(int argc, char** argv) {
  const absl::Status status =
      microovn::supervisor::Main({argv + 1, argv + argc});
  if (status.ok()) return 0;
  std::cerr << status << "\n";
  return 1;
}
