// SPDX-License-Identifier: Apache-2.0
// SHA-256, HMAC-SHA256 and hexadecimal. Free functions, thread-safe.
//
// Failures end the process: OpenSSL without SHA-256 can do nothing that this
// program is for, and an empty digest that goes on would compare equal to
// another empty one.
#ifndef MICROOVN_PKI_KEY_DIGEST_H_
#define MICROOVN_PKI_KEY_DIGEST_H_

#include <string>

#include "absl/strings/string_view.h"

namespace microovn::pki {

// 32 bytes.
std::string Sha256(absl::string_view data);

// 32 bytes (RFC 2104).
std::string HmacSha256(absl::string_view key, absl::string_view data);

// 64 lower-case hex digits.
std::string Sha256Hex(absl::string_view data);

// Whether `text` is what Sha256Hex returns.
bool IsSha256Hex(absl::string_view text);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_KEY_DIGEST_H_
