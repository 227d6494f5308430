// SPDX-License-Identifier: Apache-2.0
#include "base/crypto/digest.h"

#include <openssl/evp.h>

#include <array>

#include "glog/logging.h"

namespace microovn {
namespace {

// Fetched once: looking an algorithm up costs more than a small digest.
const EVP_MD* Sha256() {
  static const EVP_MD* const kAlgorithm =
      EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return kAlgorithm;
}

std::array<char, 8> BigEndian(uint64_t number) {
  std::array<char, 8> bytes;
  for (size_t i = bytes.size(); i-- > 0; number >>= 8) {
    bytes[i] = static_cast<char>(number & 0xff);
  }
  return bytes;
}

}  // namespace

DigestBuilder::DigestBuilder() : context_(EVP_MD_CTX_new()) {
  CHECK(context_ != nullptr && Sha256() != nullptr);
  CHECK_EQ(EVP_DigestInit_ex(context_, Sha256(), nullptr), 1);
}

DigestBuilder::~DigestBuilder() { EVP_MD_CTX_free(context_); }

void DigestBuilder::Add(absl::string_view part) {
  Add(part.size());
  Update(part.data(), part.size());
}

void DigestBuilder::Add(uint64_t number) {
  const std::array<char, 8> bytes = BigEndian(number);
  Update(bytes.data(), bytes.size());
}

std::string DigestBuilder::Finish() {
  std::string digest(kDigestSize, '\0');
  CHECK_EQ(EVP_DigestFinal_ex(
               context_, reinterpret_cast<unsigned char*>(&digest[0]), nullptr),
           1);
  CHECK_EQ(EVP_DigestInit_ex(context_, Sha256(), nullptr), 1);
  return digest;
}

void DigestBuilder::Update(const void* data, size_t size) {
  CHECK_EQ(EVP_DigestUpdate(context_, data, size), 1);
}

}  // namespace microovn
