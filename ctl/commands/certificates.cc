// microovn certificates: list, reissue.
#include <string>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "ctl/cli/global_flags.h"
#include "ctl/commands/commands.h"
#include "ctl/commands/format.h"
#include "ctl/commands/validate.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/certificate_list.h"
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
  if (format == "json") {
    session.out() << CertificateJson(response);
    return kExitDone;
  }
  ASSIGN_OR_RETURN(const bool printed,
                   PrintForMachines(session, format, response));
  if (!printed) {
    session.out() << (format == "rich"
                          ? CertificateScreen(response, session.clock().Now())
                          : CertificateText(response));
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
  if (FLAGS_dry_run) return kExitDone;
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
      "List certificates and private keys that OVN services use on a member";
  list.flags = Join(FormatFlags(MachineFormats()), NodeFlags());
  list.run = List;
  Command reissue;
  reissue.name = "reissue";
  reissue.summary = "Issue new certificates for services of a member";
  reissue.arguments = "SERVICE";
  reissue.min_words = reissue.max_words = 1;
  reissue.choices = {"client",         "ovnnb",      "ovnsb",
                     "ovn-controller", "ovn-northd", "all"};
  reissue.flags = Join(NodeFlags(), {{"dry-run", "dry_run", 0, "", {}}});
  reissue.run = Reissue;
  Command command;
  command.name = "certificates";
  command.summary = "Manage the certificates of OVN services";
  command.children = {list, reissue};
  return command;
}

}  // namespace microovn::ctl
