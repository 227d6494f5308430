// SPDX-License-Identifier: Apache-2.0
#include "pki/authority/voter_proof.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"
#include "pki/certificate/chain_verifier.h"
#include "pki/certificate/trust_bundle.h"

namespace microovn::pki {
namespace {

// Says what is signed, so that no other protocol's message can be one, nor a
// certificate, which begins with another byte.
constexpr char kContext[] = "MicroOVN voter statement, version 1";
// "CONFIGURATION LENGTH SIGNATURE", then a certificate in PEM or nothing. The
// longest signature is RSA's.
constexpr size_t kMaxProof = 4096;
constexpr char kEndOfNumber = ' ';

// Lengths keep fields apart whatever they hold.
std::string Canonical(const VoterStatement& statement) {
  std::string text = kContext;
  const std::string configuration = absl::StrCat(statement.configuration);
  for (const std::string* field :
       {&statement.cluster_id, &statement.member_id, &configuration}) {
    absl::StrAppend(&text, "\n", field->size(), ":", *field);
  }
  return text;
}

// Cuts a number and the blank behind it off `rest`.
bool TakeNumber(absl::string_view& rest, uint64_t* number) {
  const size_t end = rest.find(kEndOfNumber);
  if (end == absl::string_view::npos ||
      !absl::SimpleAtoi(rest.substr(0, end), number)) {
    return false;
  }
  rest.remove_prefix(end + 1);
  return true;
}

// Whom to believe: who is trusted, and who one of those has certified.
std::vector<Certificate> Believed(std::vector<Certificate> authorities,
                                  absl::string_view cross_pem) {
  if (cross_pem.empty()) return authorities;
  const auto cross = Certificate::FromPem(cross_pem);
  const auto anchors = TrustBundle::From(authorities);
  if (cross.ok() && anchors.ok() && cross->is_ca() && IsOf(*anchors, *cross)) {
    authorities.push_back(*cross);
  }
  return authorities;
}

absl::Status NoProof() {
  return absl::PermissionDeniedError("not a proof of this member's vote");
}

}  // namespace

absl::StatusOr<std::string> SignVoterStatement(
    const CertificateAuthority& authority, const VoterStatement& statement,
    absl::string_view cross_pem) {
  ASSIGN_OR_RETURN(
      const std::string signature,
      authority.key(KeyAccess::Granted()).Sign(Canonical(statement)));
  const absl::string_view blank(&kEndOfNumber, 1);
  return absl::StrCat(statement.configuration, blank, signature.size(), blank,
                      signature, cross_pem);
}

absl::StatusOr<uint64_t> ReadVoterProof(
    absl::string_view proof, const std::string& cluster_id,
    const std::string& member_id, const std::vector<Certificate>& authorities) {
  VoterStatement statement{cluster_id, member_id, 0};
  absl::string_view rest = proof;
  uint64_t length = 0;
  if (proof.size() > kMaxProof || !TakeNumber(rest, &statement.configuration) ||
      !TakeNumber(rest, &length) || length > rest.size()) {
    return NoProof();
  }
  const std::string text = Canonical(statement);
  const absl::string_view signature = rest.substr(0, length);
  for (const Certificate& authority :
       Believed(authorities, rest.substr(length))) {
    if (authority.public_key().Verify(text, signature).ok()) {
      return statement.configuration;
    }
  }
  return NoProof();
}

}  // namespace microovn::pki
