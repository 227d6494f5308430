// SPDX-License-Identifier: Apache-2.0
#include "pki/authority/certificate_authority.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "pki/authority/unfit_ca.h"
#include "pki/certificate/certificate_builder.h"
#include "pki/certificate/chain_verifier.h"
#include "pki/certificate/trust_bundle.h"
#include "pki/errors.h"
#include "pki/name/distinguished_name.h"

namespace microovn::pki {
namespace {

// RFC 5280 wants both (4.2.1.9 and 4.2.1.3). OpenSSL lets a CA without a
// keyUsage pass unless it is told to be strict; a peer that is strict would
// refuse every leaf of it.
absl::Status CheckMaySign(const Certificate& certificate) {
  const std::string name = ToText(certificate.subject());
  if (!certificate.is_ca()) {
    return CaInvalid(absl::StrCat(name, " is not a CA (CA:TRUE is missing)"));
  }
  if (!certificate.may_sign_certificates()) {
    return CaInvalid(absl::StrCat(name, " lacks the key usage keyCertSign"));
  }
  return absl::OkStatus();
}

// The certificates of `pool` from the holder of `key` up to a root.
absl::StatusOr<std::vector<Certificate>> OrderChain(
    std::vector<Certificate> pool, const PublicKey& key) {
  const auto first = std::find_if(
      pool.begin(), pool.end(),
      [&key](const Certificate& c) { return c.public_key() == key; });
  if (first == pool.end()) {
    return CaInvalid("the key belongs to none of the certificates");
  }
  std::vector<Certificate> chain = {*first};
  pool.erase(first);
  // X509_check_issued compares names and key identifiers and no signatures;
  // FromUser has those verified afterwards.
  while (!chain.back().is_self_issued()) {
    const auto next =
        std::find_if(pool.begin(), pool.end(), [&chain](const Certificate& c) {
          return X509_check_issued(c.x509(), chain.back().x509()) == X509_V_OK;
        });
    if (next == pool.end()) {
      return CaInvalid(absl::StrCat(
          "the certificate of ", ToText(chain.back().issuer()),
          ", which issued ", ToText(chain.back().subject()), ", is missing"));
    }
    chain.push_back(*next);
    pool.erase(next);
  }
  if (!pool.empty()) {
    // Whatever is in the chain becomes trusted, so nothing extra gets in.
    return CaInvalid(absl::StrCat(ToText(pool.front().subject()),
                                  " does not belong to the chain"));
  }
  return chain;
}

absl::Status CheckKeyRule(KeyRule rule, KeyType type) {
  // Refused here, before anything is signed: a daemon that cannot use its new
  // key would say so only once the old one is gone.
  const bool allowed =
      rule == KeyRule::kEc ? IsEc(type) : type == KeyType::kEd25519;
  if (allowed) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("such a certificate is not issued for a key of type ",
                   KeyTypeName(type)));
}

}  // namespace

absl::StatusOr<CertificateAuthority> CertificateAuthority::Create(
    Plane plane, KeyType type, absl::Time now, RandomSource& random) {
  ASSIGN_OR_RETURN(PrivateKey key, PrivateKey::Generate(type));
  CertificateBuilder builder;
  builder.subject = CaSubject(plane, key.public_key());
  builder.issued_at = now;
  builder.lifetime =
      plane == Plane::kCluster ? kClusterCaLifetime : kCaLifetime;
  builder.is_ca = true;
  // RFC 5280 4.2.1.9 counts the CAs that may follow this one.
  builder.path_length = 1;
  ASSIGN_OR_RETURN(Certificate certificate, builder.SelfSign(key, random));
  return CertificateAuthority(plane, {std::move(certificate)}, std::move(key));
}

absl::StatusOr<CertificateAuthority> CertificateAuthority::FromUser(
    Plane plane, absl::string_view chain_pem, absl::string_view key_pem,
    absl::Time now) {
  ASSIGN_OR_RETURN(PrivateKey key,
                   PrivateKey::FromPem(key_pem, KeyAccess::Granted()));
  return FromUser(plane, chain_pem, std::move(key), now);
}

absl::StatusOr<CertificateAuthority> CertificateAuthority::FromUser(
    Plane plane, absl::string_view chain_pem, PrivateKey key, absl::Time now) {
  ASSIGN_OR_RETURN(TrustBundle given, TrustBundle::FromPem(chain_pem));
  for (const Certificate& certificate : given.certificates()) {
    RETURN_IF_ERROR(CheckMaySign(certificate));
  }
  ASSIGN_OR_RETURN(std::vector<Certificate> chain,
                   OrderChain(given.certificates(), key.public_key()));
  // At the caller's time, so an expired CA is refused before it replaces a good
  // one. All of the chain is given as anchors, yet the path must still end in a
  // self-signed one, which is where OVS's own verification ends.
  const absl::Status verified = VerifyChain(
      given, {chain.front(), chain, Purpose::kAny, now, /*name=*/""});
  if (!verified.ok()) return UnfitCa(chain, now, verified.message());
  return CertificateAuthority(plane, std::move(chain), std::move(key));
}

absl::StatusOr<CertificateAuthority> CertificateAuthority::FromParts(
    Plane plane, std::vector<Certificate> chain, PrivateKey key) {
  // Dates are not looked at: a CA that has expired must still be readable, so
  // that status can say so and a rotation can replace it.
  if (chain.empty()) return CaInvalid("it has no certificate");
  RETURN_IF_ERROR(CheckMaySign(chain.front()));
  if (chain.front().public_key() != key.public_key()) {
    return CaInvalid("its key does not belong to its certificate");
  }
  return CertificateAuthority(plane, std::move(chain), std::move(key));
}

absl::StatusOr<Certificate> CertificateAuthority::Issue(
    const Profile& profile, const PublicKey& public_key, absl::Time now,
    RandomSource& random) const {
  if (profile.plane != plane_) {
    return absl::InvalidArgumentError(
        absl::StrCat("the ", PlaneName(plane_), " CA issues nothing for the ",
                     PlaneName(profile.plane), " plane"));
  }
  RETURN_IF_ERROR(CheckKeyRule(profile.key_rule, public_key.type()));
  // SignAndBuild would cut the leaf's end to the CA's and then fail on dates
  // that run backwards; this names the cause. Only a rotation mends it.
  if (now >= certificate().not_after()) {
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     absl::StrCat("the ", PlaneName(plane_), " CA has expired"),
                     {"CA_EXPIRED", "", {}});
  }
  CertificateBuilder builder;
  builder.subject = profile.subject;
  builder.names = profile.names;
  builder.issued_at = now;
  builder.lifetime = profile.lifetime;
  builder.server_auth = profile.server_auth;
  builder.client_auth = profile.client_auth;
  return builder.SignAndBuild(public_key, certificate(), key_, random);
}

absl::StatusOr<Certificate> CertificateAuthority::CrossCertify(
    const Certificate& successor, absl::Time now, RandomSource& random) const {
  RETURN_IF_ERROR(CheckMaySign(successor));
  CertificateBuilder builder;
  builder.subject = successor.subject();
  builder.issued_at = now;
  builder.lifetime = successor.not_after() - now;
  builder.is_ca = true;
  builder.path_length = 0;
  return builder.SignAndBuild(successor.public_key(), certificate(), key_,
                              random);
}

}  // namespace microovn::pki
