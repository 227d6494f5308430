// SPDX-License-Identifier: Apache-2.0
#include "base/crypto/secret_string.h"

#include <openssl/crypto.h>

#include <utility>

namespace microovn {

SecretString::SecretString(SecretString&& other) noexcept {
  // A moved-from short string keeps its bytes, so copy and wipe instead.
  value_ = other.value_;
  other.Wipe();
}

SecretString& SecretString::operator=(SecretString&& other) noexcept {
  if (this != &other) {
    Wipe();
    value_ = other.value_;
    other.Wipe();
  }
  return *this;
}

void SecretString::Wipe() {
  if (!value_.empty()) OPENSSL_cleanse(&value_[0], value_.size());
  value_.clear();
}

}  // namespace microovn
