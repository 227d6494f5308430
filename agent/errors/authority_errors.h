// SPDX-License-Identifier: Apache-2.0
// The wording of what can go wrong with the CAs as a cluster has them: one
// constructor for each reason. Free functions, pure.
#ifndef MICROOVN_AGENT_ERRORS_AUTHORITY_ERRORS_H_
#define MICROOVN_AGENT_ERRORS_AUTHORITY_ERRORS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace microovn::agent {

// Another rotation of `authority` ("ovn", "cluster") has not ended.
absl::Status RotationUnderWay(absl::string_view authority,
                              absl::string_view operation_id);
// A rotation that was cancelled is still being undone.
absl::Status RotationBeingUndone(absl::string_view authority);
// The agents of `members` are too old.
absl::Status RotationNotSupported(const std::vector<std::string>& members);
// No key waits for a CA's certificate.
absl::Status AuthorityNotRequested();
// No voter has a sealing key that a CA's could be sealed for.
absl::Status NobodyHoldsKeys();
// It is the one that issues.
absl::Status AuthorityInUse(absl::string_view authority);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ERRORS_AUTHORITY_ERRORS_H_
