// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/errors/cluster_errors.h"
#include "agent/state/apply/apply_context.h"
#include "agent/state/apply/certificate_rules.h"
#include "agent/state/apply/validate.h"
#include "agent/state/values/canonical.h"
#include "agent/state/values/features.h"
#include "agent/state/values/worker.h"
#include "base/status/status_macros.h"

namespace microovn::agent {
namespace {

using statepb::Authority;
using statepb::IssuedCertificate;
using statepb::Result;

// In one command: a member's own and those of the five OVN services.
constexpr int kMaxIssuedAtOnce = 16;
// Of each CA the one in use, the other one of a rotation, and a requested one.
constexpr int kMaxKeys = 6;
// As many as can be recipients.
constexpr int kMaxHolders = 16;
// Of one service of one member: the one in use, and those before it.
constexpr size_t kMaxOfOneService = 4;

// The first to end of one service go when there are too many. Whether one has
// ended is no question for the log, whose wall clock is a label.
void MakeRoomFor(ApplyContext& context, const IssuedCertificate& added) {
  ClusterState& state = context.state();
  std::vector<std::pair<int64_t, std::string>> alike;
  for (const auto& [serial, certificate] : state.certificates.records()) {
    if (certificate->member_id() == added.member_id() &&
        certificate->service() == added.service()) {
      alike.emplace_back(certificate->not_after_seconds(), serial);
    }
  }
  std::sort(alike.begin(), alike.end());
  for (size_t i = 0; i + kMaxOfOneService <= alike.size(); ++i) {
    state.certificates.Erase(alike[i].second);
  }
}

// Without what sealing its keys for others changes.
Authority Unsealed(Authority authority) {
  authority.clear_rotation_due();
  for (Authority* each :
       {&authority, authority.has_other() ? authority.mutable_other() : nullptr,
        authority.has_requested() ? authority.mutable_requested() : nullptr}) {
    if (each == nullptr) continue;
    each->clear_sealed_key();
    each->clear_sealed_for();
  }
  return authority;
}

// Another CA comes by its operation, step by step, since there is one.
bool IsReplaced(const ClusterState& state, const Authority& current,
                const Authority& authority) {
  return ActiveLevel(state, kFeatureCaRotation) > 0 &&
         CanonicalBytes(Unsealed(current)) !=
             CanonicalBytes(Unsealed(authority));
}

absl::Status CheckUnchanged(const Authority* current,
                            const statepb::SetAuthority& body) {
  if (current == nullptr) {
    return body.expected_generation() == 0 && body.expected_sealed_for().empty()
               ? absl::OkStatus()
               : AuthorityChanged();
  }
  const std::set<std::string> expected(body.expected_sealed_for().begin(),
                                       body.expected_sealed_for().end());
  const std::set<std::string> actual(current->sealed_for().begin(),
                                     current->sealed_for().end());
  if (current->generation() != body.expected_generation() ||
      expected != actual) {
    return AuthorityChanged();
  }
  if (current->requested().request_pem() !=
      body.authority().requested().request_pem()) {
    return AuthorityChanged();
  }
  if (body.authority().generation() < current->generation()) {
    return CommandMalformed("goes-back", "generation");
  }
  if (body.authority().generation() > current->generation() + 1) {
    return CommandMalformed("out-of-range", "generation");
  }
  return absl::OkStatus();
}

// Whether the member is among those who can open it. A worker that says so has
// at most the name of a holder to win.
void NoteWhetherOpened(const ClusterState& state,
                       const statepb::SetSealingCertificate& body,
                       Authority& authority) {
  std::vector<std::string> others;
  for (const std::string& id : authority.sealed_for()) {
    if (id != body.member_id()) others.push_back(id);
  }
  authority.clear_sealed_for();
  for (const std::string& id : others) authority.add_sealed_for(id);
  const bool opens = std::find(body.opened().begin(), body.opened().end(),
                               authority.sealed_key()) != body.opened().end();
  if (opens && !IsWorker(state, body.member_id()) &&
      authority.sealed_for_size() < kMaxHolders) {
    authority.add_sealed_for(body.member_id());
  }
}

}  // namespace

absl::Status CheckIssued(const Certificates& certificates,
                         absl::string_view member_id) {
  if (certificates.size() > kMaxIssuedAtOnce) {
    return CommandMalformed("too-many", "certificates");
  }
  for (const IssuedCertificate& certificate : certificates) {
    RETURN_IF_ERROR(CheckCertificate(certificate));
    if (!member_id.empty() && certificate.member_id() != member_id) {
      return CommandMalformed("of-another-member", "certificates");
    }
  }
  return absl::OkStatus();
}

void RecordIssued(ApplyContext& context, const Certificates& certificates) {
  for (const IssuedCertificate& certificate : certificates) {
    MakeRoomFor(context, certificate);
    context.state().certificates.Put(certificate.serial(), certificate);
  }
}

void ForgetCertificates(ApplyContext& context, absl::string_view member_id) {
  std::vector<std::string> serials;
  for (const auto& [serial, certificate] :
       context.state().certificates.records()) {
    if (certificate->member_id() == member_id) serials.push_back(serial);
  }
  for (const std::string& serial : serials) {
    context.state().certificates.Erase(serial);
  }
}

// One event for each member, with the services in their order.
void TellIssued(ApplyContext& context, const Certificates& certificates) {
  std::map<std::string, std::set<std::string>> services;
  for (const IssuedCertificate& certificate : certificates) {
    services[certificate.member_id()].insert(certificate.service());
  }
  for (const auto& [id, names] : services) {
    const statepb::Member& member = *context.state().members.Find(id);
    Arguments arguments = {{"member", member.name()}};
    for (const std::string& name : names) {
      arguments.emplace_back("service", name);
    }
    context.RecordRepeated(
        "CERTIFICATES_ISSUED",
        absl::StrCat(MemberResource(member), "/certificates"), arguments);
  }
}

Applied ApplyRecordCertificates(ApplyContext& context,
                                const statepb::RecordCertificates& body) {
  ClusterState& state = context.state();
  RETURN_IF_ERROR(CheckIssued(body.certificates(), ""));
  for (const IssuedCertificate& certificate : body.certificates()) {
    if (state.members.Find(certificate.member_id()) == nullptr) {
      return MemberNotFound(certificate.member_id());
    }
    const IssuedCertificate* known =
        state.certificates.Find(certificate.serial());
    if (known != nullptr && known->member_id() != certificate.member_id()) {
      return CommandMalformed("in-use", "serial");
    }
  }
  RecordIssued(context, body.certificates());
  TellIssued(context, body.certificates());
  return Result();
}

Applied ApplySetAuthority(ApplyContext& context,
                          const statepb::SetAuthority& body) {
  ClusterState& state = context.state();
  const Authority& authority = body.authority();
  RETURN_IF_ERROR(CheckAuthority(authority, ReadingOf(state)));
  for (const std::string& id : authority.sealed_for()) {
    if (state.members.Find(id) == nullptr) return MemberNotFound(id);
  }
  if (IsSealedForWorker(state, authority)) {
    return CommandMalformed("worker", "sealed-for");
  }
  const std::string key = AuthorityKey(authority.plane());
  const Authority* current = state.authorities.Find(key);
  RETURN_IF_ERROR(CheckUnchanged(current, body));
  if (current != nullptr && IsReplaced(state, *current, authority)) {
    return CommandMalformed("without-its-operation", "authority");
  }
  const bool replaced =
      current == nullptr ||
      current->certificate_pem() != authority.certificate_pem() ||
      current->bundle_pem() != authority.bundle_pem();
  Authority kept = authority;
  if (current != nullptr) kept.set_rotation_due(current->rotation_due());
  state.authorities.Put(key, kept);
  const std::string resource = absl::StrCat("authorities/", key);
  if (replaced) {
    context.RecordDesired("AUTHORITY_CHANGED", resource, {{"authority", key}});
  } else {
    context.Record("AUTHORITY_RESEALED", resource,
                   {{"authority", key},
                    {"count", absl::StrCat(authority.sealed_for_size())}});
  }
  return Result();
}

// Who can open a CA's key is kept true: `body` says what its member's key opens
// of what the state holds now.
Applied ApplySealingCertificate(ApplyContext& context,
                                const statepb::SetSealingCertificate& body) {
  ClusterState& state = context.state();
  const statepb::Member* known = state.members.Find(body.member_id());
  if (known == nullptr) return MemberNotFound(body.member_id());
  RETURN_IF_ERROR(CheckSealingCertificate(body.sealing_certificate_pem(),
                                          ReadingOf(state)));
  if (body.opened_size() >
      (ActiveLevel(state, kFeatureCaRequest) > 0 ? kMaxKeys : 2)) {
    return CommandMalformed("too-many", "opened");
  }
  statepb::Member member = *known;
  member.set_sealing_certificate_pem(body.sealing_certificate_pem());
  state.members.Put(member.member_id(), member);
  for (const statepb::Plane plane :
       {statepb::PLANE_CLUSTER, statepb::PLANE_OVN}) {
    const Authority* sealed = state.authorities.Find(AuthorityKey(plane));
    if (sealed == nullptr) continue;
    Authority authority = *sealed;
    NoteWhetherOpened(state, body, authority);
    if (authority.has_other() && ActiveLevel(state, kFeatureCaRequest) > 0) {
      NoteWhetherOpened(state, body, *authority.mutable_other());
    }
    if (authority.has_requested()) {
      NoteWhetherOpened(state, body, *authority.mutable_requested());
    }
    state.authorities.Put(AuthorityKey(plane), authority);
  }
  context.Record("SEALING_KEY_CHANGED", MemberResource(member),
                 {{"member", member.name()}});
  return Result();
}

}  // namespace microovn::agent
