// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "agent/errors/cluster_errors.h"
#include "agent/state/apply/apply_context.h"
#include "agent/state/apply/certificate_rules.h"
#include "agent/state/apply/validate.h"
#include "agent/state/plan/plan.h"
#include "agent/state/values/admission_statement.h"
#include "agent/state/values/features.h"
#include "agent/state/values/limits.h"
#include "agent/state/values/member_view.h"
#include "agent/state/values/token_key.h"
#include "agent/state/values/worker.h"
#include "base/status/status_macros.h"
#include "pki/join/join_statement.h"

namespace microovn::agent {
namespace {

using statepb::Member;
using statepb::OperationStep;
using statepb::Result;

constexpr size_t kSignatureBytes = 64;  // Ed25519

// Whether a key belongs, or belonged, to a member other than `member_id`.
bool KeyIsTaken(const ClusterState& state, absl::string_view member_id,
                absl::string_view spki_sha256) {
  const Member* owner = FindMemberByKey(state, spki_sha256);
  if (owner != nullptr) return owner->member_id() != member_id;
  for (const auto& [id, tombstone] : state.tombstones.records()) {
    for (const std::string& digest : tombstone->spki_sha256()) {
      if (digest == spki_sha256) return true;
    }
  }
  return false;
}

bool HasKey(const Member& member, const std::string& digest) {
  const auto& keys = member.spki_sha256();
  return std::find(keys.begin(), keys.end(), digest) != keys.end();
}

// Whether the record's id, name, address and keys are free.
absl::Status CheckNewMember(const ClusterState& state, const Member& member,
                            CertificateReading reading) {
  RETURN_IF_ERROR(CheckMember(member, reading));
  if (state.tombstones.Find(member.member_id()) != nullptr) {
    return MemberIdRetired(member.member_id());
  }
  if (state.members.Find(member.member_id()) != nullptr) {
    return CommandMalformed("in-use", "member-id");
  }
  if (FindMember(state, member.name()) != nullptr) {
    return MemberNameTaken(member.name());
  }
  const Member* neighbour = FindMemberByAddress(state, AddressOf(member));
  if (neighbour != nullptr) {
    return MemberAddressTaken(member.address(), neighbour->name());
  }
  for (const std::string& digest : member.spki_sha256()) {
    if (KeyIsTaken(state, member.member_id(), digest)) return MemberKeyTaken();
  }
  RETURN_IF_ERROR(CheckSupport(state, member.features(), member.name()));
  if (state.members.size() >= kMaxMembers) return TooManyMembers(kMaxMembers);
  return absl::OkStatus();
}

// Adds the checked record and returns it with what only the state knows.
Member AddMember(ApplyContext& context, Member member) {
  ClusterState& state = context.state();
  statepb::Cluster cluster = state.cluster();
  member.set_ordinal(cluster.next_ordinal());
  member.set_admitted_seconds(context.now());
  cluster.set_next_ordinal(cluster.next_ordinal() + 1);
  state.cluster_record.Put(kClusterKey, cluster);
  state.members.Put(member.member_id(), member);
  if (Runs(member, statepb::SERVICE_CENTRAL)) TakeCentralPlace(state);
  Arguments arguments = {{"member", member.name()},
                         {"address", member.address()}};
  if (member.worker()) arguments.emplace_back("worker", "yes");
  context.RecordDesired("MEMBER_ADDED", MemberResource(member), arguments);
  SettleDatabases(context);
  SettleFeatures(context);
  return member;
}

void BuryOldest(ClusterState& state) {
  const std::string* oldest = nullptr;
  uint64_t when = 0;
  for (const auto& [id, tombstone] : state.tombstones.records()) {
    if (oldest == nullptr || tombstone->removed_revision() < when) {
      oldest = &id;
      when = tombstone->removed_revision();
    }
  }
  if (oldest != nullptr) state.tombstones.Erase(*oldest);
}

// The record and all that hangs on it goes; its id never returns.
void DropMember(ApplyContext& context, const Member& member) {
  ClusterState& state = context.state();
  const std::string& id = member.member_id();
  if (state.tombstones.size() >= kMaxTombstones) BuryOldest(state);
  statepb::Tombstone tombstone;
  tombstone.set_member_id(id);
  tombstone.set_name(member.name());
  tombstone.set_removed_seconds(context.now());
  tombstone.set_removed_revision(state.revision());
  tombstone.set_address(member.address());
  *tombstone.mutable_spki_sha256() = member.spki_sha256();
  state.tombstones.Put(id, tombstone);
  state.reports.Erase(id);
  ForgetCertificates(context, id);
  for (const char* name : {"nb", "sb"}) {
    const statepb::Database* database = state.databases.Find(name);
    if (database == nullptr || !HasJoined(*database, id)) continue;
    statepb::Database changed = *database;
    changed.clear_joined_ids();
    for (const std::string& joined : database->joined_ids()) {
      if (joined != id) changed.add_joined_ids(joined);
    }
    state.databases.Put(name, changed);
  }
  // Last: `member` may be the record itself.
  state.members.Erase(id);
  SettleRetiredAuthority(context);
}

absl::Status CheckBootstrap(const ClusterState& state,
                            const statepb::Bootstrap& body) {
  if (state.bootstrapped()) return AlreadyBootstrapped();
  RETURN_IF_ERROR(CheckId("cluster-id", body.cluster_id()));
  const CertificateReading reading = ReadingOfFounder(body.member());
  RETURN_IF_ERROR(CheckNewMember(state, body.member(), reading));
  if (body.authorities_size() > 2 ||
      (body.authorities_size() == 2 &&
       body.authorities(0).plane() == body.authorities(1).plane())) {
    return CommandMalformed("twice", "authorities");
  }
  for (const statepb::Authority& authority : body.authorities()) {
    RETURN_IF_ERROR(CheckAuthority(authority, reading));
    for (const std::string& id : authority.sealed_for()) {
      if (id != body.member().member_id()) {
        return CommandMalformed("stranger", "sealed-for");
      }
    }
  }
  return CheckIssued(body.certificates(), body.member().member_id());
}

}  // namespace

void SettleFeatures(ApplyContext& context) {
  for (const statepb::FeatureLevel& rising : RisingFeatures(context.state())) {
    context.state().features.Put(rising.name(), rising);
    context.Record(
        "FEATURE_ACTIVATED", absl::StrCat("features/", rising.name()),
        {{"feature", rising.name()}, {"level", absl::StrCat(rising.level())}});
  }
}

Applied ApplyBootstrap(ApplyContext& context, const statepb::Bootstrap& body) {
  ClusterState& state = context.state();
  RETURN_IF_ERROR(CheckBootstrap(state, body));
  statepb::Cluster cluster;
  cluster.set_format(1);
  cluster.set_cluster_id(body.cluster_id());
  cluster.set_next_ordinal(1);
  cluster.set_time_seconds(context.now());
  state.cluster_record.Put(kClusterKey, cluster);
  context.Record("CLUSTER_CREATED",
                 absl::StrCat("clusters/", body.cluster_id()),
                 {{"member", body.member().name()}});
  for (const statepb::Authority& authority : body.authorities()) {
    state.authorities.Put(AuthorityKey(authority.plane()), authority);
  }
  Member member = body.member();
  member.set_state(Member::STATE_ACTIVE);
  member.clear_token_id();
  member.clear_worker();
  member.clear_put_out_revision();
  member.clear_join_deadline_seconds();
  if (member.services().empty()) AddDefaultServices(state, &member);
  Result result;
  *result.mutable_member() = AddMember(context, std::move(member));
  RecordIssued(context, body.certificates());
  return result;
}

// That whoever has the token's key wants this member as it is here, with the
// key of this request. Logs of before a feature are applied as they were then.
absl::Status CheckSignature(const ClusterState& state,
                            const statepb::JoinToken& token,
                            const statepb::AdmitMember& body) {
  if (body.signature().size() != kSignatureBytes) {
    return CommandMalformed("not-ed25519", "signature");
  }
  if (ActiveLevel(state, kFeatureCaRotation) == 0) return absl::OkStatus();
  const pki::StatementForm form = ActiveLevel(state, kFeatureJoinStatement) > 0
                                      ? pki::StatementForm::kWhole
                                      : pki::StatementForm::kNameAndKey;
  const auto key = TokenKeyOf(token);
  if (!key.ok() || !pki::VerifyJoinSignature(
                        *key, StatementOf(state.cluster().cluster_id(), body),
                        body.signature(), form)
                        .ok()) {
    return CommandMalformed("not-the-tokens", "signature");
  }
  return absl::OkStatus();
}

Applied ApplyAdmit(ApplyContext& context, const statepb::AdmitMember& body) {
  ClusterState& state = context.state();
  ASSIGN_OR_RETURN(statepb::JoinToken token,
                   UsableToken(state, context.clock(), body.token_id(),
                               body.member().name()));
  RETURN_IF_ERROR(CheckNewMember(state, body.member(), ReadingOf(state)));
  RETURN_IF_ERROR(CheckIssued(body.certificates(), body.member().member_id()));
  RETURN_IF_ERROR(CheckDigest("request-digest", body.request_digest()));
  RETURN_IF_ERROR(CheckSignature(state, token, body));
  // Whatever the joiner says: by its token.
  const bool worker = AdmitsWorker(state, token);
  RETURN_IF_ERROR(CheckChosenServices(worker, body));
  token.set_state(statepb::JoinToken::STATE_USED);
  state.tokens.Put(token.token_id(), token);
  Member member = body.member();
  member.set_worker(worker);
  member.set_state(Member::STATE_JOINING);
  member.clear_withdrawal();
  member.clear_put_out_revision();
  member.set_token_id(token.token_id());
  member.set_join_deadline_seconds(context.clock() + kJoinSeconds);
  if (body.default_services()) {
    member.clear_services();
    AddDefaultServices(state, &member);
  }
  Result result;
  *result.mutable_member() = AddMember(context, std::move(member));
  RecordIssued(context, body.certificates());
  return result;
}

Applied ApplyConfirm(ApplyContext& context,
                     const statepb::ConfirmMember& body) {
  ClusterState& state = context.state();
  const Member* known = state.members.Find(body.member_id());
  if (known == nullptr) return MemberNotFound(body.member_id());
  if (known->state() == Member::STATE_LEAVING) {
    return MemberIsLeaving(known->name());
  }
  if (!known->withdrawal().empty()) return MemberNotJoining(known->name());
  Member member = *known;
  Result result;
  if (member.state() == Member::STATE_JOINING) {
    // It is being taken back by now, whatever is left to do for that.
    if (member.join_deadline_seconds() <= context.clock()) {
      return MemberNotJoining(member.name());
    }
    member.set_state(Member::STATE_ACTIVE);
    member.clear_join_deadline_seconds();
    state.members.Put(member.member_id(), member);
    context.RecordDesired("MEMBER_JOINED", MemberResource(member),
                          {{"member", member.name()}});
  }
  *result.mutable_member() = std::move(member);
  return result;
}

Applied ApplyWithdraw(ApplyContext& context,
                      const statepb::WithdrawMember& body) {
  const Member* known = context.state().members.Find(body.member_id());
  if (known == nullptr) return MemberNotFound(body.member_id());
  RETURN_IF_ERROR(CheckText("reason", body.reason(), kMaxTextBytes));
  if (body.reason().empty()) {
    return CommandMalformed("missing", "reason");
  }
  if (known->state() != Member::STATE_JOINING) {
    return MemberNotJoining(known->name());
  }
  Member member = *known;
  member.set_withdrawal(body.reason());
  member.set_join_deadline_seconds(
      std::min(member.join_deadline_seconds(), context.clock()));
  context.state().members.Put(member.member_id(), member);
  return Result();
}

Applied ApplyTakeBack(ApplyContext& context,
                      const statepb::TakeBackMember& body) {
  ClusterState& state = context.state();
  const Member* known = state.members.Find(body.member_id());
  if (known == nullptr) return MemberNotFound(body.member_id());
  RETURN_IF_ERROR(CheckText("reason", body.reason(), kMaxTextBytes));
  if (known->state() != Member::STATE_JOINING) {
    return MemberNotJoining(known->name());
  }
  const Member member = *known;
  DropMember(context, member);
  const statepb::JoinToken* used = state.tokens.Find(member.token_id());
  if (used != nullptr && used->state() == statepb::JoinToken::STATE_USED) {
    statepb::JoinToken token = *used;
    token.set_state(statepb::JoinToken::STATE_ACTIVE);
    state.tokens.Put(token.token_id(), token);
  }
  context.RecordDesired("MEMBER_TAKEN_BACK", MemberResource(member),
                        {{"member", member.name()}, {"why", body.reason()}});
  SettleDatabases(context);
  SettleFeatures(context);
  return Result();
}

const OperationStep* FindStep(const statepb::Operation& operation,
                              absl::string_view id) {
  for (const OperationStep& step : operation.steps()) {
    if (step.id() == id) return &step;
  }
  return nullptr;
}

// A member that stopped by itself has erased its keys. Of one that was removed
// without its help nobody knows, and who could open the keys of the CAs may
// have kept them.
void CallForRotations(ApplyContext& context, const Member& removed) {
  const ClusterState& state = context.state();
  if (ActiveLevel(state, kFeatureCaRotation) == 0) return;
  for (const auto& [id, operation] : state.operations.records()) {
    if (operation->done() || !operation->force() ||
        operation->keeps_authorities() ||
        operation->member_id() != removed.member_id() ||
        FindStep(*operation, kStepForgetMember) == nullptr) {
      continue;
    }
    const OperationStep* stop = FindStep(*operation, kStepStopServices);
    if (stop != nullptr && stop->state() == OperationStep::STATE_DONE) return;
    const bool opened = operation->could_open_keys();
    CallForRotation(context, statepb::PLANE_OVN, removed.name());
    if (opened) {
      CallForRotation(context, statepb::PLANE_CLUSTER, removed.name());
    }
    return;
  }
}

Applied ApplyRemove(ApplyContext& context, const statepb::RemoveMember& body) {
  const Member* known = context.state().members.Find(body.member_id());
  if (known == nullptr) return MemberNotFound(body.member_id());
  if (known->state() != Member::STATE_LEAVING) {
    return MemberNotLeaving(known->name());
  }
  const Member member = *known;
  CallForRotations(context, member);
  DropMember(context, member);
  context.RecordDesired("MEMBER_REMOVED", MemberResource(member),
                        {{"member", member.name()}});
  SettleDatabases(context);
  SettleFeatures(context);
  Result result;
  *result.mutable_member() = member;
  return result;
}

Applied ApplyRenew(ApplyContext& context, const statepb::RenewMember& body) {
  ClusterState& state = context.state();
  const Member* known = state.members.Find(body.member_id());
  if (known == nullptr) return MemberNotFound(body.member_id());
  RETURN_IF_ERROR(CheckMemberCertificate(body.certificate_pem(),
                                         body.spki_sha256(), ReadingOf(state)));
  RETURN_IF_ERROR(CheckKeys(body.spki_sha256()));
  for (const std::string& digest : body.spki_sha256()) {
    if (KeyIsTaken(state, body.member_id(), digest)) return MemberKeyTaken();
    // New ones are the leader's to add, with the certificate that it issued.
    if (!context.passed_by().empty() && !HasKey(*known, digest)) {
      return CommandMalformed("not-registered", "keys");
    }
  }
  Certificates issued;
  if (body.has_certificate()) *issued.Add() = body.certificate();
  RETURN_IF_ERROR(CheckIssued(issued, body.member_id()));
  Member member = *known;
  member.set_certificate_pem(body.certificate_pem());
  *member.mutable_spki_sha256() = body.spki_sha256();
  state.members.Put(member.member_id(), member);
  RecordIssued(context, issued);
  context.Record("MEMBER_CERTIFICATE_RENEWED", MemberResource(member),
                 {{"member", member.name()}});
  Result result;
  *result.mutable_member() = std::move(member);
  return result;
}

}  // namespace microovn::agent
