// SPDX-License-Identifier: Apache-2.0
// Wipes a string at the end of a scope: a secret in a field of a message, where
// no SecretString can stand. What others have copied of it is theirs to wipe.
// Not thread-safe.
#ifndef MICROOVN_BASE_CRYPTO_SCOPED_WIPE_H_
#define MICROOVN_BASE_CRYPTO_SCOPED_WIPE_H_

#include <string>

namespace microovn {

class ScopedWipe {
 public:
  // Borrowed: it outlives this object, and is empty afterwards.
  explicit ScopedWipe(std::string* text) : text_(text) {}
  ~ScopedWipe();
  ScopedWipe(const ScopedWipe&) = delete;
  ScopedWipe& operator=(const ScopedWipe&) = delete;

 private:
  std::string* const text_;
};

}  // namespace microovn

#endif  // MICROOVN_BASE_CRYPTO_SCOPED_WIPE_H_
