// SPDX-License-Identifier: Apache-2.0
// microovn cluster recover: what to do when most of the voters are gone. It
// changes nothing: without a majority nobody may, but on one stopped member.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "ctl/cli/global_flags.h"
#include "ctl/commands/commands.h"
#include "ctl/commands/format.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/table.h"
#include "ctl/render/words.h"

namespace microovn::ctl {
namespace {

bool IsSound(const v1::LogReplica& replica) {
  return replica.reachable() && replica.quarantine().empty();
}

// What is known of the members' copies, and who votes.
struct Survey {
  v1::GetLogResponse log;
  std::map<std::string, v1::Member::Role> roles;

  bool Votes(const std::string& member) const {
    const auto role = roles.find(member);
    return role != roles.end() && role->second == v1::Member::ROLE_VOTER;
  }
};

absl::StatusOr<Survey> Look(Session& session) {
  Survey survey;
  ASSIGN_OR_RETURN(survey.log, session.Call(kGetLog, v1::GetLogRequest()));
  v1::GetStatusRequest request;
  request.set_read_consistency(v1::READ_CONSISTENCY_STALE_OK);
  ASSIGN_OR_RETURN(const v1::GetStatusResponse seen,
                   session.Call(kGetStatus, request));
  for (const v1::MemberStatus& row : seen.status().members()) {
    const std::string name(absl::StripPrefix(row.member().name(), "members/"));
    survey.roles[name] = row.member().role();
  }
  return survey;
}

// The voter whose log ends last; null when none can be asked.
const v1::LogReplica* Best(const Survey& survey) {
  const v1::LogReplica* best = nullptr;
  const auto end = [](const v1::LogReplica& replica) {
    return std::make_pair(replica.last_term(), replica.last_index());
  };
  for (const v1::LogReplica& replica : survey.log.replicas()) {
    if (!IsSound(replica) || !survey.Votes(replica.member())) continue;
    if (best == nullptr || end(replica) > end(*best)) best = &replica;
  }
  return best;
}

Table CopiesTable(const Survey& survey) {
  Table table;
  table.header = {"MEMBER", "VOTES", "LAST ENTRY", "OF TERM", "AGREED ON"};
  for (const v1::LogReplica& replica : survey.log.replicas()) {
    const std::string votes = survey.Votes(replica.member()) ? "yes" : "no";
    if (!replica.reachable()) {
      table.rows.push_back({Printable(replica.member()), votes, "?", "?", "?"});
      continue;
    }
    table.rows.push_back(
        {Printable(replica.member()), votes,
         absl::StrCat(replica.last_index(),
                      IsSound(replica) ? "" : " (quarantined)"),
         absl::StrCat(replica.last_term()),
         absl::StrCat(replica.commit_index())});
  }
  return table;
}

std::vector<std::string> Silent(const Survey& survey) {
  std::vector<std::string> names;
  for (const v1::LogReplica& replica : survey.log.replicas()) {
    if (!replica.reachable()) names.push_back(Printable(replica.member()));
  }
  return names;
}

std::string WhatToDo(const Survey& survey) {
  const std::vector<std::string> silent = Silent(survey);
  const std::string who = absl::StrJoin(silent, ", ");
  std::string text =
      silent.empty()
          ? "All members answer: wait for a leader, and see \"microovn "
            "status\".\n"
          : absl::StrCat("Bring back ", who,
                         " if that is possible: nothing is lost then.\n");
  const v1::LogReplica* best = Best(survey);
  if (best == nullptr) {
    return absl::StrCat(text,
                        "No voter that answers has a sound copy. On a member "
                        "in quarantine, its agent stopped: microovnd "
                        "--recover\n");
  }
  if (silent.empty()) return text;
  const std::string name = Printable(best->member());
  return absl::StrCat(
      text, "If most of the voters are gone for good, let ", name,
      ", whose log ends last, go on without them. What only the others have "
      "is lost. On ",
      name,
      ", its agent stopped:\n\n  microovnd --recover --become-only-voter ",
      "--member=", name,
      " --accept-loss=TEXT\n\nThen start its agent, and remove who is gone: "
      "microovn cluster remove NAME --force. If the OVN databases have no "
      "leader: microovn ovn recover.\n");
}

absl::StatusOr<int> Recover(Session& session, const Invocation&) {
  ASSIGN_OR_RETURN(const Survey survey, Look(session));
  if (!survey.log.leader().empty()) {
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     absl::StrCat("the cluster has its majority: ",
                                  Printable(survey.log.leader()), " leads"),
                     {"LOG_HAS_QUORUM", "see \"microovn status\"", {}});
  }
  PrintTable(session, CopiesTable(survey));
  PrintText(session, absl::StrCat("\n", WhatToDo(survey)));
  return kExitDone;
}

}  // namespace

Command ClusterRecoverCommand() {
  Command command;
  command.name = "recover";
  command.summary = "Say how to go on when most of the voters are gone";
  command.details =
      "All members are asked how far their logs go. It is said which one is to "
      "go on\nwithout the others, and what is to be run on that machine. "
      "Nothing is changed:\nwithout a majority nobody can, but on one member "
      "whose agent is stopped.";
  command.run = Recover;
  return command;
}

}  // namespace microovn::ctl
