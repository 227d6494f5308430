// SPDX-License-Identifier: Apache-2.0
#include "pki/certificate/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "pki/errors.h"
#include "pki/key/digest.h"
#include "pki/openssl/openssl_error.h"

namespace microovn::pki {
namespace {

// Bounds on what a peer or a file may make us parse. Leaves of ours have less
// than 1 KiB; a user's RSA chain stays far below.
constexpr size_t kMaxDerBytes = 64 << 10;
constexpr size_t kMaxPemBytes = 1 << 20;
constexpr size_t kMaxBundle = 64;

absl::StatusOr<std::string> DerOf(const X509* x509) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(x509, &der);
  if (size <= 0) return OpensslError("encoding a certificate");
  const OpensslMemory<unsigned char> owner(der);
  if (static_cast<size_t>(size) > kMaxDerBytes) {
    return CertificateInvalid("it is too large");
  }
  return std::string(reinterpret_cast<const char*>(der),
                     static_cast<size_t>(size));
}

// UTCTime and GeneralizedTime (RFC 5280 4.1.2.5), both always in UTC.
absl::StatusOr<absl::Time> TimeOf(const ASN1_TIME* time) {
  std::tm fields = {};
  if (ASN1_TIME_to_tm(time, &fields) != 1) {
    return CertificateInvalid("a date in it cannot be read");
  }
  return absl::FromTM(fields, absl::UTCTimeZone());
}

absl::StatusOr<std::string> SerialOf(const X509* x509) {
  const BignumPtr number(
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509), nullptr));
  if (number == nullptr) return CertificateInvalid("it has no serial number");
  const OpensslMemory<char> hex(BN_bn2hex(number.get()));
  if (hex == nullptr) return OpensslError("printing a serial number");
  return absl::AsciiStrToLower(hex.get());
}

// Reads the next certificate from `bio`; null at its end.
absl::StatusOr<X509Ptr> NextCertificate(BIO* bio) {
  X509Ptr x509(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr));
  if (x509 != nullptr) return x509;
  // PEM_read_bio answers null for the end as well as for damage; only the error
  // queue tells them apart. Damage taken for the end would cut a bundle short
  // and drop trusted CAs without a word.
  const unsigned long error = ERR_peek_last_error();  // NOLINT
  const bool at_end = ERR_GET_LIB(error) == ERR_LIB_PEM &&
                      ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  const std::string cause = TakeOpensslError();
  if (at_end) return x509;
  return CertificateInvalid(cause);
}

}  // namespace

absl::StatusOr<Certificate> Certificate::FromDer(absl::string_view der) {
  const ScopedOpensslErrors errors;
  if (der.size() > kMaxDerBytes) return CertificateInvalid("it is too large");
  const auto* begin = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* at = begin;
  X509Ptr x509(
      d2i_X509(nullptr, &at, static_cast<long>(der.size())));  // NOLINT
  if (x509 == nullptr) return CertificateInvalid(TakeOpensslError());
  // d2i_X509 stops at the end of the structure and leaves the rest unread.
  if (at != begin + der.size()) {
    return CertificateInvalid("bytes follow its end");
  }
  return Adopt(std::move(x509));
}

absl::StatusOr<Certificate> Certificate::FromPem(absl::string_view pem) {
  ASSIGN_OR_RETURN(std::vector<Certificate> bundle, BundleFromPem(pem));
  if (bundle.size() != 1) {
    return CertificateInvalid(
        absl::StrCat("one was expected, there are ", bundle.size()));
  }
  return std::move(bundle.front());
}

absl::StatusOr<std::vector<Certificate>> Certificate::BundleFromPem(
    absl::string_view pem) {
  const ScopedOpensslErrors errors;
  if (pem.size() > kMaxPemBytes) return CertificateInvalid("it is too large");
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (bio == nullptr) return OpensslError("reading certificates");
  std::vector<Certificate> bundle;
  for (;;) {
    ASSIGN_OR_RETURN(X509Ptr x509, NextCertificate(bio.get()));
    if (x509 == nullptr) break;
    if (bundle.size() == kMaxBundle) {
      return CertificateInvalid(
          absl::StrCat("there are more than ", kMaxBundle));
    }
    ASSIGN_OR_RETURN(Certificate certificate, Adopt(std::move(x509)));
    bundle.push_back(std::move(certificate));
  }
  if (bundle.empty()) {
    return CertificateInvalid("there is none in PEM form");
  }
  return bundle;
}

absl::StatusOr<Certificate> Certificate::Adopt(X509Ptr x509) {
  // The flags are computed on first use and cached under OpenSSL's lock.
  // X509_get_extension_flags(3): EXFLAG_INVALID is set for an extension that
  // could not be parsed, and its other flags mean nothing then.
  const uint32_t flags = X509_get_extension_flags(x509.get());
  if ((flags & EXFLAG_INVALID) != 0) {
    TakeOpensslError();
    return CertificateInvalid("an extension in it cannot be read");
  }
  const EVP_PKEY* key = X509_get0_pubkey(x509.get());
  if (key == nullptr) return CertificateInvalid(TakeOpensslError());
  ASSIGN_OR_RETURN(PublicKey public_key, PublicKey::FromEvp(key));
  ASSIGN_OR_RETURN(std::string der, DerOf(x509.get()));
  ASSIGN_OR_RETURN(std::string serial, SerialOf(x509.get()));
  ASSIGN_OR_RETURN(DistinguishedName subject,
                   ReadName(X509_get_subject_name(x509.get())));
  ASSIGN_OR_RETURN(DistinguishedName issuer,
                   ReadName(X509_get_issuer_name(x509.get())));
  ASSIGN_OR_RETURN(AlternativeNames names, ReadAlternativeNames(x509.get()));
  ASSIGN_OR_RETURN(const absl::Time not_before,
                   TimeOf(X509_get0_notBefore(x509.get())));
  ASSIGN_OR_RETURN(const absl::Time not_after,
                   TimeOf(X509_get0_notAfter(x509.get())));
  // Without a keyUsage extension X509_get_key_usage answers with all bits set.
  const bool may_sign =
      (flags & EXFLAG_KUSAGE) != 0 &&
      (X509_get_key_usage(x509.get()) & KU_KEY_CERT_SIGN) != 0;
  const bool is_ca = (flags & EXFLAG_CA) != 0;
  const bool self_issued = (flags & EXFLAG_SI) != 0;
  std::string fingerprint = Sha256Hex(der);
  return Certificate(std::make_shared<const Fields>(
      Fields{std::move(x509), std::move(der), std::move(fingerprint),
             std::move(serial), std::move(subject), std::move(issuer),
             std::move(names), not_before, not_after, std::move(public_key),
             is_ca, may_sign, self_issued}));
}

// What was parsed can be printed; only memory can fail.
std::string Certificate::ToPem() const {
  const ScopedOpensslErrors errors;
  const BioPtr bio(BIO_new(BIO_s_mem()));
  CHECK(bio != nullptr && PEM_write_bio_X509(bio.get(), x509()) == 1)
      << "out of memory";
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);  // NOLINT
  return std::string(data, static_cast<size_t>(size));
}

}  // namespace microovn::pki
