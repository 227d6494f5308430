// SPDX-License-Identifier: Apache-2.0
#include "agent/service/rotation.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/errors/authority_errors.h"
#include "agent/errors/cluster_errors.h"
#include "agent/issuing/successor.h"
#include "agent/service/requests.h"
#include "agent/state/operation/rotate_authority.h"
#include "agent/state/values/features.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "pki/certificate/certificate.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

using google::longrunning::Operation;

// Voters may change while a CA is made and sealed for them.
constexpr int kTries = 3;

absl::Status BadRequest(absl::string_view why, absl::string_view remedy) {
  return MakeError(absl::StatusCode::kInvalidArgument, why,
                   {"CA_INVALID", std::string(remedy), {}});
}

absl::Status CheckRequest(const v1::RotateAuthorityRequest& request) {
  const bool given = !request.ca_certificate_pem().empty();
  if (!given && !request.ca_private_key_pem().empty()) {
    return BadRequest("a CA's private key is of no use without its certificate",
                      "give both, or neither for a new CA of the cluster's");
  }
  switch (request.authority()) {
    case v1::RotateAuthorityRequest::AUTHORITY_OVN:
      return absl::OkStatus();
    case v1::RotateAuthorityRequest::AUTHORITY_CLUSTER:
      return given ? BadRequest("the cluster CA is always the cluster's own",
                                "give no certificate")
                   : absl::OkStatus();
    default:
      return BadRequest("the request names no CA",
                        "name the OVN or cluster CA");
  }
}

// Agents that trust nothing but the old CA come back by what all others must
// know.
absl::Status CheckSetAside(const v1::RotateAuthorityRequest& request,
                           const ClusterState& state) {
  if (request.authority() != v1::RotateAuthorityRequest::AUTHORITY_CLUSTER ||
      !request.set_aside_offline() ||
      ActiveLevel(state, kFeatureCaRotation) >= kCaRotationSetsAside) {
    return absl::OkStatus();
  }
  return MakeError(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat(
          "a member that does not follow the cluster CA could not "
          "come back: members with an older version: ",
          absl::StrJoin(
              WhoLacks(state, kFeatureCaRotation, kCaRotationSetsAside), ", ")),
      {"MEMBER_CANNOT_BE_SET_ASIDE",
       "upgrade these members, or start those that do not answer, or remove "
       "them with --force",
       {}});
}

absl::Status CheckAgents(const ClusterState& state) {
  if (ActiveLevel(state, kFeatureCaRotation) > 0) return absl::OkStatus();
  return RotationNotSupported(WhoLacks(state, kFeatureCaRotation, 1));
}

// The certificate in use, given again.
bool SameCertificates(const std::string& in_use, const std::string& given) {
  const auto one = pki::Certificate::BundleFromPem(in_use);
  const auto other = pki::Certificate::BundleFromPem(given);
  return one.ok() && other.ok() && !one->empty() && !other->empty() &&
         one->front().fingerprint() == other->front().fingerprint();
}

std::vector<std::string> VotersOf(Membership& member) {
  const ClusterFacts facts = member.Gather(
      /*linearizable=*/false, /*probe=*/false, absl::ZeroDuration());
  return {facts.voters.begin(), facts.voters.end()};
}

std::optional<GivenAuthority> GivenIn(
    const v1::RotateAuthorityRequest& request) {
  if (request.ca_certificate_pem().empty()) return std::nullopt;
  return GivenAuthority{request.ca_certificate_pem(),
                        SecretString(request.ca_private_key_pem())};
}

// Only the leader opens the key that the cluster has made.
absl::StatusOr<Successor> Try(Membership& leader,
                              const std::string& certificate_pem) {
  peerpb::TryAuthorityRequest request;
  request.set_ca_certificate_pem(certificate_pem);
  ASSIGN_OR_RETURN(peerpb::TryAuthorityResponse tried,
                   leader.issuance().TryAuthority(request));
  return Successor{std::move(*tried.mutable_successor()),
                   {tried.warnings().begin(), tried.warnings().end()}};
}

absl::StatusOr<Successor> SuccessorFor(
    Membership& member, const ClusterState& state,
    const v1::RotateAuthorityRequest& request, absl::Time now,
    RandomSource& random) {
  const auto given = GivenIn(request);
  if (given.has_value() && given->key_pem.Reveal().empty()) {
    const statepb::Authority* in_use =
        state.authorities.Find(AuthorityKey(statepb::PLANE_OVN));
    if (in_use == nullptr) return AuthorityChanged();
    if (SameCertificates(in_use->certificate_pem(),
                         request.ca_certificate_pem())) {
      return AuthorityInUse("OVN");
    }
    if (!in_use->has_requested()) return AuthorityNotRequested();
    return Try(member, request.ca_certificate_pem());
  }
  const Recipients to = {state, VotersOf(member)};
  return request.authority() == v1::RotateAuthorityRequest::AUTHORITY_CLUSTER
             ? MakeClusterSuccessor(to, now, random)
             : MakeOvnSuccessor(to, given, now, random);
}

