// SPDX-License-Identifier: Apache-2.0
#include "agent/state/values/key_holders.h"

#include <cstddef>
#include <set>

#include "agent/state/values/features.h"

namespace microovn::agent {

bool CanHoldKeys(const ClusterState& state, const std::string& member_id) {
  const statepb::Member* member = state.members.Find(member_id);
  if (member == nullptr || member->worker() ||
      member->sealing_certificate_pem().empty()) {
    return false;
  }
  const statepb::MemberReport* report = state.reports.Find(member_id);
  return report == nullptr || !report->sealing_key_out_of_reach();
}

std::vector<std::string> KeyHolders(const ClusterState& state,
                                    const statepb::Authority& authority) {
  std::vector<std::string> holders;
  for (const std::string& id : authority.sealed_for()) {
    if (CanHoldKeys(state, id)) holders.push_back(id);
  }
  return holders;
}

bool HasRightHolders(const ClusterState& state,
                     const statepb::Authority& in_use,
                     const statepb::Authority& successor) {
  const std::vector<std::string> able = KeyHolders(state, successor);
  const bool knows_lists = ActiveLevel(state, kFeatureCaRequest) > 0;
  if (knows_lists && successor.from_request()) {
    return in_use.requested().sealed_key() == successor.sealed_key() &&
           !able.empty();
  }
  if (knows_lists && KeyHolders(state, in_use).empty()) {
    return !able.empty() &&
           able.size() == static_cast<size_t>(successor.sealed_for_size());
  }
  const auto holders = [](const statepb::Authority& of) {
    return std::set<std::string>(of.sealed_for().begin(),
                                 of.sealed_for().end());
  };
  return holders(successor) == holders(in_use);
}

}  // namespace microovn::agent
