// SPDX-License-Identifier: Apache-2.0
// Reads files that hold private keys, refusing those that others could have
// written or read.
//
// Free functions, thread-safe as far as the file system is.
// A key that others could read is treated as lost, one that others could write
// as theirs. Refusing is loud and mended by hand; repairing the mode would hide
// that the key may have been copied.
#ifndef MICROOVN_PKI_KEY_PRIVATE_FILE_H_
#define MICROOVN_PKI_KEY_PRIVATE_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/crypto/secret_string.h"

namespace microovn::pki {

// PRIVATE_FILE_REFUSED unless `path` is a regular file (no link, no FIFO) with
// one name, ours, and mode 0600 or less; NOT_FOUND when it is not there.
absl::StatusOr<SecretString> ReadPrivateFile(const std::string& path);

// Makes `path` a directory of ours with mode 0700, creating what is missing of
// it, which survives a power cut. PRIVATE_FILE_REFUSED when it is a link, not a
// directory, not ours or writable by others.
// A looser mode that lets nobody write, such as 0755, is tightened: names of
// files are no secret, and the files have modes of their own.
absl::Status EnsurePrivateDirectory(const std::string& path);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_KEY_PRIVATE_FILE_H_
