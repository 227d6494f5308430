// SPDX-License-Identifier: Apache-2.0
// microovn certificates: list, reissue, and what replaces the CA.
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "ctl/cli/global_flags.h"
#include "ctl/commands/commands.h"
#include "ctl/commands/format.h"
#include "ctl/commands/rotation.h"
#include "ctl/commands/validate.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/certificate_list.h"
#include "ctl/render/message.h"
#include "ctl/render/words.h"
#include "gflags/gflags.h"

namespace microovn::ctl {
namespace {

absl::StatusOr<std::string> Parent() {
  if (FLAGS_node.empty()) return std::string();
  RETURN_IF_ERROR(CheckMemberName(FLAGS_node));
  return absl::StrCat("members/", FLAGS_node);
}

absl::StatusOr<int> List(Session& session, const Invocation&) {
  v1::ListCertificatesRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), Parent());
  ASSIGN_OR_RETURN(const v1::ListCertificatesResponse response,
                   session.Call(kListCertificates, request));
  const std::string format = ChosenFormat(session, MachineFormats());
  // For machines MicroOVN's object, in both forms.
  if (format == "json") {
    session.out() << CertificateJson(response);
  } else if (format == "yaml") {
    ASSIGN_OR_RETURN(const std::string yaml,
                     JsonToYaml(CertificateJson(response)));
    session.out() << yaml;
  } else if (FLAGS_verbose) {
    session.out() << CertificateDetails(response);
  } else if (format == "rich") {
    PrintTable(session, CertificateTable(response, session.clock().Now()));
  } else {
    session.out() << CertificateText(response);
  }
  return kExitDone;
}

absl::StatusOr<int> Reissue(Session& session, const Invocation& invocation) {
  v1::ReissueCertificatesRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), Parent());
  request.set_service(invocation.words[0]);
  request.set_validate_only(FLAGS_dry_run);
  ASSIGN_OR_RETURN(const v1::ReissueCertificatesResponse response,
                   session.Change(kReissueCertificates, request));
  if (FLAGS_dry_run) {
    PrintPlan(session, response.plan());
    return kExitDone;
  }
  session.out() << "Local certificates reissued successfully:\n";
  for (const std::string& service : response.reissued()) {
    session.out() << Printable(service) << "\n";
  }
  if (response.reissued().empty()) session.out() << "None\n";
  if (response.failed().empty()) return kExitDone;
  session.out() << "\nLocal certificates reissue failed:\n";
  for (const std::string& service : response.failed()) {
    session.out() << Printable(service) << "\n";
  }
  // Some are new and some are not: that is a failure, with its causes.
  std::string why;
  for (int i = 0; i < response.failed_size(); ++i) {
    absl::StrAppend(&why, i == 0 ? "" : ", ", Printable(response.failed(i)));
    if (i < response.errors_size()) {
      absl::StrAppend(&why, " (", Printable(response.errors(i)), ")");
    }
  }
  return MakeError(absl::StatusCode::kUnknown,
                   absl::StrCat("certificates were not reissued: ", why),
                   {"REISSUE_FAILED", "", {}});
}

}  // namespace

Command CertificatesCommand() {
  Command list;
  list.name = "list";
  list.summary =
      "List certificates and private keys that OVN services use on a member; "
      "--verbose adds who issued them and what the ports serve";
  list.flags = Join(FormatFlags(MachineFormats()), NodeFlags());
  list.run = List;
  Command reissue;
  reissue.name = "reissue";
  reissue.summary = "Issue new certificates for services of a member";
  reissue.arguments = "SERVICE";
  reissue.min_words = reissue.max_words = 1;
  reissue.choices = {"client",         "ovnnb",      "ovnsb",
                     "ovn-controller", "ovn-northd", "all"};
  reissue.flags = Join(NodeFlags(), {DryRunFlag()});
  reissue.run = Reissue;
  Command command;
  command.name = "certificates";
  command.summary = "Manage the certificates of OVN services";
  command.children = {list, reissue, RegenerateCaCommand(), CaCsrCommand(),
                      SetCaCommand()};
  return command;
}

}  // namespace microovn::ctl
