// SPDX-License-Identifier: Apache-2.0
// A certificate authority of one plane: its certificate, its chain up to the
// root, and its key, which it never gives away but to be sealed.
//
// Whoever can use one can make any identity of its plane. On the cluster plane
// that is not enough to be let in: the registry in the replicated state must
// know the key as well. On OVN's plane it is, because OVS asks for nothing but
// the chain.
#ifndef MICROOVN_PKI_AUTHORITY_CERTIFICATE_AUTHORITY_H_
#define MICROOVN_PKI_AUTHORITY_CERTIFICATE_AUTHORITY_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/crypto/random.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/profile.h"
#include "pki/key/key_access.h"
#include "pki/key/private_key.h"
#include "pki/key/public_key.h"

namespace microovn::pki {

// Movable; const use is thread-safe as far as the RandomSource is.
class CertificateAuthority {
 public:
  // A new self-signed CA of `plane`, for kCaLifetime. Its path length is one:
  // room for a certificate that links an old CA to a new one.
  static absl::StatusOr<CertificateAuthority> Create(Plane plane, KeyType type,
                                                     absl::Time now,
                                                     RandomSource& random);

  // A user's CA from PEM: its certificate, any above it up to the self-signed
  // root in any order, and the key (the first in `key_pem`). CA_INVALID says
  // in a sentence what is wrong with them.
  static absl::StatusOr<CertificateAuthority> FromUser(
      Plane plane, absl::string_view chain_pem, absl::string_view key_pem,
      absl::Time now);
  // The same for a key that was made here.
  static absl::StatusOr<CertificateAuthority> FromUser(
      Plane plane, absl::string_view chain_pem, PrivateKey key, absl::Time now);

  // From the replicated state: chain() of earlier and the key that was sealed.
  static absl::StatusOr<CertificateAuthority> FromParts(
      Plane plane, std::vector<Certificate> chain, PrivateKey key);

  Plane plane() const { return plane_; }
  const Certificate& certificate() const { return chain_.front(); }
  // The issuing certificate first, the root last; all of it goes into the
  // trust bundle.
  const std::vector<Certificate>& chain() const { return chain_; }

  // A leaf after `profile` for `public_key`, never outliving the CA.
  // INVALID_ARGUMENT when the profile is of the other plane or forbids such a
  // key.
  // Everything but serial number and signature follows from the arguments.
  absl::StatusOr<Certificate> Issue(const Profile& profile,
                                    const PublicKey& public_key, absl::Time now,
                                    RandomSource& random) const;

  // A cross-certificate (RFC 5280 3.2): the name and key of `successor`, signed
  // by this CA, so that who trusts this one alone follows its chain to what the
  // successor issues. It ends with the earlier of the two.
  absl::StatusOr<Certificate> CrossCertify(const Certificate& successor,
                                           absl::Time now,
                                           RandomSource& random) const;

  // For sealing, and for deriving what only a holder of the CA may derive.
  const PrivateKey& key(KeyAccess) const { return key_; }

 private:
  CertificateAuthority(Plane plane, std::vector<Certificate> chain,
                       PrivateKey key)
      : plane_(plane), chain_(std::move(chain)), key_(std::move(key)) {}

  // Never empty; the first certificate is that of key_.
  Plane plane_;
  std::vector<Certificate> chain_;
  PrivateKey key_;
};

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_AUTHORITY_CERTIFICATE_AUTHORITY_H_
