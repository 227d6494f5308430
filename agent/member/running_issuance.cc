// SPDX-License-Identifier: Apache-2.0
// What a leader admits and issues for others, where it still leads.
#include "agent/entry/admission.h"
#include "agent/errors/leader_errors.h"
#include "agent/issuing/issuing.h"
#include "agent/member/running_membership.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

}  // namespace

absl::StatusOr<peerpb::AdmitResponse> RunningMembership::Admit(
    const peerpb::AdmitRequest& request) {
  if (!leads()) return NotLeader();
  return AdmitJoiner(*this, {&issuer_, node_.random}, request);
}

absl::StatusOr<peerpb::IssueCertificatesResponse>
RunningMembership::IssueCertificates(
    const std::string& member_id,
    const peerpb::IssueCertificatesRequest& request) {
  return IssueForMember(*this, issuer_, member_id, request);
}

absl::StatusOr<peerpb::IssueTokenResponse> RunningMembership::IssueToken(
    const peerpb::IssueTokenRequest& request) {
  return IssueTokenFor(*this, issuer_, request);
}

absl::StatusOr<peerpb::IssueUserResponse> RunningMembership::IssueUser(
    const peerpb::IssueUserRequest& request) {
  return IssueUserFor(*this, issuer_, request);
}

absl::StatusOr<peerpb::TryAuthorityResponse> RunningMembership::TryAuthority(
    const peerpb::TryAuthorityRequest& request) {
  return TryRequested(*this, issuer_, request);
}

}  // namespace microovn::agent
