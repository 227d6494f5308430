// SPDX-License-Identifier: Apache-2.0
// A private key that is made where it is used, and the request for a
// certificate that says it is there. The agent gets the request alone.
#ifndef MICROOVN_CTL_COMMANDS_USER_KEY_H_
#define MICROOVN_CTL_COMMANDS_USER_KEY_H_

#include <string>

#include "absl/status/statusor.h"
#include "base/crypto/secret_string.h"

namespace microovn::ctl {

struct UserKey {
  // PKCS#8, PEM.
  SecretString key_pem;
  // PKCS#10, PEM, signed by it.
  std::string request_pem;
};

// Of P-256. `name` is what the request says; the agent goes by what it is
// asked for.
absl::StatusOr<UserKey> MakeUserKey(const std::string& name);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_COMMANDS_USER_KEY_H_
