// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "agent/health/causes.h"
#include "agent/health/certificate_findings.h"
#include "agent/health/clock_skew.h"
#include "agent/health/cluster_status.h"
#include "agent/health/custody_findings.h"
#include "agent/health/daemon_findings.h"
#include "agent/health/database_findings.h"
#include "agent/health/finding.h"
#include "agent/health/log_replica.h"
#include "base/status/error.h"

namespace microovn::agent {
namespace {

std::string ShortName(const v1::Member& member) {
  const size_t slash = member.name().rfind('/');
  return slash == std::string::npos ? member.name()
                                    : member.name().substr(slash + 1);
}

std::vector<std::string> SilentVoters(const ClusterFacts& facts) {
  std::vector<std::string> names;
  for (const std::string& voter : facts.voters) {
    const auto answer = facts.answers.find(voter);
    if (answer != facts.answers.end() && answer->second.ok()) continue;
    names.push_back(NameOfMember(*facts.state, voter));
  }
  return names;
}

// What follows from who answers: told behind that.
Observed Follows(const ClusterFacts& facts, absl::string_view reason,
                 v1::Severity severity, std::string message,
                 std::string remedy) {
  Observed observed =
      Observe(reason, severity, std::move(message), std::move(remedy));
  observed.consequence = true;
  observed.through = SilentVoters(facts);
  observed.always = severity == v1::SEVERITY_CRITICAL;
  return observed;
}

void FindLogProblems(const ClusterFacts& facts, const v1::ClusterStatus& status,
                     std::vector<Observed>& found) {
  const uint32_t needed = status.voters() / 2 + 1;
  if (std::optional<v1::Finding> stuck = QuorumQuarantineFinding(facts)) {
    found.emplace_back();
    found.back().finding = *std::move(stuck);
  } else if (status.voters_online() < needed) {
    found.push_back(
        Follows(facts, "NO_QUORUM", v1::SEVERITY_CRITICAL,
                absl::StrCat(status.voters_online(), " of ", status.voters(),
                             " voters answer; nothing can be changed"),
                "start the agents of the members that do not answer; if they "
                "are gone for good: microovn cluster recover"));
  } else if (status.leader().empty()) {
    found.push_back(Follows(facts, "NO_LEADER", v1::SEVERITY_CRITICAL,
                            "no leader is known at this moment",
                            "ask again in a second"));
  } else if (status.voters_online() == needed && status.voters() > 1) {
    found.push_back(
        Follows(facts, "NO_FAULT_TOLERANCE", v1::SEVERITY_WARNING,
                "losing one more member stops all changes",
                "bring back the members that do not answer, or add a member"));
    found.back().clause = "losing one more member stops all changes";
  }
}

// It answers, and either does not trust the other.
Observed NotTrusted(const std::string& name) {
  return Observe("MEMBER_NOT_TRUSTED", v1::SEVERITY_WARNING,
                 absl::StrCat(name,
                              " and this member do not accept each other's "
                              "certificates"),
                 absl::StrCat("see whether both are members: microovn cluster "
                              "list here and on ",
                              name),
                 name);
}

void FindMemberProblems(const ClusterFacts& facts,
                        const v1::MemberStatus& member,
                        std::vector<Observed>& found) {
  const std::string name = ShortName(member.member());
  if (member.member().status() == v1::Member::STATUS_NOT_TRUSTED) {
    found.push_back(NotTrusted(name));
    return;
  }
  if (member.member().status() == v1::Member::STATUS_UNREACHABLE) {
    // A removal needs a quorum, too.
    const bool removable = !facts.leader_id.empty() && !facts.stale;
    found.push_back(Observe(
        "MEMBER_UNREACHABLE", v1::SEVERITY_WARNING,
        absl::StrCat(name, " does not answer"),
        removable ? absl::StrCat("look at its agent; if it is gone for good: "
                                 "microovn cluster remove ",
                                 name, " --force")
                  : absl::StrCat("start the agent of ", name),
        name));
    return;
  }
  for (const v1::Daemon& daemon : member.daemons()) {
    if (daemon.state() == v1::Daemon::STATE_READY) continue;
    found.push_back(Observe(
        "SERVICE_NOT_READY", v1::SEVERITY_WARNING,
        absl::StrCat(daemon.unit(), " on ", name, " is not ready",
                     daemon.detail().empty() ? "" : ": ", daemon.detail()),
        ReadLog(daemon.unit(), name), name));
  }
  const statepb::MemberReport* report =
      facts.state->reports.Find(member.member().member_id());
  if (report != nullptr && !report->problem().empty()) {
    found.push_back(Observe("MEMBER_NOT_CONVERGED", v1::SEVERITY_WARNING,
                            absl::StrCat(name, ": ", report->problem()),
                            absl::StrCat("look at the agent's log on ", name),
                            name));
    // It waits for what is broken.
    found.back().consequence = true;
    found.back().through = {name};
  }
  for (const v1::Finding& finding : member.findings()) {
    found.emplace_back();
    found.back().finding = finding;
  }
}

void FindSkewedClocks(const ClusterFacts& facts, std::vector<Observed>& found) {
  for (const auto& [id, off] :
       SkewedClocks(facts.clock_offsets, facts.leader_id)) {
    const std::string name = NameOfMember(*facts.state, id);
    found.push_back(
        Observe("CLOCK_SKEW", v1::SEVERITY_WARNING,
                absl::StrCat("the clock of ", name, " is ",
                             absl::FormatDuration(absl::Trunc(
                                 absl::AbsDuration(off), absl::Seconds(1))),
                             off > absl::ZeroDuration() ? " ahead" : " behind"),
                absl::StrCat("set the clock of ", name,
                             ", and keep it right with NTP or PTP"),
                name));
  }
}

// A member waits for a database that has no leader, and so do all others.
void DropWhatWaitsForALeader(std::vector<Observed>& found) {
  const bool lost =
      std::any_of(found.begin(), found.end(), [](const Observed& one) {
        return one.finding.reason() == "DATABASE_HAS_NO_LEADER" ||
               one.finding.reason() == "DATABASE_DOWN";
      });
  if (!lost) return;
  found.erase(std::remove_if(found.begin(), found.end(),
                             [](const Observed& one) {
                               return one.finding.reason() ==
                                          "MEMBER_NOT_CONVERGED" &&
                                      absl::StrContains(one.finding.message(),
                                                        "-database: ");
                             }),
              found.end());
}

// The others have put this member out, and it does not know it yet: what it
// believes of them is of no use to anybody.
std::optional<v1::Finding> RemovalFinding(const ClusterFacts& facts) {
  const bool removed = std::any_of(
      facts.answers.begin(), facts.answers.end(), [](const auto& answer) {
        return ReasonOf(answer.second.status()) == "MEMBER_REMOVED";
      });
  if (!removed) return std::nullopt;
  const std::string name = NameOfMember(*facts.state, facts.self_id);
  return Observe("MEMBER_REMOVED", v1::SEVERITY_CRITICAL,
                 absl::StrCat(name,
                              " was removed from the cluster; it is about to "
                              "stop its services and to put its data away"),
                 absl::StrCat("to have it back: microovn cluster add ", name,
                              " on a member, then microovn cluster join TOKEN "
                              "here"),
                 name)
      .finding;
}

// Everybody else has another cluster CA: who is alone in that is the one who
// has missed something, and what it believes is of no use either.
std::optional<v1::Finding> StrangerFinding(const ClusterFacts& facts) {
  size_t others = 0;
  for (const auto& [id, answer] : facts.answers) {
    if (id == facts.self_id) continue;
    if (ReasonOf(answer.status()) != "MEMBER_NOT_TRUSTED") return std::nullopt;
    ++others;
  }
  if (others == 0) return std::nullopt;
  const std::string name = NameOfMember(*facts.state, facts.self_id);
  return Observe(
             "MEMBER_NOT_TRUSTED", v1::SEVERITY_CRITICAL,
             absl::StrCat(name,
                          " and the others have different cluster CAs, as "
                          "after a removal of ",
                          name, " by force"),
             absl::StrCat("on another member: microovn cluster list; if ", name,
                          " is not in it, stop its agent, put its state "
                          "and data away, and let it join as a new one"),
             name)
      .finding;
}

}  // namespace

std::vector<v1::Finding> FindProblems(const ClusterFacts& facts,
                                      const v1::ClusterStatus& status) {
  // Nobody was asked: then nothing can be said.
  if (facts.answers.empty()) return {};
  if (std::optional<v1::Finding> removed = RemovalFinding(facts)) {
    return {*std::move(removed)};
  }
  if (std::optional<v1::Finding> stranger = StrangerFinding(facts)) {
    return {*std::move(stranger)};
  }
  std::vector<Observed> found;
  FindLogProblems(facts, status, found);
  FindSkewedClocks(facts, found);
  for (const v1::MemberStatus& member : status.members()) {
    FindMemberProblems(facts, member, found);
  }
  for (const auto find : {FindSealedAuthorities, FindCertificateProblems,
                          FindDaemonProblems, FindDatabaseProblems}) {
    for (Observed& one : find(facts)) found.push_back(std::move(one));
  }
  DropWhatWaitsForALeader(found);
  return CausesFirst(std::move(found));
}

v1::Health Verdict(const std::vector<v1::Finding>& findings) {
  v1::Health health = v1::HEALTH_HEALTHY;
  for (const v1::Finding& finding : findings) {
    if (finding.severity() == v1::SEVERITY_CRITICAL) {
      return v1::HEALTH_CRITICAL;
    }
    if (finding.severity() == v1::SEVERITY_WARNING) {
      health = v1::HEALTH_DEGRADED;
    }
  }
  return health;
}

}  // namespace microovn::agent
