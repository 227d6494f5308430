// SPDX-License-Identifier: Apache-2.0
#include "agent/entry/admission.h"

#include <string>
#include <utility>

#include "agent/entry/asked_admission.h"
#include "agent/errors/cluster_errors.h"
#include "agent/errors/token_errors.h"
#include "agent/health/facts.h"
#include "agent/state/completed_requests.h"
#include "agent/state/values/admission_statement.h"
#include "agent/state/values/features.h"
#include "agent/state/values/member_address.h"
#include "agent/state/values/member_view.h"
#include "agent/state/values/result.h"
#include "agent/state/values/token_key.h"
#include "agent/state/values/worker.h"
#include "base/status/status_macros.h"
#include "base/text/host_port.h"
#include "glog/logging.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/certificate_request.h"
#include "pki/join/join_statement.h"
#include "pki/key/public_key.h"
#include "pki/name/member_name.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

// Who a request is from, by its own words.
struct Joiner {
  pki::MemberName name;
  HostPort address;
  // Empty: that of `address`.
  std::string encap_ip;
};

absl::StatusOr<Joiner> ParseJoiner(const peerpb::AdmitRequest& request) {
  ASSIGN_OR_RETURN(pki::MemberName name,
                   pki::MemberName::Parse(request.name()));
  ASSIGN_OR_RETURN(HostPort address, ParseHostPort(request.address()));
  std::string encap_ip;
  if (!request.encap_ip().empty()) {
    ASSIGN_OR_RETURN(encap_ip, ParseIpAddress(request.encap_ip()));
  }
  return Joiner{std::move(name), std::move(address), std::move(encap_ip)};
}

// Refusals that need no entry in the log; Apply checks again.
absl::Status CheckToken(const ClusterState& state,
                        const statepb::JoinToken& token, const Joiner& joiner) {
  if (token.state() == statepb::JoinToken::STATE_USED) {
    return TokenUsed(token.member_name());
  }
  if (token.state() == statepb::JoinToken::STATE_LOCKED) {
    return TokenLocked(token.member_name());
  }
  if (token.expire_clock_seconds() <= state.cluster().clock_seconds()) {
    return TokenExpiredAt(token.member_name(),
                          absl::FromUnixSeconds(token.expire_seconds()));
  }
  if (token.member_name() != joiner.name.text()) {
    return TokenForOtherMember(token.member_name(), joiner.name.text());
  }
  const statepb::Member* owner = FindMemberByAddress(state, joiner.address);
  if (owner != nullptr) {
    return MemberAddressTaken(FormatHostPort(joiner.address), owner->name());
  }
  return absl::OkStatus();
}

// Of what is to be recorded: Apply looks again.
absl::Status VerifyStatement(const ClusterState& state,
                             const statepb::JoinToken& token,
                             const statepb::AdmitMember& asked) {
  ASSIGN_OR_RETURN(const pki::PublicKey key, TokenKeyOf(token));
  return pki::VerifyJoinStatement(
      key, StatementOf(state.cluster().cluster_id(), asked), asked.signature());
}

void CountFailure(Membership& leader, const std::string& token_id) {
  statepb::Command command;
  command.mutable_count_token_failure()->set_token_id(token_id);
  const auto counted = leader.Propose(std::move(command), kProposeTimeout);
  LOG_IF(WARNING, !counted.ok()) << "a wrong attempt with token " << token_id
                                 << " was not counted: " << counted.status();
}

peerpb::AdmitResponse Answer(Membership& leader,
                             const statepb::Member& member) {
  const ClusterFacts facts = leader.Gather(
      /*linearizable=*/false, /*probe=*/false, absl::ZeroDuration());
  const ClusterState& state = *facts.state;
  peerpb::AdmitResponse response;
  response.set_cluster_id(state.cluster().cluster_id());
  *response.mutable_member() = member;
  response.set_certificate_pem(member.certificate_pem());
  const statepb::Authority* authority =
      state.authorities.Find(AuthorityKey(statepb::PLANE_CLUSTER));
  response.set_cluster_ca_pem(authority->bundle_pem());
  for (const statepb::Member* other : ActiveMembers(state)) {
    peerpb::Seed* seed = response.add_seeds();
    seed->set_member_id(other->member_id());
    seed->set_name(other->name());
    seed->set_address(other->address());
    seed->set_votes(facts.voters.count(other->member_id()) > 0);
  }
  return response;
}

