// SPDX-License-Identifier: Apache-2.0
#include "pki/key/private_key.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <utility>

#include "base/status/status_macros.h"
#include "pki/errors.h"
#include "pki/openssl/openssl_error.h"

namespace microovn::pki {
namespace {

constexpr size_t kMaxPemBytes = 64 << 10;
constexpr size_t kSeedBytes = 32;

const unsigned char* Bytes(absl::string_view data) {
  return reinterpret_cast<const unsigned char*>(data.data());
}

// Without it OpenSSL would ask for a passphrase on the terminal.
int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

EVP_PKEY* GenerateEvp(KeyType type) {
  switch (type) {
    case KeyType::kP256:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
    case KeyType::kP384:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-384");
    case KeyType::kEd25519:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    // Read from users, never made here.
    case KeyType::kP521:
    case KeyType::kRsa:
      return nullptr;
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<PrivateKey> PrivateKey::Generate(KeyType type) {
  const ScopedOpensslErrors errors;
  EvpPkeyPtr key(GenerateEvp(type));
  if (key == nullptr) return OpensslError("generating a key");
  return Adopt(std::move(key));
}

absl::StatusOr<PrivateKey> PrivateKey::Adopt(EvpPkeyPtr key) {
  ASSIGN_OR_RETURN(PublicKey public_key, PublicKey::FromEvp(key.get()));
  return PrivateKey(std::move(key), std::move(public_key));
}

absl::StatusOr<PrivateKey> PrivateKey::FromPem(absl::string_view pem,
                                               KeyAccess) {
  const ScopedOpensslErrors errors;
  if (pem.size() > kMaxPemBytes) return PrivateKeyInvalid("it is too long");
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (bio == nullptr) return OpensslError("reading a key");
  bool encrypted = false;
  EvpPkeyPtr key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, &encrypted));
  if (key == nullptr) {
    const std::string cause = TakeOpensslError();
    return PrivateKeyInvalid(encrypted ? "it is encrypted; remove its "
                                         "passphrase first"
                                       : cause);
  }
  // The decoder tries several formats and leaves the misses in the queue.
  TakeOpensslError();
  return Adopt(std::move(key));
}

absl::StatusOr<PrivateKey> PrivateKey::FromEd25519Seed(absl::string_view seed,
                                                       KeyAccess) {
  const ScopedOpensslErrors errors;
  if (seed.size() != kSeedBytes) {
    return PrivateKeyInvalid("an Ed25519 seed has 32 bytes");
  }
  EvpPkeyPtr key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr,
                                              Bytes(seed), seed.size()));
  if (key == nullptr) return OpensslError("reading an Ed25519 seed");
  return Adopt(std::move(key));
}

absl::StatusOr<SecretString> PrivateKey::Ed25519Seed(KeyAccess) const {
  const ScopedOpensslErrors errors;
  std::string seed(kSeedBytes, '\0');
  size_t size = seed.size();
  if (EVP_PKEY_get_raw_private_key(
          key_.get(), reinterpret_cast<unsigned char*>(&seed[0]), &size) != 1 ||
      size != kSeedBytes) {
    return OpensslError("reading the seed of an Ed25519 key");
  }
  return SecretString(std::move(seed));
}

absl::StatusOr<SecretString> PrivateKey::ToPem(KeyAccess) const {
  const ScopedOpensslErrors errors;
  // Secure memory: wiped when freed, locked where the limits allow.
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  if (bio == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0,
                                    nullptr, nullptr) != 1) {
    return OpensslError("encoding a private key");
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);  // NOLINT
  return SecretString(std::string(data, static_cast<size_t>(size)));
}

absl::StatusOr<std::string> PrivateKey::Sign(absl::string_view message) const {
  const ScopedOpensslErrors errors;
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  // Asked for first: an upper bound for ECDSA, whose DER varies in length.
  size_t size = 0;
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, SignatureDigest(type()),
                         nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, Bytes(message),
                     message.size()) != 1) {
    return OpensslError("starting a signature");
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(),
                     reinterpret_cast<unsigned char*>(&signature[0]), &size,
                     Bytes(message), message.size()) != 1) {
    return OpensslError("signing");
  }
  signature.resize(size);
  return signature;
}

}  // namespace microovn::pki
