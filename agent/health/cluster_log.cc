// SPDX-License-Identifier: Apache-2.0
#include "agent/health/cluster_log.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "agent/api/converters.h"

namespace microovn::agent {
namespace {

// Their name, or what was there if there is no such member.
std::string Named(const ClusterState& state, const std::string& id) {
  const statepb::Member* member = state.members.Find(id);
  return member == nullptr ? id : member->name();
}

v1::LogReplica RowOf(const ClusterFacts& facts, const statepb::Member& member) {
  v1::LogReplica row;
  const auto answer = facts.answers.find(member.member_id());
  // An agent of an earlier version tells nothing of its log.
  if (answer != facts.answers.end() && answer->second.ok()) {
    row = answer->second->log();
  }
  row.set_member(member.name());
  row.set_leader(Named(*facts.state, row.leader()));
  for (v1::LogPeer& peer : *row.mutable_peers()) {
    peer.set_member(Named(*facts.state, peer.member()));
  }
  return row;
}

}  // namespace

v1::GetLogResponse DescribeLog(const ClusterFacts& facts) {
  v1::GetLogResponse response;
  for (const auto& [id, member] : facts.state->members.records()) {
    *response.add_replicas() = RowOf(facts, *member);
  }
  std::sort(response.mutable_replicas()->begin(),
            response.mutable_replicas()->end(),
            [](const v1::LogReplica& a, const v1::LogReplica& b) {
              return a.member() < b.member();
            });
  for (const v1::LogReplica& row : response.replicas()) {
    response.set_term(std::max(response.term(), row.term()));
  }
  // One that was cut off may still take itself for the leader of its term.
  for (const v1::LogReplica& row : response.replicas()) {
    if (row.role() == "leader" && row.term() == response.term()) {
      response.set_leader(row.member());
    }
  }
  return response;
}

}  // namespace microovn::agent