// The member that passes a request on is no part of it.
RequestIdentity IdentityOf(const peerpb::AdmitRequest& request) {
  peerpb::AdmitRequest asked = request;
  asked.clear_forwarded();
  return {request.request_id(), RequestDigest(asked)};
}

// What a joiner was answered that did not hear it. The digest covers its
// signature: it is the same joiner.
absl::StatusOr<peerpb::AdmitResponse> Repeat(Membership& leader,
                                             const statepb::Result& first) {
  RETURN_IF_ERROR(StatusOfResult(first));
  const statepb::Member& member = first.member();
  if (leader.state()->members.Find(member.member_id()) == nullptr) {
    return MemberNotJoining(member.name());
  }
  return Answer(leader, member);
}

absl::Status CheckJoiner(const ClusterState& state,
                         const statepb::JoinToken& token, const Joiner& joiner,
                         const peerpb::AdmitRequest& request) {
  RETURN_IF_ERROR(CheckToken(state, token, joiner));
  if (AdmitsWorker(state, token) && !request.default_services()) {
    RETURN_IF_ERROR(
        CheckWorkerServices(joiner.name.text(), request.services()));
  }
  RETURN_IF_ERROR(
      pki::Certificate::FromPem(request.sealing_certificate_pem()).status());
  return CheckTunnelAddress(
      state, joiner.encap_ip.empty() ? joiner.address.host : joiner.encap_ip);
}

// What the joiner asks for, if the token's key has signed it; a wrong signature
// counts against the token.
absl::StatusOr<statepb::AdmitMember> ProvedAdmission(
    Membership& leader, const statepb::JoinToken& token, const Joiner& joiner,
    const peerpb::AdmitRequest& request) {
  ASSIGN_OR_RETURN(
      const pki::CertificateRequest certificate,
      pki::CertificateRequest::FromPem(request.certificate_request_pem()));
  statepb::AdmitMember asked =
      AskedAdmission(request, certificate.Fingerprint());
  asked.mutable_member()->set_address(FormatHostPort(joiner.address));
  asked.mutable_member()->set_encap_ip(joiner.encap_ip);
  absl::Status proof = VerifyStatement(*leader.state(), token, asked);
  if (proof.ok()) return asked;
  CountFailure(leader, request.token_id());
  return proof;
}

// Members that cannot check what a joiner signs now would not admit it.
absl::Status CheckEachUnderstands(const ClusterState& state) {
  if (ActiveLevel(state, kFeatureJoinStatement) > 0) return absl::OkStatus();
  return JoinNotSupported(WhoLacks(state, kFeatureJoinStatement, 1));
}

}  // namespace

absl::StatusOr<peerpb::AdmitResponse> AdmitJoiner(
    Membership& leader, const AdmissionParts& parts,
    const peerpb::AdmitRequest& request) {
  RETURN_IF_ERROR(leader.Barrier(kProposeTimeout));
  const auto state = leader.state();
  const statepb::JoinToken* token = state->tokens.Find(request.token_id());
  if (token == nullptr) return TokenUnknown();
  const RequestIdentity identity = IdentityOf(request);
  // It has used up its token already, so this comes first.
  if (auto first =
          FirstAnswer(*state, identity, statepb::Command::kAdmitMember)) {
    return Repeat(leader, *first);
  }
  ASSIGN_OR_RETURN(const Joiner joiner, ParseJoiner(request));
  RETURN_IF_ERROR(CheckJoiner(*state, *token, joiner, request));
  RETURN_IF_ERROR(CheckEachUnderstands(*state));
  ASSIGN_OR_RETURN(statepb::AdmitMember admit,
                   ProvedAdmission(leader, *token, joiner, request));

  statepb::Member& member = *admit.mutable_member();
  member.set_member_id(parts.random->Id());
  member.set_token_id(request.token_id());
  member.set_state(statepb::Member::STATE_JOINING);
  ASSIGN_OR_RETURN(const IssuedLeaf leaf,
                   parts.issuer->IssueMember(
                       *state, member, request.certificate_request_pem()));
  member.set_certificate_pem(leaf.certificate_pem);
  member.add_spki_sha256(leaf.record.spki_sha256());

  statepb::Command command;
  command.set_request_id(identity.id);
  command.set_request_digest(identity.digest);
  *admit.add_certificates() = leaf.record;
  *command.mutable_admit_member() = std::move(admit);
  ASSIGN_OR_RETURN(const statepb::Result result,
                   leader.Propose(std::move(command), kProposeTimeout));
  return Answer(leader, result.member());
}

}  // namespace microovn::agent
