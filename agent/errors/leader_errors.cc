// SPDX-License-Identifier: Apache-2.0
#include "agent/errors/leader_errors.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status/error.h"

namespace microovn::agent {
namespace {

// "node2, node3 and 4 others"
std::string SomeNames(const std::vector<std::string>& names) {
  constexpr size_t kShown = 5;
  if (names.size() <= kShown) {
    if (names.empty()) return "the other members";
    if (names.size() == 1) return names[0];
    return absl::StrCat(absl::StrJoin(names.begin(), names.end() - 1, ", "),
                        " and ", names.back());
  }
  return absl::StrCat(
      absl::StrJoin(names.begin(), names.begin() + kShown, ", "), " and ",
      names.size() - kShown, " others");
}

}  // namespace

absl::Status NoLeader() {
  return MakeError(absl::StatusCode::kUnavailable,
                   "the cluster has no leader at this moment",
                   {"NO_LEADER",
                    "try again; if it stays so, start the agents of the other "
                    "members"});
}

absl::Status NoQuorum(size_t answering, size_t voters,
                      const std::vector<std::string>& silent) {
  return MakeError(
      absl::StatusCode::kUnavailable,
      absl::StrCat("the cluster has no quorum and cannot change: ", answering,
                   " of ", voters,
                   answering == 1 ? " voters answers" : " voters answer"),
      {"NO_QUORUM", absl::StrCat("start the agents of ", SomeNames(silent))});
}

absl::Status NotLeader() {
  return MakeError(absl::StatusCode::kUnavailable,
                   "this member does not lead the cluster",
                   {"NOT_LEADER", "try again"});
}

absl::Status MemberNotVoter(absl::string_view name,
                            const std::vector<std::string>& voters) {
  return MakeError(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat("member \"", name, "\" does not vote and cannot lead"),
      {"MEMBER_NOT_VOTER",
       absl::StrCat("choose one that votes: ", SomeNames(voters))});
}

absl::Status VoterUnreachable(absl::string_view name) {
  return MakeError(
      absl::StatusCode::kUnavailable,
      absl::StrCat("member \"", name, "\" does not answer and cannot lead"),
      {"MEMBER_UNREACHABLE", "start its agent, or choose another that votes"});
}

absl::Status TunnelEndUnknown(absl::string_view name) {
  return MakeError(
      absl::StatusCode::kUnavailable,
      absl::StrCat("member \"", name,
                   "\" does not answer, and nobody else knows its addresses"),
      {"MEMBER_UNREACHABLE", "start its agent, or say --force"});
}

absl::Status NoOtherVoter(const std::vector<std::string>& silent) {
  if (silent.empty()) {
    return MakeError(
        absl::StatusCode::kFailedPrecondition,
        "the leader is the only member that votes",
        {"NO_OTHER_VOTER", "add members; from three on, three of them vote"});
  }
  return MakeError(absl::StatusCode::kUnavailable,
                   "no other member that votes answers",
                   {"NO_OTHER_VOTER",
                    absl::StrCat("start the agents of ", SomeNames(silent))});
}

}  // namespace microovn::agent
