// SPDX-License-Identifier: Apache-2.0
#include "ctl/client/credentials.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <time.h>

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/crypto/scoped_wipe.h"
#include "base/file/file.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"

namespace microovn::ctl {
namespace {

constexpr size_t kLargestFile = 1 << 20;
constexpr size_t kMostCas = 64;

template <typename T, void (*Free)(T*)>
struct Freed {
  void operator()(T* object) const { Free(object); }
};
using BioPtr = std::unique_ptr<BIO, Freed<BIO, BIO_free_all>>;
using CertificatePtr = std::unique_ptr<X509, Freed<X509, X509_free>>;
using ContextPtr =
    std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX, X509_STORE_CTX_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using StorePtr =
    std::unique_ptr<X509_STORE, Freed<X509_STORE, X509_STORE_free>>;

absl::Status Refused(absl::string_view why) {
  return MakeError(absl::StatusCode::kUnauthenticated, why,
                   {"CREDENTIALS_REFUSED",
                    "ask an administrator for a certificate: microovn cluster "
                    "user add NAME --role ROLE --output DIR",
                    {}});
}

BioPtr Reading(absl::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string Written(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(bio.get(), certificate) != 1) return "";
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

// All in the file, in their order; none when there is none.
std::vector<CertificatePtr> CertificatesIn(absl::string_view pem) {
  std::vector<CertificatePtr> found;
  const BioPtr bio = Reading(pem);
  while (found.size() < kMostCas) {
    CertificatePtr next(
        PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (next == nullptr) break;
    found.push_back(std::move(next));
  }
  ERR_clear_error();  // the end of the file is one
  return found;
}

// A key that needs a passphrase is none: nobody is asked.
int NoPassphrase(char*, int, int, void*) { return 0; }

KeyPtr KeyIn(absl::string_view pem) {
  const BioPtr bio = Reading(pem);
  KeyPtr key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  ERR_clear_error();
  return key;
}

SecretString KeyText(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  if (PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0,
                                    nullptr, nullptr) != 1) {
    return SecretString();
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return SecretString(std::string(data, static_cast<size_t>(size)));
}

// Whatever their dates.
bool Signs(const std::vector<CertificatePtr>& cas, X509* certificate) {
  const StorePtr store(X509_STORE_new());
  for (const CertificatePtr& ca : cas) {
    X509_STORE_add_cert(store.get(), ca.get());
  }
  const ContextPtr context(X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(context.get(), store.get(), certificate, nullptr) !=
      1) {
    return false;
  }
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_NO_CHECK_TIME);
  const bool signs = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  return signs;
}

std::string Shown(const ASN1_TIME* time) {
  tm parts = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unknown time";
  return absl::FormatTime(absl::RFC3339_sec,
                          absl::FromTM(parts, absl::UTCTimeZone()),
                          absl::UTCTimeZone());
}

absl::Status CheckDates(const Endpoint& endpoint, X509* certificate,
                        absl::Time now) {
  time_t seconds = absl::ToTimeT(now);
  if (X509_cmp_time(X509_get0_notAfter(certificate), &seconds) < 0) {
    return Refused(absl::StrCat("the certificate in ", endpoint.certificate,
                                " has expired at ",
                                Shown(X509_get0_notAfter(certificate))));
  }
  if (X509_cmp_time(X509_get0_notBefore(certificate), &seconds) > 0) {
    return Refused(
        absl::StrCat("the certificate in ", endpoint.certificate,
                     " is valid from ", Shown(X509_get0_notBefore(certificate)),
                     " on, and this machine's clock is before that"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Credentials> ReadCredentials(const Endpoint& endpoint,
                                            absl::Time now) {
  ASSIGN_OR_RETURN(const std::string ca_file,
                   ReadFile(endpoint.ca_certificate, kLargestFile));
  ASSIGN_OR_RETURN(std::string certificate_file,
                   ReadFile(endpoint.certificate, kLargestFile));
  ASSIGN_OR_RETURN(std::string key_file,
                   ReadFile(endpoint.private_key, kLargestFile));
  const ScopedWipe wiped(&key_file);
  const ScopedWipe wiped_too(&certificate_file);
  const std::vector<CertificatePtr> own = CertificatesIn(certificate_file);
  if (own.empty()) {
    return Refused(
        absl::StrCat("there is no certificate in ", endpoint.certificate));
  }
  X509* certificate = own.front().get();
  const KeyPtr key = KeyIn(key_file);
  if (key == nullptr) {
    return Refused(absl::StrCat("there is no private key in ",
                                endpoint.private_key,
                                " that can be read without a passphrase"));
  }
  if (X509_check_private_key(certificate, key.get()) != 1) {
    ERR_clear_error();
    return Refused(absl::StrCat("the key in ", endpoint.private_key,
                                " is not that of the certificate in ",
                                endpoint.certificate));
  }
  Credentials credentials;
  std::vector<CertificatePtr> cas;
  for (CertificatePtr& each : CertificatesIn(ca_file)) {
    if (X509_check_ca(each.get()) == 0) continue;
    absl::StrAppend(&credentials.ca_pem, Written(each.get()));
    cas.push_back(std::move(each));
  }
  if (!Signs(cas, certificate)) {
    return Refused(absl::StrCat("the certificate in ", endpoint.certificate,
                                " is not signed by the CA in ",
                                endpoint.ca_certificate));
  }
  RETURN_IF_ERROR(CheckDates(endpoint, certificate, now));
  credentials.certificate_pem = Written(certificate);
  credentials.key_pem = KeyText(key.get());
  return credentials;
}

}  // namespace microovn::ctl
