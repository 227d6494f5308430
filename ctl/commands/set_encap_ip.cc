// SPDX-License-Identifier: Apache-2.0
// microovn cluster set-encap-ip.
#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"
#include "ctl/cli/arg_splitter.h"
#include "ctl/cli/global_flags.h"
#include "ctl/commands/commands.h"
#include "ctl/commands/format.h"
#include "ctl/commands/plan_text.h"
#include "ctl/commands/validate.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/words.h"
#include "gflags/gflags.h"

DEFINE_bool(unchecked, false,
            "The member need not answer, nor have the address.");

namespace microovn::ctl {
namespace {

absl::StatusOr<int> SetEncapIp(Session& session, const Invocation& invocation) {
  const std::string& address = invocation.words[0];
  RETURN_IF_ERROR(CheckEncapsulationAddress(address));
  if (address.empty()) return UsageError("the address is empty");
  v1::UpdateMemberRequest request;
  request.mutable_member()->set_encap_ip(address);
  request.mutable_update_mask()->add_paths("encap_ip");
  if (!FLAGS_node.empty()) {
    RETURN_IF_ERROR(CheckMemberName(FLAGS_node));
    request.mutable_member()->set_name(absl::StrCat("members/", FLAGS_node));
  }
  request.set_force(FLAGS_unchecked);
  request.set_validate_only(FLAGS_dry_run);
  ASSIGN_OR_RETURN(const v1::UpdateMemberResponse response,
                   session.Call(kUpdateMember, request));
  if (FLAGS_dry_run) {
    PrintPlan(session, response.plan());
    return kExitDone;
  }
  const v1::Member& member = response.member();
  session.out() << "the tunnels of " << NameOf(member) << " end at "
                << Printable(member.encap_ip()) << "\n";
  return kExitDone;
}

}  // namespace

Command SetEncapIpCommand() {
  Command command;
  command.name = "set-encap-ip";
  command.summary = "Change the tunnel address of a member";
  command.arguments = "ADDRESS";
  command.min_words = command.max_words = 1;
  command.details =
      "Each chassis sends the packets of logical networks to the tunnel "
      "addresses of\n"
      "the others. The address is one of an interface of the member that is "
      "up; with\n"
      "--force it may come later, or the member be off. Packets to workloads "
      "of the\n"
      "member wait until all others know the new address, a second or so. "
      "The API's\n"
      "address stays.";
  command.flags =
      Join(NodeFlags(), {{"force", "unchecked", 'f', "", {}}, DryRunFlag()});
  command.run = SetEncapIp;
  return command;
}

}  // namespace microovn::ctl
