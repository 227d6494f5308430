// SPDX-License-Identifier: Apache-2.0
// The wording of what can go wrong with people's certificates.
//
// Free functions, pure.
#ifndef MICROOVN_AGENT_ERRORS_USER_ERRORS_H_
#define MICROOVN_AGENT_ERRORS_USER_ERRORS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace microovn::agent {

absl::Status UserExists(absl::string_view name);
absl::Status UserUnknown(absl::string_view name);
// For who comes with its certificate.
absl::Status UserRevoked(absl::string_view name);
absl::Status UserLifetimeInvalid(absl::Duration least, absl::Duration most);
absl::Status TooManyUsers(size_t limit);
absl::Status UserKeyTaken();
// `why` is a sentence without a full stop, here and below.
absl::Status UserInvalid(absl::string_view why);
absl::Status UserRequestInvalid(absl::string_view why);
absl::Status NoAdminCertificate();
absl::Status AdministeredByCertificate();
// Not all members know users, see kFeatureUsers.
absl::Status UsersNotSupported(const std::vector<std::string>& members);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ERRORS_USER_ERRORS_H_
