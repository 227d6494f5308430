#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "agent/health/clock_skew.h"
#include "agent/health/cluster_status.h"
#include "agent/health/log_replica.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/tls_dates.h"

namespace microovn::agent {
namespace {

v1::Finding Make(absl::string_view reason, v1::Severity severity,
                 std::string message, std::string remedy,
                 std::string member = "") {
  v1::Finding finding;
  finding.set_reason(std::string(reason));
  finding.set_severity(severity);
  finding.set_message(std::move(message));
  finding.set_remedy(std::move(remedy));
  finding.set_member(std::move(member));
  return finding;
}

std::string ShortName(const v1::Member& member) {
  const size_t slash = member.name().rfind('/');
  return slash == std::string::npos ? member.name()
                                    : member.name().substr(slash + 1);
}

void FindLogProblems(const ClusterFacts& facts, const v1::ClusterStatus& status,
                     std::vector<v1::Finding>& findings) {
  const uint32_t needed = status.voters() / 2 + 1;
  if (std::optional<v1::Finding> stuck = QuorumQuarantineFinding(facts)) {
    findings.push_back(*std::move(stuck));
  } else if (status.voters_online() < needed) {
    findings.push_back(
        Make("NO_QUORUM", v1::SEVERITY_CRITICAL,
             absl::StrCat(status.voters_online(), " of ", status.voters(),
                          " voters answer; nothing can be changed"),
             "start the agents of the members that do not answer"));
  } else if (status.leader().empty()) {
    findings.push_back(Make("NO_LEADER", v1::SEVERITY_CRITICAL,
                            "no leader is known at this moment",
                            "ask again in a second"));
  } else if (status.voters_online() == needed && status.voters() > 1) {
    findings.push_back(
        Make("NO_FAULT_TOLERANCE", v1::SEVERITY_WARNING,
             "losing one more member stops all changes",
             "bring back the members that do not answer, or add a member"));
  }
}

void FindMemberProblems(const ClusterFacts& facts,
                        const v1::MemberStatus& member,
                        std::vector<v1::Finding>& findings) {
  const std::string name = ShortName(member.member());
  if (member.member().status() == v1::Member::STATUS_UNREACHABLE ||
      member.member().status() == v1::Member::STATUS_NOT_TRUSTED) {
    findings.push_back(
        Make("MEMBER_UNREACHABLE", v1::SEVERITY_WARNING,
             absl::StrCat(name, " does not answer"),
             absl::StrCat("look at its agent; if it is gone for good: "
                          "microovn cluster remove ",
                          name, " --force"),
             name));
    return;
  }
  for (const v1::Daemon& daemon : member.daemons()) {
    if (daemon.state() == v1::Daemon::STATE_READY) continue;
    findings.push_back(
        Make("SERVICE_NOT_READY", v1::SEVERITY_WARNING,
             absl::StrCat(daemon.unit(), " on ", name, " is not ready",
                          daemon.detail().empty() ? "" : ": ", daemon.detail()),
             absl::StrCat("look at its log on ", name), name));
  }
  const statepb::MemberReport* report =
      facts.state->reports.Find(member.member().member_id());
  if (report != nullptr && !report->problem().empty()) {
    findings.push_back(Make("MEMBER_NOT_CONVERGED", v1::SEVERITY_WARNING,
                            absl::StrCat(name, ": ", report->problem()),
                            absl::StrCat("look at the agent's log on ", name),
                            name));
  }
  for (const v1::Finding& finding : member.findings()) {
    findings.push_back(finding);
    if (finding.member().empty()) findings.back().set_member(name);
  }
}

// By the registry: a member whose certificate has expired cannot be asked.
void FindExpired(const ClusterFacts& facts,
                 std::vector<v1::Finding>& findings) {
  for (const auto& [id, member] : facts.state->members.records()) {
    if (member->certificate_pem().empty()) continue;
    const auto certificate =
        pki::Certificate::FromPem(member->certificate_pem());
    if (!certificate.ok()) continue;
    const absl::Status dates = pki::CheckDates(*certificate, facts.now);
    if (dates.ok()) continue;
    const bool votes = facts.voters.count(id) > 0;
    findings.push_back(
        Make("CERTIFICATE_EXPIRED_IN_USE", v1::SEVERITY_WARNING,
             absl::StrCat("the agent's certificate of ", member->name(), ": ",
                          dates.message(),
                          votes ? "; it takes part in the log and may renew it"
                                : "; it may renew it"),
             absl::StrCat("wait a few seconds if a leader is known; if it "
                          "stays, look at the agent and the clock of ",
                          member->name()),
             member->name()));
  }
}

void FindDatabaseProblems(const v1::DatabaseStatus& database,
                          std::vector<v1::Finding>& findings) {
  if (!database.error().empty()) {
    if (database.replicas().empty()) return;
    findings.push_back(
        Make("DATABASE_DOWN", v1::SEVERITY_CRITICAL,
             absl::StrCat("OVN ", database.name(), ": ", database.error()),
             "start the members that have central"));
    return;
  }
  if (database.leader().empty()) {
    findings.push_back(
        Make("DATABASE_HAS_NO_LEADER", v1::SEVERITY_CRITICAL,
             absl::StrCat("OVN ", database.name(),
                          " has no leader among the members that answer"),
             "ask again in a few seconds; bring back members with central"));
  }
  const int servers = database.replicas_size();
  if (servers % 2 == 0) {
    findings.push_back(
        Make("EVEN_CENTRAL", v1::SEVERITY_NOTICE,
             absl::StrCat("OVN ", database.name(), " has ", servers,
                          " servers, which tolerate no more failures than ",
                          servers - 1),
             "enable or disable central on one member"));
  }
}

void FindSkewedClocks(const ClusterFacts& facts,
                      std::vector<v1::Finding>& findings) {
  for (const auto& [id, off] :
       SkewedClocks(facts.clock_offsets, facts.leader_id)) {
    const std::string name = NameOfMember(*facts.state, id);
    findings.push_back(
        Make("CLOCK_SKEW", v1::SEVERITY_WARNING,
             absl::StrCat("the clock of ", name, " is ",
                          absl::FormatDuration(absl::Trunc(
                              absl::AbsDuration(off), absl::Seconds(1))),
                          off > absl::ZeroDuration() ? " ahead" : " behind"),
             absl::StrCat("set the clock of ", name,
                          ", and keep it right with NTP or PTP"),
             name));
  }
}

}  // namespace

std::vector<v1::Finding> FindProblems(const ClusterFacts& facts,
                                      const v1::ClusterStatus& status) {
  std::vector<v1::Finding> findings;
  // Nobody was asked: then nothing can be said.
  if (facts.answers.empty()) return findings;
  FindLogProblems(facts, status, findings);
  FindSkewedClocks(facts, findings);
  for (const v1::MemberStatus& member : status.members()) {
    FindMemberProblems(facts, member, findings);
  }
  FindExpired(facts, findings);
  for (const v1::DatabaseStatus& database : status.databases()) {
    FindDatabaseProblems(database, findings);
  }
  std::stable_sort(findings.begin(), findings.end(),
                   [](const v1::Finding& a, const v1::Finding& b) {
                     return a.severity() > b.severity();
                   });
  return findings;
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
