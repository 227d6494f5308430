// SPDX-License-Identifier: Apache-2.0
#include "agent/health/custody_findings.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace microovn::agent {
namespace {

// Voters by what they can do for one authority.
struct Holders {
  // Opens its key, and answers.
  bool any = false;
  // Would open it, if they answered.
  std::vector<std::string> silent;
  // Have it, but not their own sealing key.
  std::vector<std::string> out_of_reach;
};

Holders HoldersOf(const ClusterFacts& facts,
                  const statepb::Authority& authority) {
  Holders holders;
  for (const std::string& id : authority.sealed_for()) {
    if (facts.voters.count(id) == 0) continue;
    const std::string name = NameOfMember(*facts.state, id);
    const statepb::MemberReport* report = facts.state->reports.Find(id);
    const auto answer = facts.answers.find(id);
    if (report != nullptr && report->sealing_key_out_of_reach()) {
      holders.out_of_reach.push_back(name);
    } else if (answer == facts.answers.end() || !answer->second.ok()) {
      holders.silent.push_back(name);
    } else {
      holders.any = true;
    }
  }
  return holders;
}

std::string Why(const Holders& holders) {
  std::vector<std::string> clauses;
  if (!holders.silent.empty()) {
    clauses.push_back(absl::StrCat(absl::StrJoin(holders.silent, ", "),
                                   holders.silent.size() == 1
                                       ? " could, and does not answer"
                                       : " could, and do not answer"));
  }
  if (!holders.out_of_reach.empty()) {
    clauses.push_back(absl::StrCat("the sealing key is out of reach on ",
                                   absl::StrJoin(holders.out_of_reach, ", ")));
  }
  if (clauses.empty()) return "every sealing key that could is lost";
  return absl::StrJoin(clauses, "; ");
}

std::string Remedy(const Holders& holders, bool ovn) {
  const std::string replace = ovn ? "microovn certificates regenerate-ca"
                                  : "microovn cluster rotate-ca";
  if (!holders.silent.empty()) {
    return absl::StrCat("start the agent of ",
                        absl::StrJoin(holders.silent, " or "));
  }
  if (!holders.out_of_reach.empty()) {
    return absl::StrCat("restore what keeps the sealing key of ",
                        absl::StrJoin(holders.out_of_reach, " or "),
                        "; if it is gone for good: ", replace);
  }
  return absl::StrCat("replace the CA: ", replace);
}

}  // namespace

bool IsSealed(const ClusterFacts& facts, statepb::Plane plane) {
  const statepb::Authority* authority =
      facts.state->authorities.Find(AuthorityKey(plane));
  return authority != nullptr && !HoldersOf(facts, *authority).any;
}

std::vector<Observed> FindSealedAuthorities(const ClusterFacts& facts) {
  std::vector<Observed> found;
  for (const auto& [key, authority] : facts.state->authorities.records()) {
    const Holders holders = HoldersOf(facts, *authority);
    if (holders.any) continue;
    const bool ovn = authority->plane() == statepb::PLANE_OVN;
    found.push_back(Observe(
        "CA_SEALED", v1::SEVERITY_CRITICAL,
        absl::StrCat("no voter that answers can open the key of the ",
                     ovn ? "OVN" : "cluster", " CA (", Why(holders),
                     "); services go on with their certificates, and no new "
                     "one is issued"),
        Remedy(holders, ovn)));
    if (holders.silent.empty()) continue;
    // With the quorum it comes back: then that is the cause.
    found.back().consequence = true;
    found.back().through = holders.silent;
    found.back().always = true;
  }
  return found;
}

}  // namespace microovn::agent
