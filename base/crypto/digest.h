// SPDX-License-Identifier: Apache-2.0
// SHA-256 over several parts: checksums of records and of snapshots, and the
// running hash of what was applied.
#ifndef MICROOVN_BASE_CRYPTO_DIGEST_H_
#define MICROOVN_BASE_CRYPTO_DIGEST_H_

#include <openssl/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace microovn {

constexpr size_t kDigestSize = 32;

// Thread-compatible.
class DigestBuilder {
 public:
  DigestBuilder();
  ~DigestBuilder();
  DigestBuilder(const DigestBuilder&) = delete;
  DigestBuilder& operator=(const DigestBuilder&) = delete;

  // Feeds the length and then the bytes, so that ("ab", "c") and ("a", "bc")
  // have different digests.
  void Add(absl::string_view part);
  void Add(uint64_t number);

  // kDigestSize bytes; the builder starts anew.
  std::string Finish();

 private:
  void Update(const void* data, size_t size);

  EVP_MD_CTX* const context_;
};

}  // namespace microovn

#endif  // MICROOVN_BASE_CRYPTO_DIGEST_H_
