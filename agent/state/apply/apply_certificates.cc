#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/errors/cluster_errors.h"
#include "agent/state/apply/apply_context.h"
#include "agent/state/apply/validate.h"
#include "base/status_macros.h"

namespace microovn::agent {
namespace {

using statepb::Authority;
using statepb::IssuedCertificate;
using statepb::Result;

// In one command: a member's own and those of the five OVN services.
constexpr int kMaxIssuedAtOnce = 16;
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
  if (body.authority().generation() < current->generation()) {
    return CommandMalformed("goes-back", "generation");
  }
  if (body.authority().generation() > current->generation() + 1) {
    return CommandMalformed("out-of-range", "generation");
  }
  return absl::OkStatus();
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
  return Result();
}

Applied ApplySetAuthority(ApplyContext& context,
                          const statepb::SetAuthority& body) {
  ClusterState& state = context.state();
  const Authority& authority = body.authority();
  RETURN_IF_ERROR(CheckAuthority(authority));
  for (const std::string& id : authority.sealed_for()) {
    if (state.members.Find(id) == nullptr) return MemberNotFound(id);
  }
  const std::string key = AuthorityKey(authority.plane());
  const Authority* current = state.authorities.Find(key);
  RETURN_IF_ERROR(CheckUnchanged(current, body));
  const bool replaced =
      current == nullptr ||
      current->certificate_pem() != authority.certificate_pem() ||
      current->bundle_pem() != authority.bundle_pem();
  state.authorities.Put(key, authority);
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

}  // namespace microovn::agent
