// SPDX-License-Identifier: Apache-2.0
#include "agent/man_page.h"

#include "absl/strings/str_cat.h"
#include "agent/flags.h"
#include "base/text/roff.h"
#include "base/version.h"

namespace microovn::agent {

std::string ManPage() {
  return absl::StrCat(
      ".TH MICROOVND 8 \"\" \"MicroOVN ", kVersion,
      "\" \"MicroOVN\"\n"
      ".SH NAME\nmicroovnd \\- the agent of a member of a MicroOVN cluster\n"
      ".SH SYNOPSIS\n.B microovnd\n[\\fIFLAGS\\fR]\n"
      ".SH DESCRIPTION\n",
      RoffText("It brings this machine to what the cluster's replicated state "
               "says: certificates, databases, OVN's daemons. Its unit is "
               "microovn.daemon.service; people talk to it with microovn.\n"),
      ".SH OPTIONS\n", RoffVerbatim(HelpText()),
      ".SH SIGNALS\n"
      "SIGTERM and SIGINT end the agent. The daemons that it started go on.\n"
      ".SH SEE ALSO\n.BR microovn (8)\n");
}

}  // namespace microovn::agent
