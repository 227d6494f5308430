// SPDX-License-Identifier: Apache-2.0
#include "agent/health/certificate_findings.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/health/custody_findings.h"
#include "pki/authority/renewal_policy.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/tls_dates.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

// "in 29 days", "in 5 hours", "since 2 days".
std::string InWords(absl::Duration left) {
  const absl::Duration much = absl::AbsDuration(left);
  const bool days = much >= absl::Hours(48);
  const int64_t number =
      days ? absl::ToInt64Hours(much) / 24 : absl::ToInt64Hours(much);
  return absl::StrCat(number, days ? " days" : " hours");
}

std::string DayOf(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone());
}

// By the registry: a member whose certificate has expired cannot be asked.
void FindExpired(const ClusterFacts& facts, std::vector<Observed>& found) {
  for (const auto& [id, member] : facts.state->members.records()) {
    if (member->certificate_pem().empty()) continue;
    const auto certificate =
        pki::Certificate::FromPem(member->certificate_pem());
    if (!certificate.ok()) continue;
    const absl::Status dates = pki::CheckDates(*certificate, facts.now);
    if (dates.ok()) continue;
    const bool votes = facts.voters.count(id) > 0;
    found.push_back(Observe(
        "CERTIFICATE_EXPIRED_IN_USE", v1::SEVERITY_WARNING,
        absl::StrCat("the agent's certificate of ", member->name(), ": ",
                     dates.message(),
                     votes ? "; it takes part in the log and may renew it"
                           : "; it may renew it"),
        absl::StrCat("wait a few seconds if a leader is known; if it stays, "
                     "look at the agent and the clock of ",
                     member->name()),
        member->name()));
  }
}

// Of the CA itself. What is above it is not the cluster's to renew.
bool SuccessorIsDue(const statepb::Authority& authority, absl::Time now) {
  const auto chain =
      pki::Certificate::BundleFromPem(authority.certificate_pem());
  return chain.ok() && pki::CaRenewalIsDue({chain->front().not_before(),
                                            chain->front().not_after()},
                                           authority.user_supplied(), now);
}

// The first end of the CA and of what it was issued by.
absl::Time EndOf(const statepb::Authority& authority) {
  absl::Time end = absl::InfiniteFuture();
  const auto chain =
      pki::Certificate::BundleFromPem(authority.certificate_pem());
  if (!chain.ok()) return end;
  for (const pki::Certificate& certificate : *chain) {
    end = std::min(end, certificate.not_after());
  }
  return end;
}

std::string NameOf(const statepb::Authority& authority) {
  return authority.plane() == statepb::PLANE_OVN ? "the OVN CA"
                                                 : "the cluster CA";
}

void FindEndingAuthority(const statepb::Authority& authority, absl::Time end,
                         absl::Time now, std::vector<Observed>& found) {
  const absl::Duration left = end - now;
  if (left >= kCaNearsItsEnd) return;
  const std::string name = NameOf(authority);
  found.push_back(Observe(
      "CA_ENDS_SOON",
      left < kCaIsAtItsEnd ? v1::SEVERITY_CRITICAL : v1::SEVERITY_WARNING,
      absl::StrCat(name,
                   left > absl::ZeroDuration() ? " ends in " : " ended before ",
                   InWords(left), " (", DayOf(end),
                   "), and all that it has issued with it",
                   SuccessorIsDue(authority, now)
                       ? "; its successor is due and was not made yet"
                       : ""),
      "plan its successor: microovn explain CA_ENDS_SOON"));
}

// One of the cluster's own is rotated by itself.
void FindDueRotation(const statepb::Authority& authority,
                     std::vector<Observed>& found) {
  if (authority.rotation_due().empty() || !authority.user_supplied()) return;
  found.push_back(Observe(
      "CA_ROTATION_DUE", v1::SEVERITY_WARNING,
      absl::StrCat(authority.rotation_due(),
                   " was removed by force and may still hold certificates of "
                   "the OVN CA, which is yours"),
      "give a new CA: microovn certificates set-ca --cert FILE --key FILE"));
}

