// SPDX-License-Identifier: Apache-2.0
// How a voter proves to a member that does not know it as one that it is
// (docs/adr/0032): only voters can open the key of the cluster CA, so it signs
// what it is with that key.
//
// Pure. A proof is for one cluster and one member, which TLS has shown to be
// the sender: nobody else can use it.
#ifndef MICROOVN_PKI_AUTHORITY_VOTER_PROOF_H_
#define MICROOVN_PKI_AUTHORITY_VOTER_PROOF_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "pki/authority/certificate_authority.h"
#include "pki/certificate/certificate.h"

namespace microovn::pki {

struct VoterStatement {
  std::string cluster_id;
  std::string member_id;
  // The index of the configuration in which it votes.
  uint64_t configuration = 0;
};

// `cross_pem` is the authority's certificate from the one before it, for a
// member that was left behind and trusts that one alone: it travels with the
// proof. Empty when there is none.
absl::StatusOr<std::string> SignVoterStatement(
    const CertificateAuthority& authority, const VoterStatement& statement,
    absl::string_view cross_pem = "");

// The configuration in which `member_id` has proved to vote; PERMISSION_DENIED
// unless one of `authorities` has signed just this, or has certified who did.
absl::StatusOr<uint64_t> ReadVoterProof(
    absl::string_view proof, const std::string& cluster_id,
    const std::string& member_id, const std::vector<Certificate>& authorities);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_AUTHORITY_VOTER_PROOF_H_
