// SPDX-License-Identifier: Apache-2.0
// How a service is started: what to wait for, what to prepare, what to
// execute. All daemons run in the foreground, so that whoever starts them
// (systemd, snapd, the process driver) is their parent.
//
// Pure: nothing is looked up or touched; the same inputs give the same plan.
#ifndef MICROOVN_SUPERVISOR_LAUNCH_LAUNCH_PLAN_H_
#define MICROOVN_SUPERVISOR_LAUNCH_LAUNCH_PLAN_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "supervisor/launch/env_file.h"
#include "supervisor/service/paths.h"
#include "supervisor/service/service.h"

namespace microovn::supervisor {

struct LaunchOptions {
  // Where programs are searched, before PATH.
  std::vector<std::string> program_directories = {
      "/usr/bin", "/usr/sbin", "/usr/share/openvswitch/scripts",
      "/usr/share/ovn/scripts"};
  // Where their schemas are.
  std::string ovs_share = "/usr/share/openvswitch";
  std::string ovn_share = "/usr/share/ovn";
  // Of database clusters that this node creates. OVN's own default: losing a
  // leader costs a second or two of writes.
  absl::Duration election_timer = absl::Seconds(1);
};

// Of programs and schemas that lie in `tree` as Debian's packages have them in
// /: a snap's files, for one.
LaunchOptions OptionsBelow(absl::string_view tree);

// Open when the socket answers and the command, if any, exits 0 with `expected`
// in its output. Empty: nothing to wait for.
struct Gate {
  std::string waiting_for;
  std::string socket;
  std::vector<std::string> argv;
  std::string expected;
};

// Done in order, before the daemon. A failure ends the launch, and the next
// start by the driver tries again.
struct PreparationStep {
  enum class Kind {
    // Makes `file` with argv, which writes `file`.new; skipped when it is
    // there. A crash in between leaves no half database.
    kCreate,
    // Converts the stand-alone database `file` to `schema` when it has an
    // older one; a copy is kept in `file`.backup.
    kConvert,
    // Runs argv.
    kRun,
  };
  Kind kind = Kind::kRun;
  std::string purpose;
  std::string file;
  std::string schema;
  std::vector<std::string> argv;
};

struct LaunchPlan {
  Gate gate;
  std::vector<PreparationStep> preparation;
  // argv[0] and those of steps and gates are names, to be resolved with
  // LaunchOptions::program_directories and PATH.
  std::vector<std::string> argv;
  // Added to what the launcher inherits.
  std::map<std::string, std::string> environment;
};

// FAILED_PRECONDITION when `env` lacks the addresses that the service needs.
absl::StatusOr<LaunchPlan> PlanLaunch(Service service, const Paths& paths,
                                      const LaunchOptions& options,
                                      const EnvFile& env);

// Of ovs-vsctl, ovn-nbctl, ovs-appctl and the like, and of every daemon.
std::map<std::string, std::string> ToolEnvironment(
    const Paths& paths, const LaunchOptions& options);

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_LAUNCH_LAUNCH_PLAN_H_
