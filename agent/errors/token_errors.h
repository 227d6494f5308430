// SPDX-License-Identifier: Apache-2.0
// The wording of what can go wrong with join tokens on the cluster's side;
// what a joiner finds wrong by itself is worded in pki/errors.h.
//
// Free functions, pure.
#ifndef MICROOVN_AGENT_ERRORS_TOKEN_ERRORS_H_
#define MICROOVN_AGENT_ERRORS_TOKEN_ERRORS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace microovn::agent {

// Revoked, replaced, purged after its time, or another cluster's.
absl::Status TokenUnknown();
absl::Status TokenUsed(absl::string_view member_name);
absl::Status TokenLocked(absl::string_view member_name);
absl::Status TokenExpiredAt(absl::string_view member_name, absl::Time at);
absl::Status TokenForOtherMember(absl::string_view token_name,
                                 absl::string_view joiner_name);
absl::Status TokenLifetimeInvalid(absl::Duration limit);
absl::Status TooManyTokens(size_t limit);
// Not all members can check what a joiner signs, see kFeatureJoinStatement.
absl::Status JoinNotSupported(const std::vector<std::string>& members);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ERRORS_TOKEN_ERRORS_H_
