// SPDX-License-Identifier: Apache-2.0
#include "ctl/render/rotation_text.h"

#include "absl/strings/str_cat.h"
#include "ctl/render/words.h"

namespace microovn::ctl {
namespace {

constexpr char kIssued[] = "New CA certificate: Issued\n";
constexpr char kNotIssued[] = "New CA certificate: Not Issued\n";
// MicroOVN ends no line here: what follows begins with the line break.
constexpr char kServices[] =
    "\nService certificate re-issued for following services:";
constexpr char kHint[] =
    "\n Some of the service certificates failed to be re-issued. You can "
    "inspect logs and attempt to re-issue these certificates using microovn "
    "CLI on affected cluster members.\n";

}  // namespace

std::string NothingIssuedText() { return kNotIssued; }

std::string RotationText(const v1::RotateAuthorityResult& result) {
  std::string text =
      absl::StrCat(result.issued() ? kIssued : kNotIssued, kServices);
  bool failure = !result.errors().empty();
  for (const v1::MemberCertificates& member : result.members()) {
    absl::StrAppend(&text, "\n[Host ", Printable(member.member()), "]\n");
    for (const std::string& service : member.reissued()) {
      absl::StrAppend(&text, Printable(service), ": Success\n");
    }
    for (const std::string& service : member.failed()) {
      absl::StrAppend(&text, Printable(service), ": Failed!\n");
      failure = true;
    }
  }
  if (!result.errors().empty()) {
    absl::StrAppend(&text, "\n[Errors]\n");
    for (const std::string& error : result.errors()) {
      absl::StrAppend(&text, Printable(error), "\n");
    }
  }
  if (failure) text += kHint;
  return text;
}

}  // namespace microovn::ctl
