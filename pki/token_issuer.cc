#include "pki/token_issuer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "pki/certificate.h"
#include "pki/member_name.h"
#include "pki/private_key.h"
#include "pki/profile.h"

namespace microovn::pki {

absl::StatusOr<JoinToken> IssueJoinToken(const CertificateAuthority& cluster_ca,
                                         const TokenRequest& request,
                                         absl::Time now, RandomSource& random) {
  RETURN_IF_ERROR(CheckMemberName(request.name));
  if (request.lifetime < absl::Seconds(1) ||
      request.lifetime > kMaxTokenLifetime) {
    return absl::InvalidArgumentError(
        absl::StrCat("a token lasts from one second to ",
                     absl::FormatDuration(kMaxTokenLifetime)));
  }
  if (request.join_addresses.empty()) {
    return absl::InvalidArgumentError("a token needs an address to join at");
  }
  ASSIGN_OR_RETURN(PrivateKey key, PrivateKey::Generate(KeyType::kEd25519));
  ASSIGN_OR_RETURN(const Profile profile,
                   JoinerProfile(request.cluster_id, TokenId(key.public_key()),
                                 request.lifetime));
  ASSIGN_OR_RETURN(Certificate certificate,
                   cluster_ca.Issue(profile, key.public_key(), now, random));
  std::vector<Endpoint> addresses = request.join_addresses;
  if (addresses.size() > kMaxJoinAddresses) addresses.resize(kMaxJoinAddresses);
  // The certificate's end is in whole seconds, and never after the CA's.
  const absl::Time expires = certificate.not_after();
  return JoinToken{request.name,
                   std::move(key),
                   cluster_ca.certificate().public_key().Fingerprint(),
                   std::move(addresses),
                   std::move(certificate),
                   request.cluster_id,
                   expires};
}

}  // namespace microovn::pki
