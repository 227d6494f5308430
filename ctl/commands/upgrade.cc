// SPDX-License-Identifier: Apache-2.0
// microovn upgrade: status, plan, begin, end, hold, finalize.
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status/status_macros.h"
#include "base/text/display.h"
#include "ctl/cli/global_flags.h"
#include "ctl/commands/commands.h"
#include "ctl/commands/config_change.h"
#include "ctl/commands/format.h"
#include "ctl/commands/upgrade_slot.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/table.h"
#include "ctl/render/upgrade_text.h"
#include "ctl/render/words.h"

namespace microovn::ctl {
namespace {

constexpr char kOption[] = "cluster.upgrade";
constexpr char kHeld[] = "hold";

struct Upgrade {
  v1::GetStatusResponse response;
  bool held = false;
  // Who has the upgrade slot; empty when nobody has.
  std::string holder;
};

absl::StatusOr<Upgrade> Ask(Session& session) {
  Upgrade upgrade;
  ASSIGN_OR_RETURN(upgrade.response,
                   session.Call(kGetStatus, v1::GetStatusRequest()));
  v1::GetConfigRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), ConfigName(kOption));
  ASSIGN_OR_RETURN(const v1::GetConfigResponse config,
                   session.Call(kGetConfig, request));
  upgrade.held = config.config().value() == kHeld;
  ASSIGN_OR_RETURN(const v1::Config slot, UpgradeSlot(session));
  upgrade.holder = slot.value();
  return upgrade;
}

absl::StatusOr<int> Status(Session& session, const Invocation&) {
  ASSIGN_OR_RETURN(const Upgrade upgrade, Ask(session));
  const v1::ClusterStatus& status = upgrade.response.status();
  WarnOfStale(session, status.stale());
  ASSIGN_OR_RETURN(
      const bool printed,
      PrintForMachines(session, ChosenFormat(session, MachineFormats()),
                       upgrade.response));
  if (printed) return kExitDone;
  PrintTable(session, UpgradeTable(status));
  PrintText(session, absl::StrCat("\n", UpgradeSummary(status, upgrade.held)));
  if (!upgrade.holder.empty()) {
    PrintText(session, absl::StrCat(Printable(upgrade.holder),
                                    " has the upgrade slot\n"));
  }
  return kExitDone;
}

// A line that scripts can take as one.
void Say(Session& session, const std::string& line) {
  session.err() << (session.terminal().err_is_terminal
                        ? FoldLines(line, 2, session.terminal().columns)
                        : line);
}

absl::StatusOr<int> Plan(Session& session, const Invocation&) {
  ASSIGN_OR_RETURN(const Upgrade upgrade, Ask(session));
  WarnOfStale(session, upgrade.response.status().stale());
  const UpgradePlan plan = PlanUpgrade(upgrade.response.status());
  PrintText(session, UpgradeSteps(plan, upgrade.held), 3);
  for (const std::string& warning : plan.warnings) {
    Say(session, absl::StrCat("Warning: ", warning, "\n"));
  }
  if (plan.obstacles.empty()) return kExitDone;
  Say(session, absl::StrCat("Error: not yet: ",
                            absl::StrJoin(plan.obstacles, "; "), "\n"));
  return kExitDegraded;
}

absl::StatusOr<int> Hold(Session& session, const Invocation&) {
  return SetOption(
      session, kOption, kHeld,
      "The upgrade is held: members can return to what they ran before, "
      "until \"microovn upgrade finalize\"\n");
}

absl::StatusOr<int> Finalize(Session& session, const Invocation&) {
  return ResetOption(
      session, kOption,
      "The hold has ended: what waits is done once all members that it "
      "needs are upgraded\n");
}

}  // namespace

Command UpgradeCommand() {
  Command status;
  status.name = "status";
  status.summary = "Show what members run and what waits for whom";
  status.flags = FormatFlags(MachineFormats());
  status.run = Status;
  Command plan;
  plan.name = "plan";
  plan.summary = "Show in which order members are best upgraded";
  plan.details =
      "Who carries least comes first, the leader last. What speaks against\n"
      "beginning now goes to stderr, and the exit code is 10 then.";
  plan.run = Plan;
  Command hold;
  hold.name = "hold";
  hold.summary = "Keep what cannot be taken back until finalize";
  hold.details =
      "OVN's databases are converted to a newer schema, and new features of\n"
      "the agents switched on, as soon as all members can; neither can be\n"
      "taken back. After hold both wait, so that members can return to what\n"
      "they ran before.";
  hold.flags = {DryRunFlag()};
  hold.run = Hold;
  Command finalize;
  finalize.name = "finalize";
  finalize.summary = "End the hold";
  finalize.details =
      "From then on what cannot be taken back is done as soon as all members\n"
      "can.";
  finalize.flags = {DryRunFlag()};
  finalize.run = Finalize;
  Command command;
  command.name = "upgrade";
  command.summary = "Follow an upgrade of the cluster's members";
  command.children = {
      status, plan, UpgradeBeginCommand(), UpgradeEndCommand(), hold, finalize};
  return command;
}

}  // namespace microovn::ctl
