// SPDX-License-Identifier: Apache-2.0
// What a file is that should hold PEM, and how to make PEM of it. Pure.
#ifndef MICROOVN_CTL_COMMANDS_PEM_CHECK_H_
#define MICROOVN_CTL_COMMANDS_PEM_CHECK_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/crypto/secret_string.h"

namespace microovn::ctl {

enum class PemKind { kCertificate, kPrivateKey };

// INVALID_ARGUMENT with reason FILE_NOT_PEM, and the command that converts it,
// unless `content` has a PEM block. Whether the block is good is the agent's
// to judge.
absl::Status CheckPem(const std::string& path, absl::string_view content,
                      PemKind kind);

// The blocks of one text: all certificates, and the first private key.
struct SplitPem {
  std::string certificates;
  SecretString key;
};
SplitPem Split(absl::string_view text);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_COMMANDS_PEM_CHECK_H_
