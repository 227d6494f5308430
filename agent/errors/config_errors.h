// SPDX-License-Identifier: Apache-2.0
// The wording of what can go wrong with settings. Free functions, pure.
#ifndef MICROOVN_AGENT_ERRORS_CONFIG_ERRORS_H_
#define MICROOVN_AGENT_ERRORS_CONFIG_ERRORS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace microovn::agent {

// `known` lists the keys there are.
absl::Status ConfigKeyUnknown(absl::string_view key, absl::string_view known);
// `members` are those whose agents do not know it; empty when only the upgrade
// is held.
absl::Status ConfigKeyNotSupported(absl::string_view key,
                                   const std::vector<std::string>& members);
// `allowed` says what the key takes, as in "one of 1, 3, 5".
absl::Status ConfigValueInvalid(absl::string_view key, absl::string_view value,
                                absl::string_view allowed);
// Somebody else has changed it since it was read.
absl::Status ConfigChanged(absl::string_view key);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ERRORS_CONFIG_ERRORS_H_
