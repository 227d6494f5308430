// SPDX-License-Identifier: Apache-2.0
// Certificate signing requests (PKCS #10).
//
// A request proves that its maker holds the private key and hands over the
// public one. Whatever else it asks for (subject, names, extensions) is never
// read: the issuer writes the certificate from registry facts.
//
// That is the defence against a joiner that asks for CA:TRUE, for another's
// name or for a role: there is no code that could copy it (RFC 2986 leaves the
// decision to the issuer).
#ifndef MICROOVN_PKI_CERTIFICATE_CERTIFICATE_REQUEST_H_
#define MICROOVN_PKI_CERTIFICATE_CERTIFICATE_REQUEST_H_

#include <openssl/types.h>

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "pki/key/private_key.h"
#include "pki/key/public_key.h"
#include "pki/name/distinguished_name.h"

namespace microovn::pki {

// Immutable, copyable. One that exists has a valid proof of possession.
class CertificateRequest {
 public:
  // With an empty subject and no attributes.
  static absl::StatusOr<CertificateRequest> Create(const PrivateKey& key);

  // For somebody else's CA to sign as a CA below it: asks for `subject`,
  // CA:TRUE without further CAs below, keyCertSign and cRLSign.
  static absl::StatusOr<CertificateRequest> CreateForCa(
      const PrivateKey& key, const DistinguishedName& subject);

  // CERTIFICATE_REQUEST_INVALID when it is malformed, over 16 KiB or not
  // signed with its own key.
  static absl::StatusOr<CertificateRequest> FromDer(absl::string_view der);
  static absl::StatusOr<CertificateRequest> FromPem(absl::string_view pem);

  const PublicKey& public_key() const { return public_key_; }
  const std::string& der() const { return der_; }
  std::string ToPem() const;
  // SHA-256 of der() in hex; what a join statement signs.
  std::string Fingerprint() const;

 private:
  static absl::StatusOr<CertificateRequest> Make(
      const PrivateKey& key,
      absl::FunctionRef<absl::Status(X509_REQ* request)> fill);
  CertificateRequest(std::string der, PublicKey public_key)
      : der_(std::move(der)), public_key_(std::move(public_key)) {}

  std::string der_;
  PublicKey public_key_;
};

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_CERTIFICATE_CERTIFICATE_REQUEST_H_
