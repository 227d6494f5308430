// SPDX-License-Identifier: Apache-2.0
#include "pki/sealing/sealed_key.h"

#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/objects.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/crypto/secret_string.h"
#include "base/status/status_macros.h"
#include "pki/errors.h"
#include "pki/key/key_access.h"
#include "pki/openssl/openssl_error.h"
#include "pki/openssl/openssl_ptr.h"

namespace microovn::pki {
namespace {

constexpr size_t kMaxBytes = 64 << 10;

using CmsPtr = OpensslPtr<CMS_ContentInfo, CMS_ContentInfo_free>;

absl::Status AddRecipient(CMS_ContentInfo* cms, const Certificate& recipient) {
  // By key identifier: it follows from the key, so a sealing certificate that
  // was made anew still matches.
  CMS_RecipientInfo* info =
      CMS_add1_recipient_cert(cms, recipient.x509(), CMS_USE_KEYID);
  if (info == nullptr) return OpensslError("adding a recipient");
  // The default key derivation hashes with SHA-1.
  EVP_PKEY_CTX* context = CMS_RecipientInfo_get0_pkey_ctx(info);
  if (context == nullptr ||
      EVP_PKEY_CTX_set_ecdh_kdf_md(context, EVP_sha256()) != 1) {
    return OpensslError("choosing the hash of the key derivation");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> DerOf(CMS_ContentInfo* cms) {
  unsigned char* der = nullptr;
  const int size = i2d_CMS_ContentInfo(cms, &der);
  if (size <= 0) return OpensslError("encoding a sealed key");
  const OpensslMemory<unsigned char> owner(der);
  return std::string(reinterpret_cast<const char*>(der),
                     static_cast<size_t>(size));
}

absl::StatusOr<CmsPtr> Decode(absl::string_view der) {
  if (der.size() > kMaxBytes) return SealedKeyUnreadable("it is too large");
  const auto* begin = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* at = begin;
  CmsPtr cms(d2i_CMS_ContentInfo(nullptr, &at,
                                 static_cast<long>(der.size())));  // NOLINT
  if (cms == nullptr) return SealedKeyUnreadable(TakeOpensslError());
  if (at != begin + der.size()) {
    return SealedKeyUnreadable("bytes follow its end");
  }
  // Nothing weaker may stand in: plain EnvelopedData is malleable.
  if (OBJ_obj2nid(CMS_get0_type(cms.get())) !=
      NID_id_smime_ct_authEnvelopedData) {
    return SealedKeyUnreadable("it is not authenticated ciphertext");
  }
  return cms;
}

}  // namespace

absl::StatusOr<SealedKey> SealedKey::Seal(
    const PrivateKey& key, const std::vector<Certificate>& recipients) {
  const ScopedOpensslErrors errors;
  if (recipients.empty() || recipients.size() > kMaxRecipients) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a key is sealed to 1 to ", kMaxRecipients, " recipients"));
  }
  ASSIGN_OR_RETURN(const SecretString pem, key.ToPem(KeyAccess::Granted()));
  const BioPtr input(BIO_new_mem_buf(pem.Reveal().data(),
                                     static_cast<int>(pem.Reveal().size())));
  constexpr unsigned int kFlags = CMS_BINARY | CMS_PARTIAL;
  const CmsPtr cms(CMS_encrypt(nullptr, nullptr, EVP_aes_256_gcm(), kFlags));
  if (input == nullptr || cms == nullptr) return OpensslError("sealing a key");
  for (const Certificate& recipient : recipients) {
    RETURN_IF_ERROR(AddRecipient(cms.get(), recipient));
  }
  // CMS_PARTIAL above left the structure open for the recipients; CMS_BINARY
  // keeps line ends as they are, which PEM needs to come back bit by bit.
  if (CMS_final(cms.get(), input.get(), nullptr, CMS_BINARY) != 1) {
    return OpensslError("sealing a key");
  }
  ASSIGN_OR_RETURN(std::string der, DerOf(cms.get()));
  return SealedKey(std::move(der));
}

absl::StatusOr<SealedKey> SealedKey::FromDer(absl::string_view der) {
  const ScopedOpensslErrors errors;
  RETURN_IF_ERROR(Decode(der).status());
  return SealedKey(std::string(der));
}

absl::StatusOr<PrivateKey> SealedKey::Open(
    const SealingKey& sealing_key) const {
  const ScopedOpensslErrors errors;
  ASSIGN_OR_RETURN(const CmsPtr cms, Decode(der_));
  // Secure memory: wiped when freed.
  const BioPtr output(BIO_new(BIO_s_secmem()));
  if (output == nullptr) return OpensslError("opening a sealed key");
  // The tag of GCM is checked at the end of the stream; output is used only
  // after success, so altered plaintext is never looked at.
  if (CMS_decrypt(cms.get(), sealing_key.key().evp(),
                  sealing_key.certificate().x509(), nullptr, output.get(),
                  CMS_BINARY) != 1) {
    TakeOpensslError();
    return SealedKeyUnreadable(
        "it is not sealed to this node's key, or it was altered");
  }
  // A success may leave the probes of other recipients in the queue.
  TakeOpensslError();
  char* data = nullptr;
  const long size = BIO_get_mem_data(output.get(), &data);  // NOLINT
  return PrivateKey::FromPem(absl::string_view(data, static_cast<size_t>(size)),
                             KeyAccess::Granted());
}

absl::StatusOr<SealedKey> SealedKey::Rewrap(
    const SealingKey& sealing_key,
    const std::vector<Certificate>& recipients) const {
  ASSIGN_OR_RETURN(const PrivateKey key, Open(sealing_key));
  return Seal(key, recipients);
}

}  // namespace microovn::pki
