// SPDX-License-Identifier: Apache-2.0
#include "pki/join/token_issuer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/crypto/secret_string.h"
#include "base/status/status_macros.h"
#include "base/text/host_port.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/profile.h"
#include "pki/key/digest.h"
#include "pki/key/key_access.h"
#include "pki/key/private_key.h"

namespace microovn::pki {

namespace {

// HMAC-SHA256 under a key that only who has the CA's key can derive (the
// extract and expand steps of RFC 5869 with one block each).
// Knowing a request's id and name tells nothing about the key.
absl::StatusOr<PrivateKey> RepeatableKey(const CertificateAuthority& ca,
                                         const TokenRequest& request) {
  const KeyAccess access = KeyAccess::Granted();
  ASSIGN_OR_RETURN(const SecretString ca_key, ca.key(access).ToPem(access));
  const SecretString extracted(
      HmacSha256("microovn join token", ca_key.Reveal()));
  // Ids and names hold no zero byte, see MemberName.
  const SecretString seed(
      HmacSha256(extracted.Reveal(),
                 absl::StrCat(request.name.text(), absl::string_view("\0", 1),
                              request.request_id, absl::string_view("\1", 1))));
  return PrivateKey::FromEd25519Seed(seed.Reveal(), access);
}

absl::StatusOr<PrivateKey> KeyFor(const CertificateAuthority& ca,
                                  const TokenRequest& request) {
  // Nobody can ask for it again.
  if (request.request_id.empty()) {
    return PrivateKey::Generate(KeyType::kEd25519);
  }
  return RepeatableKey(ca, request);
}

}  // namespace

absl::StatusOr<JoinToken> IssueJoinToken(const CertificateAuthority& cluster_ca,
                                         const TokenRequest& request,
                                         absl::Time now, RandomSource& random) {
  if (request.lifetime < absl::Seconds(1) ||
      request.lifetime > kMaxTokenLifetime) {
    return absl::InvalidArgumentError(
        absl::StrCat("a token lasts from one second to ",
                     absl::FormatDuration(kMaxTokenLifetime)));
  }
  if (request.join_addresses.empty()) {
    return absl::InvalidArgumentError("a token needs an address to join at");
  }
  ASSIGN_OR_RETURN(PrivateKey key, KeyFor(cluster_ca, request));
  // The cluster says when the token ends, by its own clock. The certificate
  // lasts longer, for the clock here may be behind the clocks of who sees it.
  ASSIGN_OR_RETURN(const Profile profile,
                   JoinerProfile(request.cluster_id, TokenId(key.public_key()),
                                 request.lifetime + kBackdating));
  ASSIGN_OR_RETURN(Certificate certificate,
                   cluster_ca.Issue(profile, key.public_key(), now, random));
  std::vector<HostPort> addresses = request.join_addresses;
  if (addresses.size() > kMaxJoinAddresses) addresses.resize(kMaxJoinAddresses);
  // The certificate's end is in whole seconds, and never after the CA's, which
  // may have brought it forward: the token's follows it, not the request's.
  const absl::Time expires = certificate.not_after() - kBackdating;
  return JoinToken{request.name,
                   std::move(key),
                   cluster_ca.certificate().public_key().Fingerprint(),
                   std::move(addresses),
                   std::move(certificate),
                   request.cluster_id,
                   expires};
}

}  // namespace microovn::pki
