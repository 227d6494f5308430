// SPDX-License-Identifier: Apache-2.0
#include "agent/state/plan/plan.h"

#include "absl/strings/str_cat.h"

namespace microovn::agent {

statepb::OperationStep PendingStep(const std::string& id,
                                   const Arguments& arguments,
                                   const std::vector<std::string>& member_ids) {
  statepb::OperationStep step;
  step.set_id(id);
  *step.mutable_arguments() = ToList(arguments);
  step.set_state(statepb::OperationStep::STATE_PENDING);
  for (const std::string& member_id : member_ids) {
    step.add_member_ids(member_id);
  }
  return step;
}

bool HoldsTheLastCentral(const ClusterState& state,
                         const statepb::Member& member) {
  if (!Runs(member, statepb::SERVICE_CENTRAL)) return false;
  std::vector<const statepb::Member*> others;
  for (const statepb::Member* central : CentralMembers(state)) {
    if (central->member_id() != member.member_id()) others.push_back(central);
  }
  if (others.empty()) return true;
  for (const auto& [name, database] : state.databases.records()) {
    if (!database->created()) {
      // Its copy is the one that counts.
      if (Recovers(*database) && Creates(*database, member.member_id())) {
        return true;
      }
      continue;
    }
    bool kept = false;
    for (const statepb::Member* other : others) {
      kept = kept || HasJoined(*database, other->member_id());
    }
    if (!kept) return true;
  }
  return false;
}

std::vector<std::string> CentralWarnings(size_t count) {
  std::vector<std::string> warnings;
  if (count > 0 && count % 2 == 0) {
    warnings.push_back(absl::StrCat(
        "OVN Cluster has even number of members: ", count,
        " central members survive no more failures than ", count - 1));
  }
  if (count > 0 && count < 3) {
    warnings.push_back(
        absl::StrCat("OVN Cluster has critically few members: with ", count,
                     " central no failure of one is survived"));
  }
  return warnings;
}

}  // namespace microovn::agent
