// SPDX-License-Identifier: Apache-2.0
#include "agent/member/peer_keys.h"

#include <algorithm>
#include <utility>

#include "agent/server/retired_ca.h"
#include "agent/state/values/users.h"
#include "base/status/error.h"
#include "base/text/host_port.h"
#include "pki/certificate/tls_dates.h"

namespace microovn::agent {
namespace {

absl::Status Refused(absl::string_view why, absl::string_view reason) {
  return MakeError(absl::StatusCode::kUnauthenticated, why,
                   {std::string(reason), ""});
}

// A registered certificate that is made in the future was made before the clock
// was set back: then one that is valid now came later.
bool IsYounger(const pki::Certificate& certificate,
               const statepb::Member& member, absl::Time now) {
  const auto known = pki::Certificate::FromPem(member.certificate_pem());
  if (!known.ok()) return false;
  const bool set_back = known->not_before() + pki::kBackdating > now;
  return certificate.not_before() > known->not_before() ||
         (set_back && pki::CheckDates(certificate, now).ok());
}

absl::string_view RetiredCaOf(const ClusterState& state) {
  const statepb::Authority* authority =
      state.authorities.Find(AuthorityKey(statepb::PLANE_CLUSTER));
  return authority == nullptr
             ? absl::string_view()
             : absl::string_view(authority->retired().certificate_pem());
}

bool IsGood(const ClusterFacts& facts, KeyStanding standing) {
  return standing == KeyStanding::kRegistered ||
         (standing == KeyStanding::kYounger && facts.leader_id.empty());
}

}  // namespace

KeyStanding StandingOf(const ClusterState& state, const std::string& member_id,
                       const pki::Certificate& certificate, absl::Time now) {
  if (state.tombstones.Find(member_id) != nullptr) {
    return KeyStanding::kRemovedMember;
  }
  const statepb::Member* member = state.members.Find(member_id);
  if (member == nullptr) return KeyStanding::kUnknownMember;
  const auto& keys = member->spki_sha256();
  if (std::find(keys.begin(), keys.end(),
                certificate.public_key().Fingerprint()) != keys.end()) {
    return KeyStanding::kRegistered;
  }
  return IsYounger(certificate, *member, now) ? KeyStanding::kYounger
                                              : KeyStanding::kRetired;
}

bool AcceptsExpiredKey(const ClusterFacts& facts, ExpiredUse use,
                       const std::string& member_id,
                       const pki::Certificate& certificate) {
  const KeyStanding standing =
      StandingOf(*facts.state, member_id, certificate, facts.now);
  // Who may have the old CA's key can make younger certificates at will.
  if (IsOfRetired(RetiredCaOf(*facts.state), certificate)) {
    return standing == KeyStanding::kRegistered;
  }
  const bool voters = facts.voters.count(facts.self_id) > 0 &&
                      facts.voters.count(member_id) > 0;
  if (use == ExpiredUse::kLog && !voters) return false;
  return IsGood(facts, standing);
}

absl::Status CheckLogCaller(const ClusterFacts& facts,
                            const std::string& member_id,
                            const pki::Certificate& certificate) {
  const KeyStanding standing =
      StandingOf(*facts.state, member_id, certificate, facts.now);
  if (standing == KeyStanding::kRemovedMember) {
    return Refused("the calling member was removed from the cluster",
                   "MEMBER_REMOVED");
  }
  // One that has just been admitted speaks before this node has heard of it.
  if (standing != KeyStanding::kUnknownMember && !IsGood(facts, standing)) {
    return Refused("the caller's certificate is not registered",
                   "CERTIFICATE_NOT_REGISTERED");
  }
  absl::Status current = pki::CheckDates(certificate, facts.now);
  if (IsOfRetired(RetiredCaOf(*facts.state), certificate)) {
    current = RetiredCa(certificate);
  }
  if (current.ok() ||
      AcceptsExpiredKey(facts, ExpiredUse::kLog, member_id, certificate)) {
    return absl::OkStatus();
  }
  return Refused(current.message(), "BAD_PEER_CERTIFICATE");
}

KeyRegistry::Questions QuestionsOn(std::function<ClusterFacts()> facts) {
  KeyRegistry::Questions questions;
  questions.accepts_expired = [facts](ExpiredUse use,
                                      const std::string& member_id,
                                      const pki::Certificate& certificate) {
    return AcceptsExpiredKey(facts(), use, member_id, certificate);
  };
  questions.is_registered = [facts](const pki::Certificate& certificate) {
    const auto state = facts().state;
    const std::string key = certificate.public_key().Fingerprint();
    return FindMemberByKey(*state, key) != nullptr || IsUserKey(*state, key);
  };
  questions.is_member_address = [facts](const std::string& address) {
    const auto& members = facts().state->members.records();
    return std::any_of(members.begin(), members.end(), [&](const auto& each) {
      const auto at = ParseHostPort(each.second->address());
      return at.ok() && at->host == address;
    });
  };
  return questions;
}

}  // namespace microovn::agent
