// SPDX-License-Identifier: Apache-2.0
#include "base/crypto/scoped_wipe.h"

#include <openssl/crypto.h>

namespace microovn {

// All that was reserved: what was longer once may be there still.
ScopedWipe::~ScopedWipe() {
  text_->resize(text_->capacity());
  if (!text_->empty()) OPENSSL_cleanse(&(*text_)[0], text_->size());
  text_->clear();
}

}  // namespace microovn