Operation NothingIssued() {
  Operation operation;
  operation.set_name("operations/none");
  operation.set_done(true);
  v1::RotateAuthorityResult result;
  operation.mutable_response()->PackFrom(result);
  return operation;
}

// The log keeps the refusal of a try, so that the next one needs another id.
RequestIdentity AtTry(const RequestIdentity& identity, int number) {
  if (number == 0 || identity.id.empty()) return identity;
  return {absl::StrCat(identity.id, ".", number), identity.digest};
}

// What an earlier sending of this request has started.
std::optional<absl::StatusOr<Operation>> FirstAnswered(
    const ClusterState& state, const RequestIdentity& identity) {
  for (int i = kTries - 1; i >= 0; --i) {
    auto first = FirstOperation(state, AtTry(identity, i));
    if (first.has_value() && ReasonOf(first->status()) != "AUTHORITY_CHANGED") {
      return first;
    }
  }
  return std::nullopt;
}

absl::StatusOr<Operation> TryToStart(Membership& member,
                                     const v1::RotateAuthorityRequest& request,
                                     const RequestIdentity& identity,
                                     absl::Time now, RandomSource& random) {
  const auto state = member.state();
  ASSIGN_OR_RETURN(const Successor successor,
                   SuccessorFor(member, *state, request, now, random));
  const statepb::Operation asked =
      RotationOf(random.Id(), successor.authority, request.set_aside_offline());
  const OperationKind& kind = successor.authority.plane() == statepb::PLANE_OVN
                                  ? RotateOvnCaKind()
                                  : RotateClusterCaKind();
  ASSIGN_OR_RETURN(const statepb::Operation checked, kind.check(*state, asked));
  ChangePlan plan;
  if (RunningRotation(*state, successor.authority.plane()) == nullptr) {
    ASSIGN_OR_RETURN(plan, kind.plan(*state, checked));
  }
  plan.warnings = successor.warnings;
  if (request.validate_only()) return PlannedOperation(*state, checked, plan);
  ASSIGN_OR_RETURN(Operation started, StartOperation(member, asked, identity));
  WarnIn(plan, started);
  return started;
}

// Of an earlier sending, or the one that waits for its certificate anyway.
std::string KnownRequest(const ClusterState& state) {
  const statepb::Authority* in_use =
      state.authorities.Find(AuthorityKey(statepb::PLANE_OVN));
  return in_use == nullptr ? "" : in_use->requested().request_pem();
}

}  // namespace

absl::StatusOr<v1::RequestAuthorityCertificateResponse>
RequestAuthorityCertificate(
    Membership& member, const v1::RequestAuthorityCertificateRequest& request,
    const statepb::Asker& asker) {
  ASSIGN_OR_RETURN(const RequestIdentity identity, IdentityOf(request, asker));
  RETURN_IF_ERROR(RequireQuorum(member));
  v1::RequestAuthorityCertificateResponse response;
  const auto state = member.state();
  const bool makes = request.new_key() || KnownRequest(*state).empty();
  if (makes && !AllowsCommand(*state, statepb::Command::kRequestAuthority)) {
    return RotationNotSupported(WhoLacks(*state, kFeatureCaRequest, 1));
  }
  if (request.validate_only()) {
    *response.mutable_plan() =
        OneStep(makes ? "make a key for the OVN CA and seal it for the voters"
                      : "show the request that was made before");
    return response;
  }
  if (makes) {
    ASSIGN_OR_RETURN(const statepb::RequestAuthority body,
                     MakeAuthorityRequest({*state, VotersOf(member)}));
    statepb::Command command = CommandFor(identity);
    *command.mutable_request_authority() = body;
    RETURN_IF_ERROR(
        member.Propose(std::move(command), kProposeTimeout).status());
  }
  // What the log has: a first sending's key, or that of somebody who asked at
  // the same time.
  response.set_certificate_request_pem(KnownRequest(*member.state()));
  if (response.certificate_request_pem().empty()) return AuthorityChanged();
  return response;
}

absl::StatusOr<Operation> RotateAuthority(
    Membership& member, const v1::RotateAuthorityRequest& request,
    const statepb::Asker& asker, absl::Time now, RandomSource& random) {
  ASSIGN_OR_RETURN(const RequestIdentity identity, IdentityOf(request, asker));
  RETURN_IF_ERROR(CheckRequest(request));
  RETURN_IF_ERROR(RequireQuorum(member));
  RETURN_IF_ERROR(CheckSetAside(request, *member.state()));
  RETURN_IF_ERROR(CheckAgents(*member.state()));
  if (auto first = FirstAnswered(*member.state(), identity)) return *first;
  absl::StatusOr<Operation> started;
  for (int i = 0; i < kTries; ++i) {
    started = TryToStart(member, request, AtTry(identity, i), now, random);
    const std::string reason = ReasonOf(started.status());
    if (reason == "CA_IN_USE") return NothingIssued();
    if (reason != "AUTHORITY_CHANGED") break;
    RETURN_IF_ERROR(member.Barrier(kProposeTimeout));
  }
  return started;
}

}  // namespace microovn::agent
