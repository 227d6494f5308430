// SPDX-License-Identifier: Apache-2.0
// Builds certificates from plain data.
//
// Only certificate_authority.h and sealing_key.h use it; it applies no policy
// beyond what every certificate of ours has: version 3, a random 128-bit
// serial, key identifiers, critical basicConstraints and keyUsage.
//
// Plain data, thread-compatible; building is const and touches nothing but the
// RandomSource. The serial is random and not counted: authorities work on any
// voter at once and share no counter, and RFC 5280 4.1.2.2 wants serials unique
// per issuer.
#ifndef MICROOVN_PKI_CERTIFICATE_CERTIFICATE_BUILDER_H_
#define MICROOVN_PKI_CERTIFICATE_CERTIFICATE_BUILDER_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/crypto/random.h"
#include "pki/certificate/certificate.h"
#include "pki/key/private_key.h"
#include "pki/key/public_key.h"
#include "pki/name/distinguished_name.h"

namespace microovn::pki {

struct CertificateBuilder {
  DistinguishedName subject;
  AlternativeNames names;
  // notBefore is kBackdating earlier, notAfter is `lifetime` later.
  absl::Time issued_at;
  absl::Duration lifetime;
  // CA:TRUE with keyCertSign and cRLSign, and at most `path_length` CAs below;
  // otherwise a leaf with digitalSignature.
  bool is_ca = false;
  int path_length = 0;
  // Leaves only; none set means no extendedKeyUsage, i.e. any.
  bool server_auth = false;
  bool client_auth = false;
  // Leaves that others encrypt to (keyAgreement).
  bool key_agreement = false;

  // For `public_key`, signed by `issuer`, whose notAfter also bounds it.
  // The caller has checked that the holder owns the private key. INTERNAL when
  // `issuer_key` is not that of `issuer`: the result would verify nowhere.
  absl::StatusOr<Certificate> SignAndBuild(const PublicKey& public_key,
                                           const Certificate& issuer,
                                           const PrivateKey& issuer_key,
                                           RandomSource& random) const;

  // Signed by its own key.
  absl::StatusOr<Certificate> SelfSign(const PrivateKey& key,
                                       RandomSource& random) const;
};

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_CERTIFICATE_CERTIFICATE_BUILDER_H_
