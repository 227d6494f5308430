// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/ca_dates.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "pki/authority/renewal_policy.h"
#include "pki/certificate/certificate.h"

namespace microovn::agent {
namespace {

// Of the CA itself, or until the first end of its chain.
std::optional<pki::Validity> ValidityOf(const statepb::Authority& authority,
                                        bool with_chain) {
  const auto chain =
      pki::Certificate::BundleFromPem(authority.certificate_pem());
  if (!chain.ok() || chain->empty()) return std::nullopt;
  pki::Validity validity = {chain->front().not_before(),
                            chain->front().not_after()};
  for (const pki::Certificate& certificate : *chain) {
    if (!with_chain) break;
    validity.not_after = std::min(validity.not_after, certificate.not_after());
  }
  return validity;
}

bool CancelledLately(const ClusterState& state,
                     const statepb::Authority& authority, absl::Time now) {
  const statepb::Operation* last =
      state.operations.Find(authority.rotation_id());
  return last != nullptr && last->done() &&
         last->error_reason() == "OPERATION_CANCELLED" &&
         absl::AbsDuration(now - absl::FromUnixSeconds(last->ended_seconds())) <
             kAfterCancelledRenewal;
}

// The agents' certificates last for weeks, and each agent has its own renewed
// by its own clock: where most of them are not valid now, it is this clock that
// is wrong, or they are about to be renewed.
bool ClockAgrees(const ClusterState& state, absl::Time now) {
  int known = 0;
  int valid = 0;
  for (const auto& [id, member] : state.members.records()) {
    const auto certificate =
        pki::Certificate::FromPem(member->certificate_pem());
    if (!certificate.ok()) continue;
    ++known;
    if (certificate->not_before() <= now && now < certificate->not_after()) {
      ++valid;
    }
  }
  return known == 0 || 2 * valid > known;
}

}  // namespace

std::set<std::string> DueRenewals(const ClusterState& state, absl::Time now) {
  std::set<std::string> due;
  for (const auto& [key, authority] : state.authorities.records()) {
    if (authority->phase() != statepb::Authority::PHASE_UNSPECIFIED) continue;
    const auto validity = ValidityOf(*authority, /*with_chain=*/false);
    if (validity.has_value() &&
        pki::CaRenewalIsDue(*validity, authority->user_supplied(), now) &&
        !CancelledLately(state, *authority, now) && ClockAgrees(state, now)) {
      due.insert(key);
    }
  }
  return due;
}

std::set<std::string> EndingAuthorities(const ClusterState& state,
                                        absl::Time now) {
  std::set<std::string> ending;
  for (const auto& [key, authority] : state.authorities.records()) {
    if (authority->phase() != statepb::Authority::PHASE_DISTRIBUTE) continue;
    const auto validity = ValidityOf(*authority, /*with_chain=*/true);
    if (validity.has_value() &&
        now >= validity->not_after - pki::OvnRenewalWindow(*validity)) {
      ending.insert(key);
    }
  }
  return ending;
}

}  // namespace microovn::agent
