// SPDX-License-Identifier: Apache-2.0
#include "agent/member/log_membership.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/member/replicated_log.h"

namespace microovn::agent {
namespace {

std::vector<raft::MemberId> ToIds(const std::vector<std::string>& hex) {
  std::vector<raft::MemberId> ids;
  for (const std::string& id : hex) ids.push_back(MemberIdOf(id));
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace

absl::Status CheckVoters(const MembershipTarget& target,
                         const ClusterState& state) {
  for (const std::string& id : target.voters) {
    const statepb::Member* member = state.members.Find(id);
    if (member != nullptr && member->worker()) {
      return absl::FailedPreconditionError(
          absl::StrCat(member->name(), " is a worker and cannot vote"));
    }
  }
  return absl::OkStatus();
}

raft::Configuration ConfigurationFor(const MembershipTarget& target,
                                     const ClusterState& state) {
  raft::Configuration configuration;
  configuration.voters = ToIds(target.voters);
  configuration.learners = ToIds(target.learners);
  for (const raft::MemberId& id : configuration.Members()) {
    const statepb::Member* member = state.members.Find(id.ToHex());
    if (member == nullptr || member->incarnation() == 0) continue;
    configuration.incarnations.push_back(
        {id, raft::Incarnation(member->incarnation())});
  }
  return configuration;
}

}  // namespace microovn::agent
