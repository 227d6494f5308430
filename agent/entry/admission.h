// SPDX-License-Identifier: Apache-2.0
// The leader's side of a join: prove that the joiner holds its token, issue
// its certificate, and consume the token in the entry that adds the member.
#ifndef MICROOVN_AGENT_ENTRY_ADMISSION_H_
#define MICROOVN_AGENT_ENTRY_ADMISSION_H_

#include "absl/status/statusor.h"
#include "agent/cluster/membership.h"
#include "agent/issuing/certificate_issuer.h"
#include "base/crypto/random.h"
#include "microovn/internal/peer/v1/peer.pb.h"

namespace microovn::agent {

struct AdmissionParts {
  // Borrowed for the call.
  CertificateIssuer* issuer;
  RandomSource* random;
};

// Nothing is changed by a refusal but the count of a token's wrong attempts.
absl::StatusOr<internal::peer::v1::AdmitResponse> AdmitJoiner(
    Membership& leader, const AdmissionParts& parts,
    const internal::peer::v1::AdmitRequest& request);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ENTRY_ADMISSION_H_
