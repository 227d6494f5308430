// SPDX-License-Identifier: Apache-2.0
// The names a member may have. A name becomes a path, a unit argument, a
// subject and an OVN row, so the rule is strict. A name is parsed where it
// enters and is a MemberName from there on: who takes one need not check it.
//
// Pure; a MemberName is an immutable value.
// RFC 1123 2.1 in lower case only, so that two names which DNS takes for one
// cannot be two members. No "/", "..", "%", "@" or leading dash can occur: a
// name is safe as a path component, in a unit's name and as an argument.
#ifndef MICROOVN_PKI_NAME_MEMBER_NAME_H_
#define MICROOVN_PKI_NAME_MEMBER_NAME_H_

#include <ostream>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn::pki {

class MemberName {
 public:
  // A host name in lower case: labels [a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?
  // joined by dots, 253 bytes at most, and neither localhost nor digits only,
  // which reads like an address; MEMBER_NAME_INVALID otherwise.
  static absl::StatusOr<MemberName> Parse(absl::string_view text);

  const std::string& text() const { return text_; }

  friend bool operator==(const MemberName& a, const MemberName& b) {
    return a.text_ == b.text_;
  }
  friend bool operator!=(const MemberName& a, const MemberName& b) {
    return !(a == b);
  }
  friend std::ostream& operator<<(std::ostream& out, const MemberName& name) {
    return out << name.text_;
  }

 private:
  explicit MemberName(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

bool IsMemberName(absl::string_view text);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_NAME_MEMBER_NAME_H_
