// SPDX-License-Identifier: Apache-2.0
// microovn ovn recover.
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "ctl/cli/global_flags.h"
#include "ctl/client/operation_follower.h"
#include "ctl/commands/asker.h"
#include "ctl/commands/commands.h"
#include "ctl/commands/format.h"
#include "ctl/commands/plan_text.h"
#include "ctl/commands/validate.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/table.h"
#include "ctl/render/words.h"
#include "gflags/gflags.h"

// See cluster remove.
DECLARE_string(accept_risk);

namespace microovn::ctl {
namespace {

using google::longrunning::Operation;
using Request = v1::RecoverDatabaseRequest;

constexpr char kDataLoss[] = "data-loss";

// One database, as it is asked for and as people call it.
struct Target {
  v1::DatabaseStatus status;
  Request request;
  v1::Plan plan;
  // Whose copy it is to be.
  std::string member;
};

std::string WordOf(const v1::DatabaseStatus& database) {
  return database.name() == "Northbound" ? "nb" : "sb";
}

// The one that was named, or those without a leader.
std::vector<Target> TargetsIn(const v1::ClusterStatus& status,
                              const std::string& word) {
  std::vector<Target> targets;
  for (const v1::DatabaseStatus& database : status.databases()) {
    const bool wanted =
        word.empty() ? database.leader().empty() : WordOf(database) == word;
    if (!wanted) continue;
    Target target;
    target.status = database;
    target.request.set_name(absl::StrCat("databases/", WordOf(database)));
    targets.push_back(std::move(target));
  }
  return targets;
}

absl::Status NothingToRecover() {
  return MakeError(absl::StatusCode::kFailedPrecondition,
                   "both OVN databases have their quorum",
                   {"DATABASE_HAS_QUORUM",
                    "see \"microovn status\"; to make one of them anew all the "
                    "same, name it: nb or sb",
                    {}});
}

// Without what OVSDB adds in parentheses.
std::string ServerWords(const v1::DatabaseReplica& replica) {
  if (!replica.reachable() || replica.status().empty()) return "no answer";
  const std::string& status = replica.status();
  return Printable(status.substr(0, status.find(" (")));
}

// What each member's server holds.
Table CopiesTable(const std::vector<Target>& targets) {
  Table table;
  table.header = {"DATABASE", "MEMBER", "SERVER", "ENTRIES", "AGREED ON"};
  for (const Target& target : targets) {
    for (const v1::DatabaseReplica& replica : target.status.replicas()) {
      const bool holds = replica.log_end() > 0;
      const uint64_t end = replica.log_end();
      table.rows.push_back(
          {target.status.name(), Printable(replica.member()),
           ServerWords(replica), holds ? absl::StrCat(end) : "?",
           holds ? absl::StrCat(end - std::min(end, replica.not_committed()))
                 : "?"});
    }
  }
  return table;
}

absl::Status Plan(Session& session, Target& target) {
  Request& request = target.request;
  if (!FLAGS_node.empty()) {
    request.set_member(absl::StrCat("members/", FLAGS_node));
  }
  for (absl::string_view risk :
       absl::StrSplit(FLAGS_accept_risk, ',', absl::SkipEmpty())) {
    request.add_accept_risks(std::string(risk));
  }
  Request trial = request;
  trial.set_validate_only(true);
  ASSIGN_OR_RETURN(const Operation planned,
                   session.Call(kRecoverDatabase, trial));
  target.plan = PlanOf(planned);
  if (target.plan.steps().empty() || target.plan.steps(0).members().empty()) {
    return absl::InternalError("the agent's plan names no member");
  }
  // What was shown is what is done, whoever answers by then.
  target.member = target.plan.steps(0).members(0);
  request.set_member(absl::StrCat("members/", target.member));
  return absl::OkStatus();
}

bool Accepts(const Request& request) {
  for (const std::string& risk : request.accept_risks()) {
    if (risk == kDataLoss) return true;
  }
  return false;
}

absl::Status NotAccepted(const Target& target) {
  return MakeError(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat("changes of the ", target.status.name(),
                   " database that only other servers than that of ",
                   Printable(target.member), " have would be lost"),
      {"RISK_NOT_ACCEPTED",
       "read the plan with --dry-run, then add --accept-risk=data-loss",
       {}});
}

absl::Status Confirm(Session& session, Target& target) {
  if (Accepts(target.request)) return absl::OkStatus();
  if (!session.terminal().out_is_terminal) return NotAccepted(target);
  Asker asker(session.in(), session.out(), session.err());
  const auto named = [&target](const std::string& answer) {
    return answer == target.member
               ? absl::OkStatus()
               : absl::InvalidArgumentError(absl::StrCat(
                     "type \"", Printable(target.member), "\", or Ctrl-C"));
  };
  const auto answer =
      asker.Text(absl::StrCat("Type the name of the member whose copy of the ",
                              target.status.name(), " database is kept (",
                              Printable(target.member), ")"),
                 "", named);
  if (ReasonOf(answer.status()) == "INPUT_ENDED") return NotAccepted(target);
  RETURN_IF_ERROR(answer.status());
  target.request.add_accept_risks(kDataLoss);
  return absl::OkStatus();
}

absl::Status Do(Session& session, const Target& target) {
  ASSIGN_OR_RETURN(const Operation started,
                   session.Change(kRecoverDatabase, target.request));
  if (FLAGS_async) {
    session.out() << started.name() << "\n";
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const Operation ended, FollowOperation(session, started));
  v1::RecoverDatabaseResult result;
  ended.response().UnpackTo(&result);
  session.out() << "The " << target.status.name()
                << " database was made anew from the copy of "
                << Printable(result.member()) << "; its servers: "
                << Printable(absl::StrJoin(result.joined(), ", ")) << "\n"
                << std::flush;
  return absl::OkStatus();
}

absl::StatusOr<int> Recover(Session& session, const Invocation& invocation) {
  if (!FLAGS_node.empty()) RETURN_IF_ERROR(CheckMemberName(FLAGS_node));
  v1::GetStatusRequest look;
  look.set_read_consistency(v1::READ_CONSISTENCY_STALE_OK);
  ASSIGN_OR_RETURN(const v1::GetStatusResponse seen,
                   session.Call(kGetStatus, look));
  std::vector<Target> targets = TargetsIn(
      seen.status(), invocation.words.empty() ? "" : invocation.words[0]);
  if (targets.empty()) return NothingToRecover();
  for (Target& target : targets) RETURN_IF_ERROR(Plan(session, target));
  if (FLAGS_dry_run || session.terminal().out_is_terminal) {
    PrintTable(session, CopiesTable(targets));
    for (const Target& target : targets) PrintPlan(session, target.plan);
  }
  if (FLAGS_dry_run) return kExitDone;
  for (Target& target : targets) RETURN_IF_ERROR(Confirm(session, target));
  for (const Target& target : targets) RETURN_IF_ERROR(Do(session, target));
  return kExitDone;
}

Command RecoverCommand() {
  Command command;
  command.name = "recover";
  command.summary =
      "Make OVN databases that have lost their quorum anew from one copy";
  command.arguments = "[nb|sb]";
  command.max_words = 1;
  command.choices = {"nb", "sb"};
  command.flags = Join(NodeFlags(), {{"accept-risk",
                                      "accept_risk",
                                      0,
                                      "RISK[,RISK]",
                                      {},
                                      {"data-loss", "healthy-database"}},
                                     DryRunFlag(),
                                     {"async", "async", 0, "", {}}});
  command.details =
      "For machines that are gone for good: a database whose servers are not "
      "the\n"
      "majority any more takes no changes. All members are asked what their "
      "servers\n"
      "hold; the one that holds the most, or the one that --node names, makes "
      "the\n"
      "database anew, and the others join it. Its old file is kept. What only "
      "other\n"
      "servers had is lost: type the name of the member on a terminal, or name "
      "the risk\n"
      "data-loss. Without nb or sb it is done for each database that has no "
      "leader.";
  command.run = Recover;
  return command;
}

}  // namespace

Command OvnCommand() {
  Command command;
  command.name = "ovn";
  command.summary = "Manage the OVN databases";
  command.children = {RecoverCommand()};
  return command;
}

}  // namespace microovn::ctl