// The phase in which it stays, in the leader's words; empty while it goes on.
std::string WaitsFor(const ClusterState& state,
                     const statepb::Authority& authority, absl::Time now) {
  const statepb::Operation* rotation =
      state.operations.Find(authority.rotation_id());
  if (authority.phase() == statepb::Authority::PHASE_UNSPECIFIED ||
      rotation == nullptr ||
      now - absl::FromUnixSeconds(rotation->created_seconds()) <
          kRotationWaits) {
    return "";
  }
  for (const statepb::OperationStep& step : rotation->steps()) {
    if (step.state() == statepb::OperationStep::STATE_RUNNING) {
      return step.detail();
    }
  }
  return rotation->done()
             ? "it was cancelled, and some members are not back at "
               "the CA before it"
             : "";
}

void FindWaitingRotation(const ClusterState& state,
                         const statepb::Authority& authority, absl::Time now,
                         std::vector<Observed>& found) {
  const std::string why = WaitsFor(state, authority, now);
  if (why.empty()) return;
  found.push_back(
      Observe("CA_ROTATION_WAITS", v1::SEVERITY_WARNING,
              absl::StrCat("the rotation of ", NameOf(authority),
                           " has not ended: ", why),
              "bring back the members that do not follow: microovn explain "
              "CA_ROTATION_WAITS"));
}

// The CA of OVN's certificates.
struct Issuing {
  absl::Time end = absl::InfiniteFuture();
  // Nobody can open its key.
  bool sealed = false;
};

void FindEnding(const std::string& member, const peerpb::LocalCertificate& one,
                const Issuing& issuing, absl::Time now,
                std::vector<Observed>& found) {
  if (!one.problem().empty()) {
    found.push_back(Observe(
        "CERTIFICATE_NOT_SERVED", v1::SEVERITY_WARNING,
        absl::StrCat("the certificate of ", one.name(), " on ", member, ": ",
                     one.problem()),
        absl::StrCat("on ", member, ": microovn certificates reissue all"),
        member));
    return;
  }
  // Its life begins when it was made, not at the date it bears.
  const absl::Time begin =
      absl::FromUnixSeconds(one.not_before()) + pki::kBackdating;
  const absl::Time end = absl::FromUnixSeconds(one.not_after());
  const absl::Duration left = end - now;
  const absl::Duration life = std::max(end - begin, absl::ZeroDuration());
  const absl::Duration told = issuing.sealed ? kCannotRenew : kRenewalFailed;
  if (left >= std::min(told, life / 4)) return;
  // It cannot outlive its CA, and that is told.
  if (end >= issuing.end - absl::Hours(1)) return;
  const bool at_its_end = left < std::min(kCertificateIsAtItsEnd, life / 10);
  found.push_back(Observe(
      "CERTIFICATE_ENDS_SOON",
      at_its_end ? v1::SEVERITY_CRITICAL : v1::SEVERITY_WARNING,
      absl::StrCat("the certificate of ", one.name(), " on ", member,
                   left > absl::ZeroDuration() ? " ends in " : " ended before ",
                   InWords(left),
                   issuing.sealed ? ", and nobody can issue another"
                                  : " and was not renewed"),
      issuing.sealed
          ? "open the key of the OVN CA again: see CA_SEALED"
          : absl::StrCat("on ", member, ": microovn certificates reissue all"),
      member));
}

}  // namespace

std::vector<Observed> FindCertificateProblems(const ClusterFacts& facts) {
  std::vector<Observed> found;
  FindExpired(facts, found);
  Issuing ovn;
  ovn.sealed = IsSealed(facts, statepb::PLANE_OVN);
  for (const auto& [key, authority] : facts.state->authorities.records()) {
    const absl::Time end = EndOf(*authority);
    if (authority->plane() == statepb::PLANE_OVN) ovn.end = end;
    FindEndingAuthority(*authority, end, facts.now, found);
    FindDueRotation(*authority, found);
    FindWaitingRotation(*facts.state, *authority, facts.now, found);
  }
  for (const auto& [id, answer] : facts.answers) {
    if (!answer.ok()) continue;
    for (const peerpb::LocalCertificate& one : answer->certificates()) {
      FindEnding(NameOfMember(*facts.state, id), one, ovn, facts.now, found);
    }
  }
  return found;
}

}  // namespace microovn::agent
