// SPDX-License-Identifier: Apache-2.0
#include "agent/state/values/rotation_progress.h"

#include <cstdint>

#include "agent/state/values/features.h"
#include "agent/state/values/key_holders.h"

namespace microovn::agent {
namespace {

using statepb::Authority;
using statepb::Member;
using statepb::MemberReport;

uint64_t GenerationOf(const MemberReport& report, statepb::Plane plane,
                      Said said) {
  if (plane == statepb::PLANE_OVN) {
    return said == Said::kPublished ? report.ovn_published_generation()
                                    : report.ovn_observed_generation();
  }
  return said == Said::kPublished ? report.cluster_published_generation()
                                  : report.cluster_observed_generation();
}

}  // namespace

std::vector<const Member*> Behind(const ClusterState& state,
                                  const Authority& authority, Said said) {
  std::vector<const Member*> behind;
  for (const Member* member : MembersInOrder(state)) {
    if (member->state() == Member::STATE_LEAVING) continue;
    const MemberReport* report = state.reports.Find(member->member_id());
    if (report == nullptr || GenerationOf(*report, authority.plane(), said) <
                                 authority.generation()) {
      behind.push_back(member);
    }
  }
  return behind;
}

bool CanBeSetAside(const ClusterState& state, const Authority& authority) {
  if (authority.plane() == statepb::PLANE_OVN) return true;
  if (ActiveLevel(state, kFeatureCaRotation) < kCaRotationSetsAside) {
    return false;
  }
  // Before anything is issued by the new CA it can still be signed.
  return authority.phase() == Authority::PHASE_DISTRIBUTE
             ? !authority.has_retired() && !KeyHolders(state, authority).empty()
             : !authority.cross_certificate_pem().empty();
}

}  // namespace microovn::agent
