// SPDX-License-Identifier: Apache-2.0
// The files with which a remote agent is called, read and found to fit each
// other: what TLS would only say in its own words, or by hanging up.
#ifndef MICROOVN_CTL_CLIENT_CREDENTIALS_H_
#define MICROOVN_CTL_CLIENT_CREDENTIALS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/crypto/secret_string.h"
#include "ctl/client/endpoint.h"

namespace microovn::ctl {

struct Credentials {
  std::string certificate_pem;
  // PEM; what else its file has is left out, here and below.
  SecretString key_pem;
  std::string ca_pem;
};

// NOT_FOUND for a file that is not there; UNAUTHENTICATED, reason
// CREDENTIALS_REFUSED, for what is none, does not fit, or is not valid now.
absl::StatusOr<Credentials> ReadCredentials(const Endpoint& endpoint,
                                            absl::Time now);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_CLIENT_CREDENTIALS_H_
