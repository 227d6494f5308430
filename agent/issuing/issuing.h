// SPDX-License-Identifier: Apache-2.0
// Certificates and tokens on demand: the leader's side, and how a member asks.
#ifndef MICROOVN_AGENT_ISSUING_ISSUING_H_
#define MICROOVN_AGENT_ISSUING_ISSUING_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/cluster/membership.h"
#include "agent/issuing/certificate_issuer.h"
#include "agent/reconcile/certificate/certificates_reconciler.h"
#include "agent/server/tls_identity.h"
#include "base/time/clock.h"
#include "microovn/internal/peer/v1/peer.pb.h"
#include "raft/transport/grpc_transport.h"

namespace microovn::agent {

// OVN certificates for the services that `member_id` is wanted to run; any
// other demand is refused. Recorded in the log before it returns.
absl::StatusOr<internal::peer::v1::IssueCertificatesResponse> IssueForMember(
    Membership& leader, CertificateIssuer& issuer, const std::string& member_id,
    const internal::peer::v1::IssueCertificatesRequest& request);

absl::StatusOr<internal::peer::v1::IssueTokenResponse> IssueTokenFor(
    Membership& leader, CertificateIssuer& issuer,
    const internal::peer::v1::IssueTokenRequest& request);

// A person's certificate, recorded in the log before it returns. Again with the
// same request id: the same one.
absl::StatusOr<internal::peer::v1::IssueUserResponse> IssueUserFor(
    Membership& leader, CertificateIssuer& issuer,
    const internal::peer::v1::IssueUserRequest& request);

// Whether a certificate fits the key that waits for one, and serves.
absl::StatusOr<internal::peer::v1::TryAuthorityResponse> TryRequested(
    Membership& leader, CertificateIssuer& issuer,
    const internal::peer::v1::TryAuthorityRequest& request);

// Asks whoever leads, this member included, which makes sure first that it
// still does: without a quorum the answer comes within `timeout`, too.
absl::StatusOr<internal::peer::v1::IssueCertificatesResponse> AskLeader(
    Membership& member,
    const internal::peer::v1::IssueCertificatesRequest& request,
    absl::Duration timeout);
// The same, for OVN's daemons; `asker` is empty when they are due.
absl::StatusOr<IssuedCertificates> DemandFromLeader(
    Membership& member, const std::vector<CertificateDemand>& demands,
    const statepb::Asker& asker, absl::Duration timeout);

// A new certificate of this member's own. While it knows no leader, for a
// voter refuses the log of a member that is no voter and whose certificate has
// expired, it asks the voters in turn.
absl::StatusOr<internal::peer::v1::IssueCertificatesResponse> AskForRenewal(
    Membership& member,
    const internal::peer::v1::IssueCertificatesRequest& request);

// Channels for the log's streams. Borrowed.
raft::ChannelFactory LogChannels(const TlsIdentity* tls, const Clock* clock);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ISSUING_ISSUING_H_
