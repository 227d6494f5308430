// SPDX-License-Identifier: Apache-2.0
// microovn status, waitready, version.
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/version.h"
#include "ctl/cli/arg_splitter.h"
#include "ctl/cli/global_flags.h"
#include "ctl/commands/commands.h"
#include "ctl/commands/format.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/message.h"
#include "ctl/render/status_contract.h"
#include "ctl/render/status_text.h"
#include "ctl/render/words.h"
#include "gflags/gflags.h"

DEFINE_bool(exit_code, false, "Exit with the health: 0, 10, 11 or 12.");
DEFINE_int32(ready_timeout, 0, "Seconds to wait; 0 waits for ever.");

namespace microovn::ctl {
namespace {

int HealthCode(v1::Health health) {
  switch (health) {
    case v1::HEALTH_HEALTHY:
      return kExitDone;
    case v1::HEALTH_DEGRADED:
      return kExitDegraded;
    case v1::HEALTH_CRITICAL:
      return kExitCritical;
    default:
      return kExitUnknown;
  }
}

absl::StatusOr<int> Status(Session& session, const Invocation&) {
  v1::GetStatusRequest request;
  // A cluster without a quorum is when status matters most.
  request.set_read_consistency(v1::READ_CONSISTENCY_STALE_OK);
  ASSIGN_OR_RETURN(const v1::GetStatusResponse response,
                   session.Call(kGetStatus, request));
  const v1::ClusterStatus& status = response.status();
  const std::string format = ChosenFormat(session, MachineFormats());
  ASSIGN_OR_RETURN(const bool printed,
                   PrintForMachines(session, format, response));
  if (!printed && format == "rich") {
    session.out() << StatusScreen(status, session.clock().Now(),
                                  LookOf(session));
  } else if (!printed) {
    WarnOfStale(session, status.stale());
    session.out() << StatusContract(status);
  }
  return FLAGS_exit_code ? HealthCode(status.health()) : kExitDone;
}

// An agent that waits for bootstrap is ready as well: it can be talked to.
// Who may not talk to it need not wait.
absl::StatusOr<bool> IsReady(Session& session) {
  const auto api = session.Dial();
  if (absl::IsPermissionDenied(api.status())) return api.status();
  if (!api.ok()) return false;
  const auto cluster =
      (*api)->Call(kGetCluster, v1::GetClusterRequest(), absl::Seconds(2));
  return cluster.ok() &&
         (cluster->state() == v1::GetClusterResponse::STATE_READY ||
          cluster->state() == v1::GetClusterResponse::STATE_UNINITIALIZED);
}

absl::StatusOr<int> WaitReady(Session& session, const Invocation&) {
  constexpr absl::Duration kInterval = absl::Milliseconds(500);
  if (FLAGS_ready_timeout < 0) {
    return UsageError("--timeout must not be negative");
  }
  const absl::Duration limit = FLAGS_ready_timeout == 0
                                   ? absl::InfiniteDuration()
                                   : absl::Seconds(FLAGS_ready_timeout);
  const absl::Duration begin = session.clock().Monotonic();
  for (;;) {
    ASSIGN_OR_RETURN(const bool ready, IsReady(session));
    if (ready) return kExitDone;
    if (session.Interrupted()) {
      return MakeError(absl::StatusCode::kCancelled, "stopped waiting",
                       {kReasonInterrupted, "", {}});
    }
    if (session.clock().Monotonic() - begin + kInterval > limit) {
      return MakeError(
          absl::StatusCode::kDeadlineExceeded,
          absl::StrCat("the MicroOVN agent was not ready within ",
                       FLAGS_ready_timeout, " s"),
          {"NOT_READY", "look at its log, and whether microovnd runs", {}});
    }
    session.Sleep(kInterval);
  }
}

absl::StatusOr<int> Version(Session& session, const Invocation&) {
  session.out() << VersionText(session);
  return kExitDone;
}

// The last word of a program's first line, "23.03.1" of
// "ovn-nbctl 23.03.1"; empty when the program is not there.
std::string ProgramVersion(Session& session, const std::string& program) {
  microovn::Command command;
  command.argv = {program, "--version"};
  command.timeout = absl::Seconds(2);
  const auto output = RunForOutput(session.runner(), command);
  if (!output.ok()) return "";
  const std::vector<std::string> lines = absl::StrSplit(*output, '\n');
  const std::vector<std::string> words = absl::StrSplit(lines[0], ' ');
  return Printable(words.back());
}

}  // namespace

std::string VersionText(Session& session) {
  std::string ovn = ProgramVersion(session, "ovn-nbctl");
  std::string ovs = ProgramVersion(session, "ovs-vsctl");
  if (ovn.empty() || ovs.empty()) {
    const auto cluster = session.Call(kGetCluster, v1::GetClusterRequest());
    if (cluster.ok() && ovn.empty()) ovn = Printable(cluster->ovn_version());
    if (cluster.ok() && ovs.empty()) ovs = Printable(cluster->ovs_version());
  }
  return absl::StrCat("microovn: ", kVersion,
                      "\novn: ", ovn.empty() ? "unknown" : ovn,
                      "\nopenvswitch: ", ovs.empty() ? "unknown" : ovs, "\n");
}

Command StatusCommand() {
  Command command;
  command.name = "status";
  command.summary = "Show how the cluster is";
  command.flags = Join({{"exit-code", "exit_code", 0, "", {}}},
                       FormatFlags(MachineFormats()));
  command.details =
      "With --exit-code: 0 healthy, 10 degraded, 11 critical, 12 unknown.";
  command.run = Status;
  return command;
}

Command WaitReadyCommand() {
  Command command;
  command.name = "waitready";
  command.summary = "Wait until the agent answers";
  command.flags = {{"timeout", "ready_timeout", 't', "SECONDS", {}}};
  command.run = WaitReady;
  return command;
}

Command VersionCommand() {
  Command command;
  command.name = "version";
  command.summary = "Print the versions of MicroOVN, OVN and Open vSwitch";
  command.run = Version;
  return command;
}

}  // namespace microovn::ctl
