// SPDX-License-Identifier: Apache-2.0
#include "ctl/commands/rotation.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/crypto/secret_string.h"
#include "base/file/file.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "ctl/cli/arg_splitter.h"
#include "ctl/cli/global_flags.h"
#include "ctl/client/operation_follower.h"
#include "ctl/client/session.h"
#include "ctl/commands/format.h"
#include "ctl/commands/pem_check.h"
#include "ctl/commands/plan_text.h"
#include "ctl/commands/standard_input.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/rotation_text.h"
#include "ctl/render/words.h"
#include "gflags/gflags.h"

// The names without a prefix are those of the client's own certificate.
DEFINE_string(new_ca_cert, "", "File with the new CA certificate.");
DEFINE_string(new_ca_key, "", "File with its private key.");
DEFINE_bool(new_key, false, "Make another key.");
DEFINE_bool(combined, false,
            "Read certificate and key from the standard input.");
DEFINE_bool(set_aside_offline, false,
            "Do not wait for members that do not answer.");

namespace microovn::ctl {
namespace {

using google::longrunning::Operation;
using Request = v1::RotateAuthorityRequest;

constexpr size_t kLargestPem = 1 << 20;

// MicroOVN's report, then the reason for which something is missing in it.
absl::StatusOr<int> Report(Session& session, const Operation& ended) {
  v1::RotateAuthorityResult result;
  ended.response().UnpackTo(&result);
  session.out() << RotationText(result);
  if (session.terminal().out_is_terminal && result.members().empty()) {
    session.out() << "\n";
  }
  session.out() << std::flush;
  if (result.errors().empty()) return kExitDone;
  return MakeError(
      absl::StatusCode::kUnknown,
      absl::StrCat("certificates were not reissued: ",
                   Printable(absl::StrJoin(result.errors(), "; "))),
      {"REISSUE_FAILED", "", {}});
}

absl::StatusOr<int> Rotate(Session& session, Request request) {
  request.set_set_aside_offline(FLAGS_set_aside_offline);
  request.set_validate_only(FLAGS_dry_run);
  const auto started = session.Change(kRotateAuthority, request);
  if (!started.ok()) {
    // Nothing was changed; scripts look for the line.
    if (ReasonOf(started.status()) == "CA_INVALID" ||
        ReasonOf(started.status()) == "CA_NOT_REQUESTED" ||
        ReasonOf(started.status()) == "PRIVATE_KEY_INVALID" ||
        ReasonOf(started.status()) == "CERTIFICATE_INVALID") {
      session.out() << NothingIssuedText() << std::flush;
    }
    return started.status();
  }
  const v1::Plan plan = PlanOf(*started);
  if (FLAGS_dry_run) {
    PrintPlan(session, plan);
    return kExitDone;
  }
  PrintWarnings(session, plan.warnings());
  if (FLAGS_async) {
    session.out() << started->name() << "\n";
    return kExitDone;
  }
  ASSIGN_OR_RETURN(const Operation ended, FollowOperation(session, *started));
  return Report(session, ended);
}

absl::StatusOr<int> RegenerateCa(Session& session, const Invocation&) {
  Request request;
  request.set_authority(Request::AUTHORITY_OVN);
  return Rotate(session, std::move(request));
}

absl::StatusOr<int> CaCsr(Session& session, const Invocation&) {
  v1::RequestAuthorityCertificateRequest request;
  request.set_new_key(FLAGS_new_key);
  request.set_validate_only(FLAGS_dry_run);
  ASSIGN_OR_RETURN(const v1::RequestAuthorityCertificateResponse response,
                   session.Change(kRequestAuthorityCertificate, request));
  if (FLAGS_dry_run) {
    PrintPlan(session, response.plan());
  } else {
    session.out() << response.certificate_request_pem() << std::flush;
  }
  return kExitDone;
}

absl::StatusOr<int> RotateCa(Session& session, const Invocation&) {
  Request request;
  request.set_authority(Request::AUTHORITY_CLUSTER);
  return Rotate(session, std::move(request));
}

absl::Status ReadCombined(Session& session, Request& request) {
  ASSIGN_OR_RETURN(const SecretString both,
                   ReadStandardInput(session.in(), kLargestPem));
  const absl::string_view text = both.Reveal();
  RETURN_IF_ERROR(CheckPem("the standard input", text, PemKind::kCertificate));
  SplitPem split = Split(text);
  if (split.certificates.empty()) {
    return UsageError(
        "failed to parse certificates and keys from stdin: no certificates "
        "found");
  }
  if (split.key.Reveal().empty()) {
    return UsageError(
        "failed to parse certificates and keys from stdin: no private key "
        "found");
  }
  request.set_ca_certificate_pem(std::move(split.certificates));
  request.set_ca_private_key_pem(std::string(split.key.Reveal()));
  return absl::OkStatus();
}

absl::Status ReadFiles(Request& request) {
  ASSIGN_OR_RETURN(*request.mutable_ca_certificate_pem(),
                   ReadFile(FLAGS_new_ca_cert, kLargestPem));
  RETURN_IF_ERROR(CheckPem(FLAGS_new_ca_cert, request.ca_certificate_pem(),
                           PemKind::kCertificate));
  // The cluster has made the key: see ca-csr.
  if (FLAGS_new_ca_key.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(*request.mutable_ca_private_key_pem(),
                   ReadFile(FLAGS_new_ca_key, kLargestPem));
  return CheckPem(FLAGS_new_ca_key, request.ca_private_key_pem(),
                  PemKind::kPrivateKey);
}

absl::StatusOr<int> SetCa(Session& session, const Invocation&) {
  const bool cert = !FLAGS_new_ca_cert.empty();
  const bool key = !FLAGS_new_ca_key.empty();
  if (FLAGS_combined == (cert || key)) {
    return UsageError("you must use --combined xor (--key and --cert)");
  }
  if (key && !cert) {
    return UsageError("you must use either both or none of --key and --cert");
  }
  Request request;
  request.set_authority(Request::AUTHORITY_OVN);
  RETURN_IF_ERROR(FLAGS_combined ? ReadCombined(session, request)
                                 : ReadFiles(request));
  return Rotate(session, std::move(request));
}

constexpr char kDetails[] =
    "The new CA is trusted on every member before it issues, and the old one\n"
    "until every certificate is issued anew: no connection is refused. "
    "Members\n"
    "that do not answer are waited for; with --set-aside-offline they are "
    "not,\n"
    "and get their certificates when they answer again. Until the old CA is\n"
    "retired, microovn operation cancel returns to it.";

Command RotationCommand(std::string name, std::string summary,
                        Command::Run run) {
  Command command;
  command.name = std::move(name);
  command.summary = std::move(summary);
  command.details = kDetails;
  command.flags = {{"set-aside-offline", "set_aside_offline", 0, "", {}},
                   DryRunFlag(),
                   {"async", "async", 0, "", {}}};
  command.run = std::move(run);
  return command;
}

}  // namespace

Command RegenerateCaCommand() {
  return RotationCommand(
      "regenerate-ca",
      "Make a new CA and issue the certificates of all members anew",
      RegenerateCa);
}

Command CaCsrCommand() {
  Command command;
  command.name = "ca-csr";
  command.summary =
      "Make the key of a CA in the cluster and print a request for its "
      "certificate";
  command.details =
      "The key is sealed for the voters and never leaves them, so that the key "
      "of\n"
      "your own CA never has to enter. Sign the request as a CA below yours, "
      "then:\n"
      "microovn certificates set-ca --cert FILE, with the chain up to the root "
      "in\n"
      "FILE. Until then the same request is printed again; --new-key makes "
      "another\n"
      "one in its place.";
  command.flags = {{"new-key", "new_key", 0, "", {}}, DryRunFlag()};
  command.run = CaCsr;
  return command;
}

Command SetCaCommand() {
  Command command = RotationCommand(
      "set-ca",
      "Set a CA of yours and issue the certificates of all members anew",
      SetCa);
  command.flags.insert(command.flags.begin(),
                       {{"cert", "new_ca_cert", 0, "FILE", {}},
                        {"key", "new_ca_key", 0, "FILE", {}},
                        {"combined", "combined", 0, "", {}}});
  command.details = absl::StrCat(
      "The CA is tried before it is taken: one that cannot serve OVN changes\n"
      "nothing. A file may hold the chain up to the root. Without --key it is\n"
      "the certificate for the key that microovn certificates ca-csr made.\n\n",
      kDetails);
  return command;
}

Command RotateCaCommand() {
  Command command = RotationCommand(
      "rotate-ca", "Make a new CA for the agents of all members", RotateCa);
  command.details =
      "The new CA is trusted by every agent before it issues, and the old one\n"
      "until every agent has a certificate of it: no call is refused. Members\n"
      "that do not answer are waited for; with --set-aside-offline they are "
      "not,\n"
      "and follow when they answer again: by one rotation a member can be "
      "left\n"
      "behind, not by two. Join tokens made before are no longer valid. Until "
      "the\n"
      "old CA is retired, microovn operation cancel returns to it.";
  return command;
}

}  // namespace microovn::ctl
