// SPDX-License-Identifier: Apache-2.0
#include "ctl/commands/user_key.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "absl/status/status.h"

namespace microovn::ctl {
namespace {

template <typename T, void (*Free)(T*)>
struct Freed {
  void operator()(T* object) const { Free(object); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using RequestPtr = std::unique_ptr<X509_REQ, Freed<X509_REQ, X509_REQ_free>>;
using BioPtr = std::unique_ptr<BIO, Freed<BIO, BIO_free_all>>;

absl::Status Failed() {
  return absl::InternalError("a key for the certificate could not be made");
}

std::string ContentOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

absl::StatusOr<std::string> RequestOf(EVP_PKEY* key, const std::string& name) {
  const RequestPtr request(X509_REQ_new());
  if (request == nullptr || X509_REQ_set_version(request.get(), 0) != 1 ||
      X509_NAME_add_entry_by_txt(
          X509_REQ_get_subject_name(request.get()), "CN", MBSTRING_UTF8,
          reinterpret_cast<const unsigned char*>(name.data()),
          static_cast<int>(name.size()), -1, 0) != 1 ||
      X509_REQ_set_pubkey(request.get(), key) != 1 ||
      X509_REQ_sign(request.get(), key, EVP_sha256()) <= 0) {
    return Failed();
  }
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || PEM_write_bio_X509_REQ(bio.get(), request.get()) != 1) {
    return Failed();
  }
  return ContentOf(bio.get());
}

}  // namespace

absl::StatusOr<UserKey> MakeUserKey(const std::string& name) {
  const KeyPtr key(EVP_EC_gen("P-256"));
  // Wiped when it is freed.
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  if (key == nullptr || bio == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0,
                                    nullptr, nullptr) != 1) {
    return Failed();
  }
  UserKey made;
  made.key_pem = SecretString(ContentOf(bio.get()));
  auto request = RequestOf(key.get(), name);
  if (!request.ok()) return request.status();
  made.request_pem = *std::move(request);
  return made;
}

}  // namespace microovn::ctl
