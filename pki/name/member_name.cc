// SPDX-License-Identifier: Apache-2.0
#include "pki/name/member_name.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"
#include "pki/errors.h"

namespace microovn::pki {
namespace {

constexpr size_t kMaxName = 253;
constexpr size_t kMaxLabel = 63;

bool IsLetterOrDigit(char c) {
  return absl::ascii_islower(static_cast<unsigned char>(c)) ||
         absl::ascii_isdigit(static_cast<unsigned char>(c));
}

// Why `label` is not one; empty when it is.
absl::string_view Fault(absl::string_view label) {
  if (label.empty()) return "a part between dots is empty";
  if (label.size() > kMaxLabel) return "a part is longer than 63 characters";
  const bool allowed = std::all_of(label.begin(), label.end(), [](char c) {
    return IsLetterOrDigit(c) || c == '-';
  });
  if (!allowed) return "it holds a character that is not allowed";
  if (!IsLetterOrDigit(label.front()) || !IsLetterOrDigit(label.back())) {
    return "a part starts or ends with a dash";
  }
  return "";
}

// inet_aton(3) takes "1" and "10.1" for addresses, too.
bool ReadsLikeAnAddress(absl::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return c == '.' || absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
}

}  // namespace

absl::StatusOr<MemberName> MemberName::Parse(absl::string_view name) {
  if (name.empty()) return MemberNameInvalid(name, "it is empty");
  // Before it is quoted in an error: it may be megabytes from the wire.
  if (name.size() > kMaxName) {
    return MemberNameInvalid(Shown(name, kMaxLabel),
                             "it is longer than 253 characters");
  }
  for (const absl::string_view label : absl::StrSplit(name, '.')) {
    const absl::string_view fault = Fault(label);
    if (!fault.empty()) return MemberNameInvalid(Shown(name, kMaxLabel), fault);
  }
  if (ReadsLikeAnAddress(name)) {
    return MemberNameInvalid(Shown(name, kMaxLabel),
                             "it reads like an address");
  }
  // RFC 6761 6.3: and what is below it.
  if (name == "localhost" || absl::EndsWith(name, ".localhost")) {
    return MemberNameInvalid(Shown(name, kMaxLabel),
                             "every machine calls itself so");
  }
  return MemberName(std::string(name));
}

bool IsMemberName(absl::string_view text) {
  return MemberName::Parse(text).ok();
}

}  // namespace microovn::pki
