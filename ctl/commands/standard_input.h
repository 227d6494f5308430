// SPDX-License-Identifier: Apache-2.0
// Secrets that come by the standard input, where no other user of the machine
// sees them: arguments are in /proc for everybody.
#ifndef MICROOVN_CTL_COMMANDS_STANDARD_INPUT_H_
#define MICROOVN_CTL_COMMANDS_STANDARD_INPUT_H_

#include <cstddef>
#include <istream>

#include "absl/status/statusor.h"
#include "base/crypto/secret_string.h"

namespace microovn::ctl {

// All that there is, until its end. INVALID_ARGUMENT when that is more than
// `limit` bytes.
absl::StatusOr<SecretString> ReadStandardInput(std::istream& in, size_t limit);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_COMMANDS_STANDARD_INPUT_H_
