// SPDX-License-Identifier: Apache-2.0
#include "agent/health/member_rows.h"

#include <algorithm>

#include "agent/api/converters.h"
#include "base/status/error.h"
#include "pki/certificate/certificate.h"

namespace microovn::agent {
namespace {

v1::Member::Role RoleOf(const ClusterFacts& facts, const std::string& id,
                        statepb::Member::State state) {
  if (facts.voters.count(id) > 0) return v1::Member::ROLE_VOTER;
  if (facts.learners.count(id) > 0) {
    return state == statepb::Member::STATE_JOINING ? v1::Member::ROLE_PENDING
                                                   : v1::Member::ROLE_STAND_BY;
  }
  return state == statepb::Member::STATE_ACTIVE ? v1::Member::ROLE_SPARE
                                                : v1::Member::ROLE_PENDING;
}

// A refusal of the certificate is told apart from silence.
v1::Member::Status StatusOfError(const absl::Status& error) {
  return absl::IsUnauthenticated(error) || absl::IsPermissionDenied(error) ||
                 ReasonOf(error) == "MEMBER_NOT_TRUSTED"
             ? v1::Member::STATUS_NOT_TRUSTED
             : v1::Member::STATUS_UNREACHABLE;
}

uint64_t Behind(const ClusterFacts& facts, uint64_t index) {
  return facts.last_index > index ? facts.last_index - index : 0;
}

// By all who answer: whoever leads hears from everybody, whoever does not hears
// from its leader, and before that from others.
absl::Time LastHeard(const ClusterFacts& facts, const std::string& id) {
  absl::Time last = absl::InfinitePast();
  const auto answered = facts.last_seen.find(id);
  if (answered != facts.last_seen.end()) last = answered->second;
  for (const auto& [witness, answer] : facts.answers) {
    if (!answer.ok()) continue;
    for (const auto& heard : answer->heard()) {
      if (heard.member_id() != id) continue;
      last = std::max(last, facts.now - absl::Milliseconds(heard.millis_ago()));
    }
  }
  return last;
}

void FillLiveness(const ClusterFacts& facts, const std::string& id,
                  v1::Member& row) {
  const absl::Time seen = LastHeard(facts, id);
  if (seen != absl::InfinitePast()) {
    *row.mutable_last_seen() = ToTimestamp(absl::ToUnixSeconds(seen));
  }
  const auto answer = facts.answers.find(id);
  if (answer == facts.answers.end()) return;
  if (!answer->second.ok()) {
    row.set_status(StatusOfError(answer->second.status()));
    row.set_status_detail(std::string(answer->second.status().message()));
    // What it is behind at least. That it had all when it was last heard says
    // nothing of now.
    const auto match = facts.match_index.find(id);
    if (match != facts.match_index.end() && match->second < facts.last_index) {
      row.set_lag(Behind(facts, match->second));
    }
    return;
  }
  row.set_version(answer->second->version());
  // A member that joins or leaves is said to do so, also while it answers.
  if (row.status() == v1::Member::STATUS_UNSPECIFIED) {
    row.set_status(v1::Member::STATUS_ONLINE);
  }
  row.set_lag(Behind(facts, answer->second->applied_index()));
}

}  // namespace

v1::Member DescribeMember(const ClusterFacts& facts,
                          const statepb::Member& member) {
  v1::Member row = ToApi(member);
  const std::string& id = member.member_id();
  row.set_role(RoleOf(facts, id, member.state()));
  row.set_leader(id == facts.leader_id);
  const auto certificate = pki::Certificate::FromPem(member.certificate_pem());
  if (certificate.ok()) row.set_fingerprint(certificate->fingerprint());
  const statepb::MemberReport* report = facts.state->reports.Find(id);
  if (report != nullptr) row.set_custody(report->custody());
  FillLiveness(facts, id, row);
  return row;
}

std::vector<v1::Member> DescribeMembers(const ClusterFacts& facts) {
  std::vector<v1::Member> rows;
  for (const auto& [id, member] : facts.state->members.records()) {
    rows.push_back(DescribeMember(facts, *member));
  }
  std::sort(rows.begin(), rows.end(),
            [](const v1::Member& a, const v1::Member& b) {
              return a.name() < b.name();
            });
  return rows;
}

std::vector<std::string> Unreachable(const std::vector<v1::Member>& rows) {
  std::vector<std::string> names;
  for (const v1::Member& row : rows) {
    if (row.status() == v1::Member::STATUS_UNREACHABLE ||
        row.status() == v1::Member::STATUS_NOT_TRUSTED) {
      names.push_back(row.name());
    }
  }
  return names;
}

}  // namespace microovn::agent
