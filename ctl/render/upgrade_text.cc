// SPDX-License-Identifier: Apache-2.0
#include "ctl/render/upgrade_text.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ctl/render/words.h"

namespace microovn::ctl {
namespace {

constexpr char kNothing[] = "-";

bool Answers(const v1::MemberStatus& row) {
  return row.member().status() == v1::Member::STATUS_ONLINE;
}

// What `member` expects of the database; empty where it has no server.
std::string ExpectedBy(const v1::DatabaseStatus& database,
                       const std::string& member) {
  for (const v1::DatabaseReplica& replica : database.replicas()) {
    if (replica.member() == member) return replica.expected_schema();
  }
  return "";
}

std::string Cell(const std::string& text) {
  return text.empty() ? kNothing : Printable(text);
}

// Members whose OVN expects another schema than the one in use.
std::vector<std::string> WhoExpectsAnother(const v1::DatabaseStatus& database) {
  std::vector<std::string> members;
  for (const v1::DatabaseReplica& replica : database.replicas()) {
    if (!replica.expected_schema().empty() &&
        replica.expected_schema() != database.schema()) {
      members.push_back(Printable(replica.member()));
    }
  }
  return members;
}

template <class Of>
bool AreMany(const v1::ClusterStatus& status, const Of& of) {
  std::set<std::string> values;
  for (const v1::MemberStatus& row : status.members()) {
    if (Answers(row) && !of(row).empty()) values.insert(of(row));
  }
  return values.size() > 1;
}

bool VersionsDiffer(const v1::ClusterStatus& status) {
  return AreMany(status, [](const auto& row) { return row.ovn_version(); }) ||
         AreMany(status, [](const auto& row) { return row.ovs_version(); }) ||
         AreMany(status,
                 [](const auto& row) { return row.member().version(); });
}

std::string DatabaseLine(const v1::DatabaseStatus& database) {
  const std::string name = absl::StrCat("OVN ", Printable(database.name()));
  if (database.schema().empty()) {
    return absl::StrCat(name, ": no server answers\n");
  }
  const std::vector<std::string> others = WhoExpectsAnother(database);
  if (others.empty()) {
    return absl::StrCat(name, ": schema ", Printable(database.schema()),
                        ", as expected\n");
  }
  return absl::StrCat(name, ": schema ", Printable(database.schema()),
                      "; another one is expected by ",
                      absl::StrJoin(others, ", "), "\n");
}

bool Waits(const v1::FeatureStatus& feature) {
  return feature.active_level() < feature.supported_level();
}

std::string FeatureLine(const v1::FeatureStatus& feature) {
  std::string line = absl::StrCat("Feature ", Printable(feature.name()),
                                  " is not switched on");
  if (feature.waiting_for_size() > 0) {
    absl::StrAppend(&line, "; it waits for ",
                    absl::StrJoin(feature.waiting_for(), ", ",
                                  [](std::string* out, const auto& name) {
                                    absl::StrAppend(out, Printable(name));
                                  }));
  }
  return line + "\n";
}

bool HasServer(const v1::ClusterStatus& status, const std::string& member) {
  return std::any_of(status.databases().begin(), status.databases().end(),
                     [&member](const v1::DatabaseStatus& database) {
                       return !ExpectedBy(database, member).empty();
                     });
}

bool LeadsDatabase(const v1::ClusterStatus& status, const std::string& member) {
  return std::any_of(status.databases().begin(), status.databases().end(),
                     [&member](const v1::DatabaseStatus& database) {
                       return database.leader() == member;
                     });
}

}  // namespace

Table UpgradeTable(const v1::ClusterStatus& status) {
  Table table{{"MEMBER", "MICROOVN", "OVN", "OVS", "NORTHBOUND", "SOUTHBOUND"},
              {}};
  table.dispensable = {3};
  for (const v1::MemberStatus& row :
       NaturallySorted(status.members(), [](const v1::MemberStatus& member) {
         return NameOf(member.member());
       })) {
    const std::string name = LastSegment(row.member().name());
    std::vector<std::string> cells = {
        NameOf(row.member()), Cell(row.member().version()),
        Cell(row.ovn_version()), Cell(row.ovs_version())};
    for (const char* database : {"Northbound", "Southbound"}) {
      std::string expected;
      for (const v1::DatabaseStatus& known : status.databases()) {
        if (known.name() == database) expected = ExpectedBy(known, name);
      }
      cells.push_back(Cell(expected));
    }
    if (!Answers(row)) cells[1] = "unreachable";
    table.rows.push_back(std::move(cells));
  }
  return table;
}

bool IsUpgrading(const v1::ClusterStatus& status) {
  return VersionsDiffer(status) ||
         std::any_of(status.databases().begin(), status.databases().end(),
                     [](const v1::DatabaseStatus& database) {
                       return !WhoExpectsAnother(database).empty();
                     }) ||
         std::any_of(status.features().begin(), status.features().end(), Waits);
}

std::string UpgradeSummary(const v1::ClusterStatus& status, bool held) {
  std::string text;
  for (const v1::DatabaseStatus& database : status.databases()) {
    text += DatabaseLine(database);
  }
  for (const v1::FeatureStatus& feature : status.features()) {
    if (Waits(feature)) text += FeatureLine(feature);
  }
  if (held) {
    text +=
        "The upgrade is held: nothing is converted or switched on until "
        "\"microovn upgrade finalize\"\n";
  } else if (IsUpgrading(status)) {
    text +=
        "The upgrade is under way: what waits is done once all members that "
        "it needs are upgraded\n";
  } else {
    text += "No upgrade is under way\n";
  }
  return text;
}

UpgradePlan PlanUpgrade(const v1::ClusterStatus& status) {
  UpgradePlan plan;
  // What it carries: a server, a vote, the lead of a database, of the log.
  std::vector<std::tuple<int, std::string>> members;
  for (const v1::MemberStatus& row : status.members()) {
    const std::string name = LastSegment(row.member().name());
    if (!Answers(row)) {
      plan.obstacles.push_back(absl::StrCat(
          Printable(name),
          " does not answer: mend it, or remove it from the cluster"));
      continue;
    }
    int weight = 0;
    if (HasServer(status, name)) weight += 1;
    if (row.member().role() == v1::Member::ROLE_VOTER) weight += 2;
    if (LeadsDatabase(status, name)) weight += 4;
    if (row.member().leader()) weight += 8;
    members.emplace_back(weight, name);
  }
  if (status.health() == v1::HEALTH_CRITICAL) {
    plan.obstacles.push_back(
        "the cluster is not healthy: see \"microovn status\"");
  }
  if (status.can_lose() == 0) {
    plan.warnings.push_back(
        "while a member restarts, nothing can be changed: the cluster can "
        "lose none");
  }
  std::stable_sort(members.begin(), members.end(),
                   [](const auto& a, const auto& b) {
                     if (std::get<0>(a) != std::get<0>(b)) {
                       return std::get<0>(a) < std::get<0>(b);
                     }
                     return NaturalLess(std::get<1>(a), std::get<1>(b));
                   });
  for (const auto& [weight, name] : members) plan.order.push_back(name);
  return plan;
}

std::string UpgradeSteps(const UpgradePlan& plan, bool held) {
  std::vector<std::string> steps;
  if (!held) {
    steps.emplace_back(
        "microovn upgrade hold, to be able to go back until the end");
  }
  for (const std::string& name : plan.order) {
    steps.push_back(absl::StrCat("upgrade ", Printable(name),
                                 " and wait until \"microovn status\" says "
                                 "that nothing but the upgrade is open"));
  }
  steps.emplace_back(
      "microovn upgrade finalize: the databases are converted and new features "
      "switched on, from which there is no way back");
  std::string text;
  for (size_t i = 0; i < steps.size(); ++i) {
    absl::StrAppend(&text, i + 1, ". ", steps[i], "\n");
  }
  return text;
}

}  // namespace microovn::ctl
