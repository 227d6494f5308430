// The names a member may have. A name becomes a path, a unit argument, a
// subject and an OVN row, so the rule is strict and checked in each place.
//
// Pure.
// RFC 1123 2.1 in lower case only, so that two names which DNS takes for one
// cannot be two members. No "/", "..", "%", "@" or leading dash can occur: a
// name is safe as a path component, in a unit's name and as an argument.
#ifndef MICROOVN_PKI_NAME_MEMBER_NAME_H_
#define MICROOVN_PKI_NAME_MEMBER_NAME_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace microovn::pki {

// OK for a host name in lower case: labels [a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?
// joined by dots, 253 bytes at most; MEMBER_NAME_INVALID otherwise.
absl::Status CheckMemberName(absl::string_view name);

bool IsMemberName(absl::string_view name);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_NAME_MEMBER_NAME_H_
