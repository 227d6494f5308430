// SPDX-License-Identifier: Apache-2.0
// X.509 certificates, parsed once into plain values.
//
// Parsing says nothing about trust: see chain_verifier.h.
// What cannot be read in full is refused here: later code compares plain
// strings and never meets a NUL, a broken extension or an unknown kind of key.
// All input may be an attacker's; certificate_fuzz.cc holds that.
#ifndef MICROOVN_PKI_CERTIFICATE_CERTIFICATE_H_
#define MICROOVN_PKI_CERTIFICATE_CERTIFICATE_H_

#include <openssl/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "pki/key/public_key.h"
#include "pki/name/distinguished_name.h"
#include "pki/openssl/openssl_ptr.h"

namespace microovn::pki {

// A certificate of ours starts this long before it is made, so that a peer
// whose clock is behind by hours accepts it: its time zone is wrong, or it has
// no battery and took its time from its disk.
inline constexpr absl::Duration kBackdating = absl::Hours(24);

// Immutable, cheap to copy, thread-safe.
class Certificate {
 public:
  // Reads exactly one certificate. CERTIFICATE_INVALID for anything else.
  // In DER a byte that follows is an error: a fingerprint stands for all that
  // was sent. In PEM, text around the block is not looked at.
  static absl::StatusOr<Certificate> FromPem(absl::string_view pem);
  static absl::StatusOr<Certificate> FromDer(absl::string_view der);

  // One to 64 certificates, in their order, of at most 1 MiB of PEM. Blocks of
  // other kinds, such as a key, are skipped.
  static absl::StatusOr<std::vector<Certificate>> BundleFromPem(
      absl::string_view pem);

  const std::string& der() const { return fields_->der; }
  std::string ToPem() const;

  const DistinguishedName& subject() const { return fields_->subject; }
  const DistinguishedName& issuer() const { return fields_->issuer; }
  const AlternativeNames& names() const { return fields_->names; }
  // Lower-case hex without leading zeros beyond the full byte.
  const std::string& serial() const { return fields_->serial; }
  absl::Time not_before() const { return fields_->not_before; }
  absl::Time not_after() const { return fields_->not_after; }
  // SHA-256 of der() in hex; public_key().Fingerprint() is that of the SPKI.
  const std::string& fingerprint() const { return fields_->fingerprint; }
  const PublicKey& public_key() const { return fields_->public_key; }

  // basicConstraints CA:TRUE.
  // This and the two below are what the certificate says of itself; only a
  // verified chain makes it true.
  bool is_ca() const { return fields_->is_ca; }
  // A keyUsage extension is there and holds keyCertSign.
  bool may_sign_certificates() const { return fields_->may_sign; }
  // Issued under its own name; its signature is not checked here.
  // RFC 5280 3.2 calls it self-issued: a certificate that links two keys of one
  // CA is that as well, without being self-signed.
  bool is_self_issued() const { return fields_->self_issued; }

  // Borrowed, for this folder. OpenSSL takes no const where it only counts
  // references.
  // Valid as long as any copy of this value. Nobody may change it: copies share
  // it between threads.
  X509* x509() const { return fields_->x509.get(); }

  friend bool operator==(const Certificate& a, const Certificate& b) {
    return a.der() == b.der();
  }
  friend bool operator!=(const Certificate& a, const Certificate& b) {
    return !(a == b);
  }

 private:
  struct Fields {
    X509Ptr x509;
    std::string der;
    std::string fingerprint;
    std::string serial;
    DistinguishedName subject;
    DistinguishedName issuer;
    AlternativeNames names;
    absl::Time not_before;
    absl::Time not_after;
    PublicKey public_key;
    bool is_ca;
    bool may_sign;
    bool self_issued;
  };

  static absl::StatusOr<Certificate> Adopt(X509Ptr x509);
  explicit Certificate(std::shared_ptr<const Fields> fields)
      : fields_(std::move(fields)) {}

  std::shared_ptr<const Fields> fields_;
};

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_CERTIFICATE_CERTIFICATE_H_
