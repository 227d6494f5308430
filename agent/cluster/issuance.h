// SPDX-License-Identifier: Apache-2.0
// What a leader does for others: it admits machines, signs certificates and
// makes join tokens.
//
// Every call fails with UNAVAILABLE, reason NOT_LEADER, on a member that does
// not lead. Thread-safe.
#ifndef MICROOVN_AGENT_CLUSTER_ISSUANCE_H_
#define MICROOVN_AGENT_CLUSTER_ISSUANCE_H_

#include <string>

#include "absl/status/statusor.h"
#include "microovn/internal/peer/v1/peer.pb.h"

namespace microovn::agent {

class Issuance {
 public:
  virtual ~Issuance() = default;

  // See PeerService.Admit.
  virtual absl::StatusOr<internal::peer::v1::AdmitResponse> Admit(
      const internal::peer::v1::AdmitRequest& request) = 0;

  // For the member with this id, which is the caller's own.
  virtual absl::StatusOr<internal::peer::v1::IssueCertificatesResponse>
  IssueCertificates(
      const std::string& member_id,
      const internal::peer::v1::IssueCertificatesRequest& request) = 0;

  virtual absl::StatusOr<internal::peer::v1::IssueTokenResponse> IssueToken(
      const internal::peer::v1::IssueTokenRequest& request) = 0;

  virtual absl::StatusOr<internal::peer::v1::IssueUserResponse> IssueUser(
      const internal::peer::v1::IssueUserRequest& request) = 0;

  // See PeerService.TryAuthority.
  virtual absl::StatusOr<internal::peer::v1::TryAuthorityResponse> TryAuthority(
      const internal::peer::v1::TryAuthorityRequest& request) = 0;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_CLUSTER_ISSUANCE_H_
