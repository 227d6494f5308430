// SPDX-License-Identifier: Apache-2.0
// How a node guards the sealing key that it keeps in its state directory.
//
// The seam between what the file holds and the key itself: a custody that is
// bound to a TPM or to the host wraps the bytes (systemd_custody.h), a plain
// one relies on the file's mode. `status` shows the level.
#ifndef MICROOVN_PKI_SEALING_KEY_CUSTODY_H_
#define MICROOVN_PKI_SEALING_KEY_CUSTODY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/crypto/secret_string.h"

namespace microovn::pki {

// From the weakest to the strongest.
enum class CustodyLevel {
  // A file of mode 0600: guards against other users, not against who takes the
  // disk.
  kFile,
  // Bound to a secret of this host: guards a copy of the state directory.
  kHost,
  // Bound to this machine's TPM: guards the whole disk.
  kTpm,
};

// "file (mode 0600)", "host key", "TPM".
absl::string_view CustodyText(CustodyLevel level);

// Implementations are thread-safe.
// One that cannot unwrap returns an error, and its caller passes it on: a key
// that is only out of reach is never replaced by a new one.
// key_custody_test.cc says what each holds to.
class KeyCustody {
 public:
  virtual ~KeyCustody() = default;

  virtual CustodyLevel level() const = 0;
  // What to write into the file for `secret`, text, and back.
  virtual absl::StatusOr<SecretString> Protect(absl::string_view secret) = 0;
  virtual absl::StatusOr<SecretString> Unprotect(absl::string_view stored) = 0;

  // kFile: stores the bytes as they are. Never destroyed.
  static KeyCustody& File();
};

// How a node's sealing key may be kept. Custodies are borrowed.
struct SealingMeans {
  // Best first, never empty. The first that works keeps a new key, and an old
  // one is moved to it.
  std::vector<KeyCustody*> keep_by = {&KeyCustody::File()};
  // What opens a key that is kept otherwise by now.
  std::vector<KeyCustody*> open_by = {&KeyCustody::File()};
  // Whether an old key may be moved to a weaker one: when somebody chose it.
  bool may_weaken = false;
};

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_SEALING_KEY_CUSTODY_H_
