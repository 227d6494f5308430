// SPDX-License-Identifier: Apache-2.0
#include "ctl/render/status_text.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "ctl/render/table.h"
#include "ctl/render/words.h"

namespace microovn::ctl {
namespace {

// "ovn-ovsdb-server-nb" takes too much of a line.
std::string ShortUnit(const std::string& unit) {
  static const auto* const kShort =
      new std::map<std::string, std::string>{{"ovn-ovsdb-server-nb", "nb"},
                                             {"ovn-ovsdb-server-sb", "sb"},
                                             {"ovn-northd", "northd"},
                                             {"ovs-ovsdb-server", "ovsdb"}};
  const auto found = kShort->find(unit);
  return found == kShort->end() ? Printable(unit) : found->second;
}

// A daemon that is not ready is named with its state.
std::string DaemonWords(const v1::MemberStatus& status, const Look& look) {
  if (status.member().status() != v1::Member::STATUS_ONLINE) return "?";
  std::vector<std::string> words;
  for (const v1::Daemon& daemon : status.daemons()) {
    std::string word = ShortUnit(daemon.unit());
    if (daemon.state() != v1::Daemon::STATE_READY) {
      word = Paint(
          absl::StrCat(word, "(",
                       absl::StripPrefix(v1::Daemon::State_Name(daemon.state()),
                                         "STATE_"),
                       ")"),
          daemon.state() == v1::Daemon::STATE_STARTING ? kYellow : kRed, look);
    }
    words.push_back(word);
  }
  return words.empty() ? "-" : absl::StrJoin(words, " ");
}

std::string RoleOrLeader(const v1::Member& member) {
  if (member.worker()) return "worker";
  return member.leader() ? "leader" : RoleWord(member.role());
}

std::string StateCell(const v1::Member& member, const Look& look) {
  absl::string_view colour = kYellow;
  if (member.status() == v1::Member::STATUS_ONLINE) colour = "";
  if (member.status() == v1::Member::STATUS_UNREACHABLE ||
      member.status() == v1::Member::STATUS_NOT_TRUSTED) {
    colour = kRed;
  }
  return Paint(StatusWord(member.status()), colour, look);
}

std::string Seen(const v1::Member& member, absl::Time now) {
  if (member.status() == v1::Member::STATUS_ONLINE) return "now";
  return member.has_last_seen() ? Ago(ToTime(member.last_seen()), now) : "?";
}

std::string Lag(const v1::Member& member) {
  if (member.leader()) return "-";
  return member.has_lag() ? absl::StrCat(member.lag()) : "?";
}

std::string OrUnknown(const std::string& text) {
  return text.empty() ? "?" : Printable(text);
}

// A member as the table shows it.
struct MemberRow {
  const v1::Member* member = nullptr;
  std::string services;
  std::string datapath;
  std::string custody;
};

// What all members that answer have alike; empty where they differ, or where
// one member is all there is.
std::string Shared(
    const std::vector<MemberRow>& rows,
    const std::function<std::string(const MemberRow& row)>& value) {
  std::set<std::string> values;
  size_t answering = 0;
  for (const MemberRow& row : rows) {
    if (row.member->status() != v1::Member::STATUS_ONLINE) continue;
    ++answering;
    values.insert(value(row));
  }
  return answering > 1 && values.size() == 1 ? *values.begin() : "";
}

// The columns of the table of members; services are the fifth.
constexpr size_t kServices = 4;
constexpr size_t kVersion = 7;

Table MemberTable(const std::vector<MemberRow>& rows, absl::Time now,
                  const Look& look) {
  Table table{{"MEMBER", "ADDRESS", "ROLE", "STATE", "SERVICES", "LAG", "SEEN",
               "VERSION"},
              {}};
  for (const MemberRow& row : rows) {
    const v1::Member& member = *row.member;
    table.rows.push_back({NameOf(member), Printable(member.address()),
                          RoleOrLeader(member), StateCell(member, look),
                          row.services, Lag(member), Seen(member, now),
                          OrUnknown(member.version())});
  }
  return table;
}

// One line for what is the same on each member, and below it lines for what
// the table has no room for.
std::string MemberLines(const std::vector<MemberRow>& rows, absl::Time now,
                        const Look& look) {
  Table table = MemberTable(rows, now, look);
  const std::string services =
      Shared(rows, [](const MemberRow& row) { return row.services; });
  const std::string version = Shared(rows, [](const MemberRow& row) {
    return OrUnknown(row.member->version());
  });
  const std::string datapath =
      Shared(rows, [](const MemberRow& row) { return row.datapath; });
  std::vector<std::string> alike, apart;
  if (!version.empty()) {
    table = WithoutColumn(table, kVersion);
    alike.push_back(absl::StrCat("version ", version));
  }
  if (!services.empty()) {
    alike.insert(alike.begin(), services);
  } else if (!Fits(table, look.width)) {
    for (const MemberRow& row : rows) {
      apart.push_back(absl::StrCat(NameOf(*row.member), ": ", row.services));
    }
  }
  if (!services.empty() || !apart.empty()) {
    table = WithoutColumn(table, kServices);
  }
  if (!datapath.empty()) alike.push_back(datapath);
  const std::string custody =
      Shared(rows, [](const MemberRow& row) { return row.custody; });
  if (!custody.empty()) alike.push_back(custody);
  // What is left of the columns that can go stands behind the fourth.
  for (size_t i = table.header.size(); i-- > kServices;) {
    table.dispensable.push_back(i);
  }
  std::string text = ColumnTable(table, look.width);
  if (!alike.empty()) {
    absl::StrAppend(&text, "each member: ",
                    absl::StrJoin(alike, look.unicode ? " · " : " | "), "\n");
  }
  for (const std::string& line : apart) absl::StrAppend(&text, line, "\n");
  return FoldLines(text, 2, look.width);
}

// What packets take where it is not the kernel's path, and why.
std::string DatapathOf(const v1::MemberStatus& row, bool why) {
  if (row.datapath().empty() || row.datapath() == "system") return "";
  std::string what = absl::StrCat("datapath ", Printable(row.datapath()));
  if (why && !row.datapath_detail().empty()) {
    absl::StrAppend(&what, " (", Printable(row.datapath_detail()), ")");
  }
  return what;
}

std::string DatabaseRows(const v1::ClusterStatus& status, const Look& look) {
  Table table{{"OVN DATABASE", "LEADER", "QUORUM", "SCHEMA"}, {}};
  for (const v1::DatabaseStatus& database : status.databases()) {
    const bool unknown = database.servers() == 0;
    const bool lost = 2 * database.live_servers() <= database.servers();
    const bool fewer = database.live_servers() < database.servers();
    table.rows.push_back({Printable(database.name()),
                          Paint(OrUnknown(database.leader()),
                                database.leader().empty() ? kRed : "", look),
                          Paint(unknown ? "?"
                                        : absl::StrCat(database.live_servers(),
                                                       "/", database.servers()),
                                lost    ? kRed
                                : fewer ? kYellow
                                        : "",
                                look),
                          OrUnknown(database.schema())});
  }
  return table.rows.empty() ? "" : ColumnTable(table, look.width);
}

// What keeps the key that the CAs' keys are sealed to.
std::string CustodyOf(const v1::MemberStatus& row) {
  if (row.custody().empty()) return "";
  return absl::StrCat("sealing key: ", Printable(row.custody()));
}

// Once for all members that have the same, unless each has.
std::string DifferingLines(const v1::ClusterStatus& status,
                           const std::vector<MemberRow>& rows) {
  const auto path = [](const MemberRow& row) { return row.datapath; };
  const auto custody = [](const MemberRow& row) { return row.custody; };
  const bool paths = Shared(rows, path).empty();
  const bool custodies = Shared(rows, custody).empty();
  std::map<std::string, std::vector<std::string>> members;
  for (const v1::MemberStatus& row : status.members()) {
    const std::string what = paths ? DatapathOf(row, /*why=*/true) : "";
    if (!what.empty()) members[what].push_back(NameOf(row.member()));
    const std::string kept = custodies ? CustodyOf(row) : "";
    if (!kept.empty()) members[kept].push_back(NameOf(row.member()));
  }
  std::string text;
  for (auto& [what, names] : members) {
    std::sort(names.begin(), names.end(), NaturalLess);
    absl::StrAppend(&text, what, ": ", absl::StrJoin(names, ", "), "\n");
  }
  return text;
}

std::string Mark(v1::Severity severity, const Look& look) {
  switch (severity) {
    case v1::SEVERITY_CRITICAL:
      return Paint(look.unicode ? "✖" : "FAIL", kRed, look);
    case v1::SEVERITY_WARNING:
      return Paint(look.unicode ? "▲" : "WARN", kYellow, look);
    default:
      return look.unicode ? "●" : "NOTE";
  }
}

std::string FindingLines(const v1::ClusterStatus& status, const Look& look) {
  std::string text;
  std::set<std::string> told;
  const auto add = [&](const v1::Finding& finding) {
    const std::string line = absl::StrCat(
        Mark(finding.severity(), look), " ", Printable(finding.message()),
        finding.reason().empty()
            ? ""
            : absl::StrCat(" (", Printable(finding.reason()), ")"),
        "\n",
        finding.remedy().empty()
            ? ""
            : absl::StrCat("  fix:  ", Printable(finding.remedy()), "\n"));
    // A member's finding may be among the cluster's as well.
    if (told.insert(line).second) text += line;
  };
  for (const v1::Finding& finding : status.findings()) add(finding);
  for (const v1::MemberStatus& member : status.members()) {
    for (const v1::Finding& finding : member.findings()) add(finding);
  }
  return text;
}

// How many members may be lost, and by whose number if they differ.
std::string Tolerance(const v1::ClusterStatus& status) {
  std::string text =
      absl::StrCat("can lose ", status.can_lose(),
                   status.can_lose() == 1 ? " member" : " members");
  std::vector<std::string> each = {absl::StrCat("log ", status.log_can_lose())};
  bool same = status.log_can_lose() == status.can_lose();
  for (const v1::DatabaseStatus& database : status.databases()) {
    if (database.servers() == 0) continue;
    each.push_back(
        absl::StrCat(Printable(database.name()), " ", database.can_lose()));
    same = same && database.can_lose() == status.can_lose();
  }
  return same ? text : absl::StrCat(text, " (", absl::StrJoin(each, ", "), ")");
}

std::string Headline(const v1::ClusterStatus& status, const Look& look) {
  std::string health(
      absl::StripPrefix(v1::Health_Name(status.health()), "HEALTH_"));
  absl::string_view code = kRed;
  if (status.health() == v1::HEALTH_HEALTHY) code = kGreen;
  if (status.health() == v1::HEALTH_DEGRADED) code = kYellow;
  if (status.health() == v1::HEALTH_UNSPECIFIED) health = "UNKNOWN";
  const absl::string_view dot = look.unicode ? " · " : " | ";
  const std::string leader =
      status.leader().empty()
          ? "no leader"
          : absl::StrCat("leader ", Printable(status.leader()), ", term ",
                         status.term());
  return absl::StrCat(
      "MicroOVN  ", Paint(health, code, look), "   ", status.voters_online(),
      " of ", status.voters(), " voters", dot, leader, dot, Tolerance(status),
      status.stale() ? absl::StrCat(dot, "may be old") : "", "\n");
}

}  // namespace

std::string StatusScreen(const v1::ClusterStatus& status, absl::Time now,
                         const Look& look) {
  std::string text = FoldLines(Headline(status, look), 2, look.width);
  std::string expired;
  for (const std::string& label : status.expired_certificates()) {
    absl::StrAppend(&expired, Mark(v1::SEVERITY_CRITICAL, look), " ",
                    Printable(label), " certificate has expired\n");
  }
  std::vector<MemberRow> rows;
  const auto sorted = NaturallySorted(
      status.members(), [](const auto& row) { return row.member().name(); });
  for (const v1::MemberStatus& row : sorted) {
    rows.push_back({&row.member(), DaemonWords(row, look),
                    DatapathOf(row, false), CustodyOf(row)});
  }
  const std::string findings =
      absl::StrCat(FindingLines(status, look), expired);
  for (const std::string& part :
       {MemberLines(rows, now, look), DatabaseRows(status, look),
        FoldLines(DifferingLines(status, rows), 2, look.width),
        FoldLines(findings, 2, look.width)}) {
    if (!part.empty()) absl::StrAppend(&text, "\n", part);
  }
  return text;
}

std::string MemberScreen(const v1::ListMembersResponse& members, absl::Time now,
                         const Look& look) {
  const auto sorted = NaturallySorted(
      members.members(), [](const auto& member) { return member.name(); });
  std::vector<MemberRow> rows;
  for (const v1::Member& member : sorted) {
    rows.push_back({&member, absl::StrJoin(ServiceWords(member), " "), "", ""});
  }
  return MemberLines(rows, now, look);
}

}  // namespace microovn::ctl
