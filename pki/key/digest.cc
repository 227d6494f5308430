// SPDX-License-Identifier: Apache-2.0
#include "pki/key/digest.h"

#include <openssl/evp.h>

#include "absl/strings/escaping.h"
#include "glog/logging.h"

namespace microovn::pki {

std::string Sha256(absl::string_view data) {
  std::string digest(32, '\0');
  size_t size = 0;
  CHECK_EQ(EVP_Q_digest(nullptr, "SHA256", nullptr, data.data(), data.size(),
                        reinterpret_cast<unsigned char*>(&digest[0]), &size),
           1)
      << "OpenSSL has no SHA-256";
  CHECK_EQ(size, digest.size());
  return digest;
}

std::string HmacSha256(absl::string_view key, absl::string_view data) {
  std::string mac(32, '\0');
  size_t size = 0;
  CHECK(EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key.data(),
                  key.size(),
                  reinterpret_cast<const unsigned char*>(data.data()),
                  data.size(), reinterpret_cast<unsigned char*>(&mac[0]),
                  mac.size(), &size) != nullptr)
      << "OpenSSL has no HMAC-SHA256";
  CHECK_EQ(size, mac.size());
  return mac;
}

std::string Sha256Hex(absl::string_view data) {
  return absl::BytesToHexString(Sha256(data));
}

bool IsSha256Hex(absl::string_view text) {
  return text.size() == 64 &&
         text.find_first_not_of("0123456789abcdef") == absl::string_view::npos;
}

}  // namespace microovn::pki
