// SPDX-License-Identifier: Apache-2.0
#include "ctl/reference/man_page.h"

#include "absl/strings/str_cat.h"
#include "base/text/roff.h"
#include "base/version.h"
#include "ctl/cli/help.h"

namespace microovn::ctl {
namespace {

// Of help inside of a page's margin on a terminal of 80.
constexpr size_t kColumns = 68;

void AppendCommands(const Command& command, const std::string& path,
                    std::string* page) {
  if (command.hidden) return;
  if (command.children.empty()) {
    absl::StrAppend(page, ".SS ", RoffText(path), "\n",
                    RoffVerbatim(OwnHelp(command, path, kColumns)));
  }
  for (const Command& child : command.children) {
    AppendCommands(child, absl::StrCat(path, " ", child.name), page);
  }
}

}  // namespace

std::string ManPage(const Command& root,
                    const std::vector<std::string>& tools) {
  std::string page = absl::StrCat(
      ".TH MICROOVN 8 \"\" \"MicroOVN ", kVersion,
      "\" \"MicroOVN\"\n"
      ".SH NAME\nmicroovn \\- ",
      RoffText("deploy and operate a cluster of OVN"),
      "\n.SH SYNOPSIS\n.B microovn\n.I COMMAND\n[\\fIFLAGS\\fR]\n"
      ".SH DESCRIPTION\n",
      RoffText("It asks the agent of this machine, microovnd, over its local "
               "socket, which root and the group microovn may use.\n"),
      ".SH FLAGS OF EVERY COMMAND\n",
      RoffVerbatim(GlobalHelp(root.flags, kColumns).substr(1)),
      ".SH COMMANDS\n");
  AppendCommands(root, root.name, &page);
  absl::StrAppend(&page, ".SH TOOLS\n",
                  RoffText("Under these names it runs the tools of OVN and "
                           "Open vSwitch, so that they find this node's "
                           "sockets, databases and keys:\n"));
  for (const std::string& tool : tools) {
    absl::StrAppend(&page, ".TP\n.B ",
                    RoffText(absl::StrCat("microovn.", tool)), "\nsee ",
                    RoffText(tool), "\n");
  }
  absl::StrAppend(
      &page, ".SH ENVIRONMENT\n.TP\n.B SNAP_COMMON\n",
      RoffText("The directory below which the agent keeps everything.\n"),
      ".SH SEE ALSO\n.BR microovnd (8),\n.BR ovn\\-nbctl (8),\n"
      ".BR ovs\\-vsctl (8)\n");
  return page;
}

}  // namespace microovn::ctl
