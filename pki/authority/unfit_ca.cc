// SPDX-License-Identifier: Apache-2.0
#include "pki/authority/unfit_ca.h"

#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "base/status/error.h"

namespace microovn::pki {
namespace {

constexpr uint32_t kTls = XKU_SSL_SERVER | XKU_SSL_CLIENT;
// Bits of security that OpenSSL asks of a signature at level 2.
constexpr int kSecurityBits = 112;

bool HasExtension(const Certificate& certificate, int nid) {
  return X509_get_ext_by_NID(certificate.x509(), nid, -1) >= 0;
}

bool ForbidsTls(const Certificate& certificate) {
  // All bits are set when there is no such extension.
  return (X509_get_extended_key_usage(certificate.x509()) & kTls) != kTls;
}

bool HasWeakSignature(const Certificate& certificate) {
  int bits = 0;
  return X509_get_signature_info(certificate.x509(), nullptr, nullptr, &bits,
                                 nullptr) == 1 &&
         bits < kSecurityBits;
}

// Of the certificate at `place` above the leaf, which is at 0: as many CAs
// stand between.
bool IsTooShort(const Certificate& certificate, size_t place) {
  const long limit = X509_get_pathlen(certificate.x509());  // NOLINT
  return limit >= 0 && static_cast<size_t>(limit) < place;
}

const char* RemedyFor(const std::vector<Certificate>& chain, absl::Time now) {
  for (size_t i = 0; i < chain.size(); ++i) {
    const Certificate& link = chain[i];
    if (now >= link.not_after()) return "give a CA that has not expired";
    if (now < link.not_before()) {
      return "set this machine's clock, or wait until the CA is valid";
    }
    if (ForbidsTls(link)) {
      return "issue the CA without extendedKeyUsage, or with both serverAuth "
             "and clientAuth";
    }
    if (HasExtension(link, NID_name_constraints)) {
      return "issue the CA without name constraints, or with ones that permit "
             "the names, addresses and URIs of all members";
    }
    if (IsTooShort(link, i)) {
      return "issue the CA above with a greater path length (pathlen)";
    }
    const bool root = i + 1 == chain.size();
    if (!root && HasWeakSignature(link)) {
      return "have the CA signed anew with SHA-256 or better, by an RSA key of "
             "2048 bits or more or an EC key";
    }
  }
  return "give the issuing CA certificate with its key, followed by its chain "
         "up to the root";
}

}  // namespace

absl::Status UnfitCa(const std::vector<Certificate>& chain, absl::Time now,
                     absl::string_view why) {
  return MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("the certificate authority is not usable: ", why),
      {"CA_INVALID", RemedyFor(chain, now), {}});
}

}  // namespace microovn::pki
