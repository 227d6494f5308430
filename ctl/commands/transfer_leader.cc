// SPDX-License-Identifier: Apache-2.0
// microovn cluster transfer-leader.
#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"
#include "ctl/cli/global_flags.h"
#include "ctl/commands/commands.h"
#include "ctl/commands/format.h"
#include "ctl/commands/plan_text.h"
#include "ctl/commands/validate.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/words.h"
#include "gflags/gflags.h"

namespace microovn::ctl {
namespace {

absl::StatusOr<int> TransferLeader(Session& session,
                                   const Invocation& invocation) {
  v1::TransferLeaderRequest request;
  if (!invocation.words.empty()) {
    RETURN_IF_ERROR(CheckMemberName(invocation.words[0]));
    request.set_name(absl::StrCat("members/", invocation.words[0]));
  }
  request.set_validate_only(FLAGS_dry_run);
  ASSIGN_OR_RETURN(const v1::TransferLeaderResponse response,
                   session.Call(kTransferLeader, request));
  if (FLAGS_dry_run) {
    PrintPlan(session, response.plan());
  } else {
    session.out() << Printable(response.leader()) << " leads\n";
  }
  return kExitDone;
}

}  // namespace

Command TransferLeaderCommand() {
  Command command;
  command.name = "transfer-leader";
  command.summary = "Hand the lead of the cluster to another member";
  command.arguments = "[NAME]";
  command.max_words = 1;
  command.word_kind = WordKind::kMember;
  command.details =
      "The leader plans all changes of the cluster. Before its machine goes "
      "down for\n"
      "a while another member can take over without an election. Without NAME "
      "it is\n"
      "the one whose copy of the log is the most complete. Only members that "
      "vote can\n"
      "lead. OVN's databases have leaders of their own.";
  command.flags = {DryRunFlag()};
  command.run = TransferLeader;
  return command;
}

}  // namespace microovn::ctl
