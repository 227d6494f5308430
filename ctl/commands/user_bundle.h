// SPDX-License-Identifier: Apache-2.0
// Where a user's certificate, key and the cluster CA go: a directory of three
// files, one file, or the standard output. The key is written 0600 and is never
// shown on a terminal.
#ifndef MICROOVN_CTL_COMMANDS_USER_BUNDLE_H_
#define MICROOVN_CTL_COMMANDS_USER_BUNDLE_H_

#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/crypto/secret_string.h"

namespace microovn::ctl {

struct BundlePlace {
  enum class Kind { kDirectory, kFile, kStandardOutput };
  Kind kind = Kind::kStandardOutput;
  std::string path;
};

struct UserBundle {
  std::string certificate_pem;
  // Empty when the user has made it himself.
  SecretString key_pem;
  std::string ca_certificate_pem;
};

// `output` is "-", a directory that is there or ends with a slash, or a file
// that is not there yet. INVALID_ARGUMENT for a terminal and for what is there:
// nobody's key is overwritten. Asked before a certificate is.
absl::StatusOr<BundlePlace> PlaceFor(const std::string& output,
                                     bool out_is_terminal);

// The files that were written; none for the standard output.
absl::StatusOr<std::vector<std::string>> WriteBundle(const BundlePlace& place,
                                                     const UserBundle& bundle,
                                                     std::ostream& out);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_COMMANDS_USER_BUNDLE_H_
