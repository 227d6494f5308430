// SPDX-License-Identifier: Apache-2.0
// microovn enable, disable.
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "ctl/cli/global_flags.h"
#include "ctl/client/operation_follower.h"
#include "ctl/commands/commands.h"
#include "ctl/commands/format.h"
#include "ctl/commands/plan_text.h"
#include "ctl/commands/validate.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/words.h"
#include "gflags/gflags.h"

DEFINE_bool(allow_disable_last_central, false,
            "Permit to disable the last central, which ends the OVN "
            "databases.");

namespace microovn::ctl {
namespace {

using google::longrunning::Operation;

// MicroOVN's sentence around what went wrong; scripts compare it. What never
// reached the agent, and a wait that was broken off, are not its failures.
absl::Status Worded(const absl::Status& status, absl::string_view verb,
                    const std::string& service) {
  const std::string reason = ReasonOf(status);
  if (status.ok() || reason == kReasonDaemonUnreachable ||
      reason == kReasonInterrupted) {
    return status;
  }
  std::string why(status.message());
  if (status.code() == absl::StatusCode::kNotFound && !FLAGS_node.empty()) {
    why =
        absl::StrCat("Failed to get cluster member for request target name \"",
                     FLAGS_node, "\": CoreClusterMember not found");
  }
  absl::Status worded(status.code(),
                      absl::StrCat("failed to ", verb, " service '", service,
                                   "': '", why, "'"));
  // The sentence is compared as a whole: the remedy stays out of it, and the
  // reason stays for `explain` and the exit code.
  ErrorDetail detail = DetailOf(status);
  detail.remedy.clear();
  return detail.reason.empty()
             ? worded
             : MakeError(worded.code(), worded.message(), detail);
}

// On stderr with a time in front, as MicroOVN's log lines are.
void PrintWarning(Session& session, absl::string_view brief,
                  absl::string_view verbose) {
  session.err() << absl::FormatTime("%Y/%m/%d %H:%M:%S", session.clock().Now(),
                                    absl::LocalTimeZone())
                << " [central] Warning: " << (FLAGS_verbose ? verbose : brief)
                << "\n";
}

void PrintWarnings(Session& session, const v1::ChangeServiceResult& result) {
  if (result.central_count() == 0) return;
  if (result.even_central()) {
    PrintWarning(session, "OVN Cluster has even number of members",
                 "OVN Cluster with even number of members has same fault "
                 "tolerance, but higher quorum requirements, than cluster with "
                 "one less member.");
  }
  if (result.few_central()) {
    PrintWarning(session, "OVN Cluster has critically few members",
                 "OVN Cluster with less than 3 nodes can't tolerate any node "
                 "failures.");
  }
}

absl::StatusOr<int> Finish(Session& session, const Operation& started,
                           const std::string& verb, const std::string& service,
                           bool central) {
  if (FLAGS_dry_run) {
    PrintPlan(session, PlanOf(started));
    return kExitDone;
  }
  if (FLAGS_async) {
    session.out() << started.name() << "\n";
    return kExitDone;
  }
  const auto ended = FollowOperation(session, started);
  RETURN_IF_ERROR(Worded(ended.status(), verb, service));
  session.out() << "Service " << service << " " << verb << "d\n" << std::flush;
  v1::ChangeServiceResult result;
  if (central && ended->response().UnpackTo(&result)) {
    PrintWarnings(session, result);
  }
  // MicroOVN's verbose report on a change of the central members; here they
  // rewrite their environment by themselves.
  if (central && FLAGS_verbose) session.out() << "New Environment: Generated\n";
  return kExitDone;
}

// Scripts compare the whole output of changes to other services.
bool TouchesCentral(v1::Service service) {
  return service == v1::SERVICE_CENTRAL;
}

absl::StatusOr<std::string> Target() {
  if (FLAGS_node.empty()) return std::string();
  RETURN_IF_ERROR(CheckMemberName(FLAGS_node));
  return absl::StrCat("members/", FLAGS_node);
}

absl::StatusOr<int> Enable(Session& session, const Invocation& invocation) {
  const std::string& word = invocation.words[0];
  v1::EnableServiceRequest request;
  ASSIGN_OR_RETURN(const v1::Service service, ParseService(word));
  ASSIGN_OR_RETURN(*request.mutable_member(), Target());
  request.set_service(service);
  request.set_validate_only(FLAGS_dry_run);
  const auto operation = session.Change(kEnableService, request);
  RETURN_IF_ERROR(Worded(operation.status(), "enable", word));
  return Finish(session, *operation, "enable", word, TouchesCentral(service));
}

absl::StatusOr<int> Disable(Session& session, const Invocation& invocation) {
  const std::string& word = invocation.words[0];
  v1::DisableServiceRequest request;
  ASSIGN_OR_RETURN(const v1::Service service, ParseService(word));
  ASSIGN_OR_RETURN(*request.mutable_member(), Target());
  request.set_service(service);
  request.set_allow_disable_last_central(FLAGS_allow_disable_last_central);
  request.set_validate_only(FLAGS_dry_run);
  const auto operation = session.Change(kDisableService, request);
  RETURN_IF_ERROR(Worded(operation.status(), "disable", word));
  return Finish(session, *operation, "disable", word, TouchesCentral(service));
}

Command ServiceCommand(const std::string& name, const std::string& summary) {
  Command command;
  command.name = name;
  command.summary = summary;
  command.arguments = "SERVICE";
  command.min_words = command.max_words = 1;
  command.choices = {"central", "chassis", "switch", "bgp"};
  command.refused = {"bgp"};
  command.flags =
      Join(NodeFlags(), {DryRunFlag(), {"async", "async", 0, "", {}}});
  return command;
}

}  // namespace

Command EnableCommand() {
  Command command = ServiceCommand("enable", "Enable a service on a member");
  command.run = Enable;
  return command;
}

Command DisableCommand() {
  Command command = ServiceCommand("disable", "Disable a service on a member");
  command.flags.push_back(
      {"allow-disable-last-central", "allow_disable_last_central", 0, "", {}});
  command.run = Disable;
  return command;
}

}  // namespace microovn::ctl
