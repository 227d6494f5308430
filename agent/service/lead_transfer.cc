// SPDX-License-Identifier: Apache-2.0
#include "agent/service/lead_transfer.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/errors/leader_errors.h"
#include "agent/service/requests.h"
#include "base/status/status_macros.h"

namespace microovn::agent {
namespace {

std::string NameOf(const ClusterFacts& facts, const std::string& id) {
  const statepb::Member* member = facts.state->members.Find(id);
  return member == nullptr ? id : member->name();
}

bool Answers(const ClusterFacts& facts, const std::string& id) {
  const auto answer = facts.answers.find(id);
  return answer != facts.answers.end() && answer->second.ok();
}

std::vector<std::string> VoterNames(const ClusterFacts& facts) {
  std::vector<std::string> names;
  for (const std::string& id : facts.voters) {
    names.push_back(NameOf(facts, id));
  }
  std::sort(names.begin(), names.end());
  return names;
}

v1::Plan PlanOf(const ClusterFacts& facts, const std::string& successor) {
  const std::string leader = NameOf(facts, facts.leader_id);
  if (successor == facts.leader_id) {
    return OneStep(absl::StrCat("leave the lead with ", leader));
  }
  return OneStep(absl::StrCat("hand the lead from ", leader, " to ",
                              successor.empty()
                                  ? "the voter whose log is the most complete"
                                  : NameOf(facts, successor)));
}

}  // namespace

absl::StatusOr<std::string> SuccessorOf(const ClusterFacts& facts,
                                        const std::string& wanted) {
  if (!wanted.empty()) {
    if (facts.voters.count(wanted) == 0) {
      return MemberNotVoter(NameOf(facts, wanted), VoterNames(facts));
    }
    if (wanted != facts.leader_id && !Answers(facts, wanted)) {
      return VoterUnreachable(NameOf(facts, wanted));
    }
    return wanted;
  }
  std::vector<std::string> silent;
  for (const std::string& id : facts.voters) {
    if (id == facts.leader_id) continue;
    if (Answers(facts, id)) return std::string();
    silent.push_back(NameOf(facts, id));
  }
  std::sort(silent.begin(), silent.end());
  return NoOtherVoter(silent);
}

absl::Status TransferLeader(Membership& member,
                            const v1::TransferLeaderRequest& request,
                            v1::TransferLeaderResponse& response) {
  const ClusterFacts facts = member.Gather(
      /*linearizable=*/true, /*probe=*/true, kGatherTimeout);
  if (facts.stale) RETURN_IF_ERROR(CheckQuorum(facts));
  std::string wanted;
  if (!request.name().empty()) {
    ASSIGN_OR_RETURN(const statepb::Member named,
                     RequireMember(*facts.state, request.name(), member.id()));
    wanted = named.member_id();
  }
  ASSIGN_OR_RETURN(const std::string successor, SuccessorOf(facts, wanted));
  if (request.validate_only()) {
    *response.mutable_plan() = PlanOf(facts, successor);
    return absl::OkStatus();
  }
  if (successor != facts.leader_id) {
    RETURN_IF_ERROR(member.TransferLead(successor));
  }
  const std::optional<Peer> leader = member.leader();
  if (!leader.has_value()) return NoLeader();
  response.set_leader(leader->name);
  return absl::OkStatus();
}

}  // namespace microovn::agent
