// SPDX-License-Identifier: Apache-2.0
// A secret that cannot be printed by accident and is wiped when it dies.
//
// There is no operator<<, no conversion to a string and no AbslStringify; who
// needs the bytes calls Reveal() and is easy to find in review. Movable, not
// copyable. Thread-compatible.
#ifndef MICROOVN_BASE_CRYPTO_SECRET_STRING_H_
#define MICROOVN_BASE_CRYPTO_SECRET_STRING_H_

#include <string>

#include "absl/strings/string_view.h"

namespace microovn {

class SecretString {
 public:
  SecretString() = default;
  // Takes over the bytes; the caller's copy, if any, is the caller's to wipe.
  explicit SecretString(std::string value) : value_(std::move(value)) {}
  ~SecretString() { Wipe(); }

  SecretString(SecretString&& other) noexcept;
  SecretString& operator=(SecretString&& other) noexcept;
  SecretString(const SecretString&) = delete;
  SecretString& operator=(const SecretString&) = delete;

  // Valid as long as this object; do not log, store or copy it.
  absl::string_view Reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  void Wipe();

  std::string value_;
};

}  // namespace microovn

#endif  // MICROOVN_BASE_CRYPTO_SECRET_STRING_H_
