// SPDX-License-Identifier: Apache-2.0
#include "agent/errors/authority_errors.h"

#include "absl/strings/str_join.h"
#include "agent/errors/wording.h"

namespace microovn::agent {

absl::Status RotationUnderWay(absl::string_view authority,
                              absl::string_view operation_id) {
  return Worded("ROTATION_UNDER_WAY",
                {{"authority", std::string(authority)},
                 {"operation", std::string(operation_id)}});
}

absl::Status RotationBeingUndone(absl::string_view authority) {
  return Worded("ROTATION_UNDER_WAY", {{"authority", std::string(authority)}});
}

absl::Status RotationNotSupported(const std::vector<std::string>& members) {
  return Worded("ROTATION_NOT_SUPPORTED",
                {{"members", absl::StrJoin(members, ", ")}});
}

absl::Status AuthorityInUse(absl::string_view authority) {
  return Worded("CA_IN_USE", {{"authority", std::string(authority)}});
}

absl::Status AuthorityNotRequested() { return Worded("CA_NOT_REQUESTED"); }

absl::Status NobodyHoldsKeys() { return Worded("CA_NOT_AVAILABLE"); }

}  // namespace microovn::agent
