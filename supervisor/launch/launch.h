// SPDX-License-Identifier: Apache-2.0
// Becomes a service: waits for its gate, prepares, executes the daemon in
// place. `microovnd --launch=SERVICE` calls it; that is what systemd's units,
// the snap's apps and the process driver start, so every driver runs the same
// thing, and the environment file is read anew at each start.
//
// Only for a process with one thread.
// The process becomes the daemon, so its pid, its cgroup and the descriptors
// that systemd gave it stay: to systemd it has been the main process from the
// start, and no wrapper is left to pass signals on.
#ifndef MICROOVN_SUPERVISOR_LAUNCH_LAUNCH_H_
#define MICROOVN_SUPERVISOR_LAUNCH_LAUNCH_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/process/command_runner.h"
#include "supervisor/launch/launch_plan.h"
#include "supervisor/service/paths.h"
#include "supervisor/service/service.h"
#include "supervisor/service/service_spec.h"

namespace microovn::supervisor {

// Where this installation's programs and schemas are: in our snap, if this
// program runs out of it, else in the system.
LaunchOptions InstalledOptions();

// Returns only when it failed. Waits for the gate for ever; SIGTERM, whose
// default action it restores, ends the wait.
// The wait has no end because what it waits for may come only when another
// member is back; the driver shows it as starting meanwhile.
absl::Status ExecService(Service service, const Paths& paths,
                         const LaunchOptions& options);

// Asks the daemon over its control socket to end and waits until it has.
// OK when nothing runs; DEADLINE_EXCEEDED when it goes on. For
// `microovnd --stop-service=SERVICE`, the ExecStop of systemd's units.
// By its own command and not by SIGTERM: only that carries the stop mode.
// Whoever called it kills the daemon when this fails.
absl::Status StopService(Service service, const Paths& paths, StopMode mode,
                         absl::Duration timeout);

// The stop mode travels to ExecStop in a file: the driver leaves the request
// before it stops the unit, the next launch takes it away.
// systemd.service(5): StopUnit has no argument that an ExecStop could see.
absl::Status RequestCleanUp(Service service, const Paths& paths);
// When the stop that it was for does not come.
void CancelCleanUp(Service service, const Paths& paths);
StopMode RequestedStopMode(Service service, const Paths& paths);

// The parts, for tests and for tools that need OVN's programs.

// Once; not OK says what is missing.
absl::Status CheckGate(const LaunchPlan& plan, const LaunchOptions& options,
                       CommandRunner& runner);
// May be run again after a crash at any point: each step looks first whether it
// has been done.
absl::Status Prepare(const LaunchPlan& plan, const LaunchOptions& options,
                     CommandRunner& runner);
// The path of a program of Open vSwitch or OVN; NOT_FOUND names it.
absl::StatusOr<std::string> FindProgram(const std::string& name,
                                        const LaunchOptions& options);

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_LAUNCH_LAUNCH_H_
