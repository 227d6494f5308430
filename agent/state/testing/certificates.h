// SPDX-License-Identifier: Apache-2.0
// Certificates for tests of the replicated state: real ones, as far as bytes
// go, and the same for the same word in every run, since some are recorded.
// Nobody has signed them.
#ifndef MICROOVN_AGENT_STATE_TESTING_CERTIFICATES_H_
#define MICROOVN_AGENT_STATE_TESTING_CERTIFICATES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "pki/key/key_type.h"

namespace microovn::agent {

// As Certificate::ToPem() writes it, of the key that `word` stands for: P-256
// or Ed25519.
std::string TestCertificatePem(absl::string_view word,
                               pki::KeyType type = pki::KeyType::kP256);
// The fingerprint of its key.
std::string TestKeyDigest(absl::string_view word,
                          pki::KeyType type = pki::KeyType::kP256);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_TESTING_CERTIFICATES_H_
