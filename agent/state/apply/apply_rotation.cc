// SPDX-License-Identifier: Apache-2.0
// The phases of a CA's rotation, as the record of the authority has them.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "agent/errors/authority_errors.h"
#include "agent/errors/cluster_errors.h"
#include "agent/state/apply/apply_context.h"
#include "agent/state/apply/certificate_rules.h"
#include "agent/state/apply/validate.h"
#include "agent/state/values/features.h"
#include "agent/state/values/rotation_progress.h"
#include "agent/state/values/worker.h"
#include "base/status/status_macros.h"

namespace microovn::agent {
namespace {

using statepb::Authority;
using statepb::Result;

// Before that the holders of both keys are those of the record.
bool HaveHoldersEach(ApplyContext& context) {
  return ActiveLevel(context.state(), kFeatureCaRequest) > 0;
}

// What makes a CA the one that issues.
void CopyIssuer(const Authority& from, bool with_holders, Authority& to) {
  if (with_holders) *to.mutable_sealed_for() = from.sealed_for();
  to.set_certificate_pem(from.certificate_pem());
  to.set_sealed_key(from.sealed_key());
  to.set_user_supplied(from.user_supplied());
  to.set_from_request(from.from_request());
}

// Who issues comes first.
void TrustBoth(Authority& authority) {
  authority.set_bundle_pem(absl::StrCat(authority.certificate_pem(),
                                        authority.other().certificate_pem()));
}

// What members that were set aside come back by.
void ForgetLink(Authority& authority) {
  authority.clear_retired();
  authority.clear_cross_certificate_pem();
}

void TrustOne(Authority& authority) {
  authority.clear_other();
  authority.set_bundle_pem(authority.certificate_pem());
  authority.set_phase(Authority::PHASE_UNSPECIFIED);
}

void Exchange(bool with_holders, Authority& authority) {
  Authority before;
  before.set_plane(authority.plane());
  CopyIssuer(authority, with_holders, before);
  CopyIssuer(authority.other(), with_holders, authority);
  *authority.mutable_other() = before;
  authority.set_phase(Authority::PHASE_REISSUE);
  TrustBoth(authority);
}

absl::Status CheckCrossCertificate(const ClusterState& state,
                                   const statepb::AdvanceRotation& body) {
  if (body.cross_certificate_pem().empty()) return absl::OkStatus();
  if (body.plane() != statepb::PLANE_CLUSTER ||
      ActiveLevel(state, kFeatureCaRotation) < kCaRotationSetsAside) {
    return CommandMalformed("unexpected", "cross-certificate");
  }
  return CheckCaCertificates("cross-certificate", body.cross_certificate_pem(),
                             kMaxCertificateBytes, ReadingOf(state));
}

// With the last phase the old CA goes, but for those who show its certificates
// when they are back.
void KeepForThoseSetAside(const ClusterState& state, const Authority& known,
                          Authority& authority) {
  if (authority.cross_certificate_pem().empty() ||
      Behind(state, known, Said::kPublished).empty()) {
    ForgetLink(authority);
    return;
  }
  authority.mutable_retired()->set_plane(known.plane());
  authority.mutable_retired()->set_certificate_pem(
      known.other().certificate_pem());
}

// Their certificates are of the old CA, and so is what they pin.
void RevokeTokens(ApplyContext& context) {
  ClusterState& state = context.state();
  std::vector<statepb::JoinToken> usable;
  for (const auto& [id, token] : state.tokens.records()) {
    if (token->state() == statepb::JoinToken::STATE_ACTIVE) {
      usable.push_back(*token);
    }
  }
  for (const statepb::JoinToken& token : usable) {
    state.tokens.Erase(token.token_id());
    context.Record("TOKEN_REVOKED",
                   absl::StrCat("joinTokens/", token.token_id()),
                   {{"member", token.member_name()}});
  }
}

void PutPhase(ApplyContext& context, absl::string_view event,
              Authority authority) {
  authority.set_generation(authority.generation() + 1);
  const std::string key = AuthorityKey(authority.plane());
  context.state().authorities.Put(key, authority);
  context.RecordDesired(event, absl::StrCat("authorities/", key),
                        {{"authority", key}});
}

}  // namespace

void BeginRotation(ApplyContext& context, const std::string& operation_id,
                   const Authority& successor) {
  Authority authority =
      *context.state().authorities.Find(AuthorityKey(successor.plane()));
  Authority& other = *authority.mutable_other();
  other.Clear();
  other.set_plane(successor.plane());
  CopyIssuer(successor, HaveHoldersEach(context), other);
  authority.set_phase(Authority::PHASE_DISTRIBUTE);
  authority.set_rotation_id(operation_id);
  authority.clear_rotation_due();
  TrustBoth(authority);
  PutPhase(context, "CA_DISTRIBUTED", std::move(authority));
}

absl::Status UndoRotation(ApplyContext& context, statepb::Plane plane,
                          const std::string& operation_id) {
  const Authority* known =
      context.state().authorities.Find(AuthorityKey(plane));
  if (known == nullptr || known->rotation_id() != operation_id ||
      known->phase() == Authority::PHASE_UNSPECIFIED) {
    return OperationNotCancellable("the old CA is trusted no more");
  }
  Authority authority = *known;
  if (authority.phase() == Authority::PHASE_DISTRIBUTE) {
    TrustOne(authority);
  } else {
    // Some certificates are of the successor: it is trusted until they are
    // gone, see FinishUndone.
    Exchange(HaveHoldersEach(context), authority);
    ForgetLink(authority);
  }
  PutPhase(context, "CA_ROTATION_UNDONE", std::move(authority));
  return absl::OkStatus();
}

Applied ApplyAdvanceRotation(ApplyContext& context,
                             const statepb::AdvanceRotation& body) {
  RETURN_IF_ERROR(CheckPlane(body.plane()));
  const Authority* known =
      context.state().authorities.Find(AuthorityKey(body.plane()));
  if (known == nullptr || known->rotation_id() != body.operation_id()) {
    return AuthorityChanged();
  }
  Authority authority = *known;
  if (body.to() == Authority::PHASE_REISSUE &&
      known->phase() == Authority::PHASE_DISTRIBUTE) {
    RETURN_IF_ERROR(CheckCrossCertificate(context.state(), body));
    Exchange(HaveHoldersEach(context), authority);
    ForgetLink(authority);
    authority.set_cross_certificate_pem(body.cross_certificate_pem());
    PutPhase(context, "CA_REPLACED", std::move(authority));
    return Result();
  }
  if (body.to() == Authority::PHASE_UNSPECIFIED &&
      known->phase() == Authority::PHASE_REISSUE) {
    KeepForThoseSetAside(context.state(), *known, authority);
    TrustOne(authority);
    // Until now the same certificate could be given again.
    if (authority.from_request()) authority.clear_requested();
    authority.clear_from_request();
    PutPhase(context, "CA_RETIRED", std::move(authority));
    if (body.plane() == statepb::PLANE_CLUSTER) RevokeTokens(context);
    return Result();
  }
  return AuthorityChanged();
}

Applied ApplyRequestAuthority(ApplyContext& context,
                              const statepb::RequestAuthority& body) {
  const Authority* known =
      context.state().authorities.Find(AuthorityKey(body.plane()));
  if (known == nullptr || body.plane() != statepb::PLANE_OVN) {
    return CommandMalformed("out-of-range", "plane");
  }
  if (known->phase() != Authority::PHASE_UNSPECIFIED) {
    return RotationUnderWay("OVN", known->rotation_id());
  }
  Authority authority = *known;
  Authority& requested = *authority.mutable_requested();
  requested.Clear();
  requested.set_plane(body.plane());
  requested.set_sealed_key(body.sealed_key());
  *requested.mutable_sealed_for() = body.sealed_for();
  requested.set_request_pem(body.request_pem());
  RETURN_IF_ERROR(CheckRequested(requested));
  if (requested.sealed_for().empty()) {
    return CommandMalformed("missing", "sealed-for");
  }
  for (const std::string& id : requested.sealed_for()) {
    if (context.state().members.Find(id) == nullptr) return MemberNotFound(id);
  }
  if (IsSealedForWorker(context.state(), requested)) {
    return CommandMalformed("worker", "sealed-for");
  }
  const std::string key = AuthorityKey(body.plane());
  context.state().authorities.Put(key, authority);
  context.Record("CA_REQUESTED", absl::StrCat("authorities/", key),
                 {{"authority", key}});
  return Result();
}

void SettleRetiredAuthority(ApplyContext& context) {
  const std::string key = AuthorityKey(statepb::PLANE_CLUSTER);
  const Authority* known = context.state().authorities.Find(key);
  if (known == nullptr || !known->has_retired() ||
      !Behind(context.state(), *known, Said::kPublished).empty()) {
    return;
  }
  Authority authority = *known;
  ForgetLink(authority);
  context.state().authorities.Put(key, authority);
  context.Record("CA_FORGOTTEN", absl::StrCat("authorities/", key),
                 {{"authority", key}});
}

void CallForRotation(ApplyContext& context, statepb::Plane plane,
                     const std::string& member_name) {
  const std::string key = AuthorityKey(plane);
  const Authority* known = context.state().authorities.Find(key);
  if (known == nullptr) return;
  Authority authority = *known;
  authority.set_rotation_due(member_name);
  // It may know that key, too.
  authority.clear_requested();
  context.state().authorities.Put(key, authority);
  context.Record("CA_ROTATION_DUE", absl::StrCat("authorities/", key),
                 {{"authority", key}, {"member", member_name}});
}

}  // namespace microovn::agent
