// SPDX-License-Identifier: Apache-2.0
#include "pki/certificate/certificate_request.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <utility>

#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "pki/errors.h"
#include "pki/key/digest.h"
#include "pki/key/key_type.h"
#include "pki/openssl/openssl_error.h"
#include "pki/openssl/openssl_ptr.h"

namespace microovn::pki {
namespace {

// A request with an RSA key of 8192 bits has about 2 KiB.
constexpr size_t kMaxBytes = 16 << 10;

absl::StatusOr<std::string> DerOf(const X509_REQ* request) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_REQ(request, &der);
  if (size <= 0) return OpensslError("encoding a certificate request");
  const OpensslMemory<unsigned char> owner(der);
  return std::string(reinterpret_cast<const char*>(der),
                     static_cast<size_t>(size));
}

absl::StatusOr<X509ReqPtr> Decode(absl::string_view der) {
  if (der.size() > kMaxBytes) {
    return CertificateRequestInvalid("it is too large");
  }
  const auto* begin = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* at = begin;
  X509ReqPtr request(
      d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));  // NOLINT
  if (request == nullptr) return CertificateRequestInvalid(TakeOpensslError());
  if (at != begin + der.size()) {
    return CertificateRequestInvalid("bytes follow its end");
  }
  return request;
}

struct ExtensionsFree {
  void operator()(STACK_OF(X509_EXTENSION) * extensions) const {
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  }
};

absl::Status AskForCa(X509_REQ* request) {
  constexpr std::pair<int, const char*> kWanted[] = {
      {NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
      {NID_key_usage, "critical,keyCertSign,cRLSign"}};
  const std::unique_ptr<STACK_OF(X509_EXTENSION), ExtensionsFree> extensions(
      sk_X509_EXTENSION_new_null());
  if (extensions == nullptr) return OpensslError("asking for extensions");
  for (const auto& [nid, value] : kWanted) {
    X509_EXTENSION* extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
    if (extension == nullptr ||
        sk_X509_EXTENSION_push(extensions.get(), extension) <= 0) {
      X509_EXTENSION_free(extension);
      return OpensslError("asking for extensions");
    }
  }
  return X509_REQ_add_extensions(request, extensions.get()) == 1
             ? absl::OkStatus()
             : OpensslError("asking for extensions");
}

}  // namespace

absl::StatusOr<CertificateRequest> CertificateRequest::Create(
    const PrivateKey& key) {
  return Make(key, [](X509_REQ*) { return absl::OkStatus(); });
}

absl::StatusOr<CertificateRequest> CertificateRequest::CreateForCa(
    const PrivateKey& key, const DistinguishedName& subject) {
  return Make(key, [&subject](X509_REQ* request) -> absl::Status {
    ASSIGN_OR_RETURN(const X509NamePtr name, MakeName(subject));
    if (X509_REQ_set_subject_name(request, name.get()) != 1) {
      return OpensslError("naming a certificate request");
    }
    return AskForCa(request);
  });
}

absl::StatusOr<CertificateRequest> CertificateRequest::Make(
    const PrivateKey& key,
    absl::FunctionRef<absl::Status(X509_REQ* request)> fill) {
  const ScopedOpensslErrors errors;
  const X509ReqPtr request(X509_REQ_new());
  if (request == nullptr || X509_REQ_set_version(request.get(), 0) != 1 ||
      X509_REQ_set_pubkey(request.get(), key.evp()) != 1) {
    return OpensslError("making a certificate request");
  }
  RETURN_IF_ERROR(fill(request.get()));
  if (X509_REQ_sign(request.get(), key.evp(), SignatureDigest(key.type())) <=
      0) {
    return OpensslError("signing a certificate request");
  }
  ASSIGN_OR_RETURN(std::string der, DerOf(request.get()));
  return CertificateRequest(std::move(der), key.public_key());
}

absl::StatusOr<CertificateRequest> CertificateRequest::FromDer(
    absl::string_view der) {
  const ScopedOpensslErrors errors;
  ASSIGN_OR_RETURN(const X509ReqPtr request, Decode(der));
  EVP_PKEY* key = X509_REQ_get0_pubkey(request.get());
  if (key == nullptr) return CertificateRequestInvalid(TakeOpensslError());
  ASSIGN_OR_RETURN(PublicKey public_key, PublicKey::FromEvp(key));
  // Without it a member could have another's public key certified under its own
  // name, and be taken for who signs with that key.
  if (X509_REQ_verify(request.get(), key) != 1) {
    TakeOpensslError();
    return CertificateRequestInvalid("it is not signed with its own key");
  }
  return CertificateRequest(std::string(der), std::move(public_key));
}

absl::StatusOr<CertificateRequest> CertificateRequest::FromPem(
    absl::string_view pem) {
  const ScopedOpensslErrors errors;
  if (pem.size() > 2 * kMaxBytes) {
    return CertificateRequestInvalid("it is too large");
  }
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (bio == nullptr) return OpensslError("reading a certificate request");
  const X509ReqPtr request(
      PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr));
  if (request == nullptr) return CertificateRequestInvalid(TakeOpensslError());
  // One path for all: the bounds and the proof are checked in FromDer.
  ASSIGN_OR_RETURN(const std::string der, DerOf(request.get()));
  return FromDer(der);
}

std::string CertificateRequest::ToPem() const {
  const ScopedOpensslErrors errors;
  const absl::StatusOr<X509ReqPtr> request = Decode(der_);
  const BioPtr bio(BIO_new(BIO_s_mem()));
  // It was decoded before; only memory can fail.
  CHECK(request.ok() && bio != nullptr &&
        PEM_write_bio_X509_REQ(bio.get(), request->get()) == 1)
      << "out of memory";
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);  // NOLINT
  return std::string(data, static_cast<size_t>(size));
}

std::string CertificateRequest::Fingerprint() const { return Sha256Hex(der_); }

}  // namespace microovn::pki
