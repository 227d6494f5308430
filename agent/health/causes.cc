// SPDX-License-Identifier: Apache-2.0
#include "agent/health/causes.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace microovn::agent {
namespace {

std::set<std::string> MembersInTrouble(const std::vector<Observed>& observed) {
  std::set<std::string> members;
  for (const Observed& one : observed) {
    if (one.consequence || one.finding.severity() < v1::SEVERITY_WARNING) {
      continue;
    }
    if (!one.finding.member().empty()) members.insert(one.finding.member());
  }
  return members;
}

bool Explained(const Observed& one, const std::set<std::string>& members) {
  return one.consequence && !one.always && !one.through.empty() &&
         std::all_of(one.through.begin(), one.through.end(),
                     [&members](const std::string& member) {
                       return members.count(member) > 0;
                     });
}

// With the last that it follows from: it takes all of them.
void SayWithCause(const Observed& consequence,
                  std::vector<Observed>& observed) {
  if (consequence.clause.empty()) return;
  for (auto cause = observed.rbegin(); cause != observed.rend(); ++cause) {
    if (cause->consequence || cause->finding.member().empty()) continue;
    if (std::count(consequence.through.begin(), consequence.through.end(),
                   cause->finding.member()) == 0) {
      continue;
    }
    std::string* message = cause->finding.mutable_message();
    if (!absl::StrContains(*message, consequence.clause)) {
      absl::StrAppend(message, "; ", consequence.clause);
    }
    return;
  }
}

// Takes what others explain out of `observed`.
std::vector<Observed> TakeExplained(std::vector<Observed>& observed) {
  const std::set<std::string> members = MembersInTrouble(observed);
  const auto told = std::stable_partition(
      observed.begin(), observed.end(),
      [&members](const Observed& one) { return !Explained(one, members); });
  std::vector<Observed> explained(std::make_move_iterator(told),
                                  std::make_move_iterator(observed.end()));
  observed.erase(told, observed.end());
  return explained;
}

}  // namespace

std::vector<v1::Finding> CausesFirst(std::vector<Observed> observed) {
  std::vector<Observed> explained = TakeExplained(observed);
  // What nothing explains is a cause as far as anybody knows.
  for (Observed& one : observed) {
    if (!one.always && !one.finding.member().empty()) one.consequence = false;
  }
  for (Observed& one : TakeExplained(observed)) {
    explained.push_back(std::move(one));
  }
  for (const Observed& one : explained) SayWithCause(one, observed);
  std::stable_sort(observed.begin(), observed.end(),
                   [](const Observed& a, const Observed& b) {
                     if (a.consequence != b.consequence) return b.consequence;
                     return a.finding.severity() > b.finding.severity();
                   });
  std::vector<v1::Finding> findings;
  for (Observed& one : observed) findings.push_back(std::move(one.finding));
  return findings;
}

}  // namespace microovn::agent
