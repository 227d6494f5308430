#include "ctl/render/status_text.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "ctl/render/table.h"
#include "ctl/render/words.h"

namespace microovn::ctl {
namespace {

std::string NameOf(const v1::Member& member) {
  return Printable(LastSegment(member.name()));
}

template <class Items, class Key>
auto Sorted(const Items& items, const Key& key) {
  std::vector<typename Items::value_type> sorted(items.begin(), items.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&key](const auto& a, const auto& b) {
                     return NaturalLess(key(a), key(b));
                   });
  return sorted;
}

std::vector<std::string> ServiceWords(const v1::Member& member) {
  std::vector<std::string> words;
  for (int service : member.services()) {
    words.push_back(ServiceWord(static_cast<v1::Service>(service)));
  }
  std::sort(words.begin(), words.end());
  return words;
}

// MicroOVN's rule: any member that did not answer, or expects another schema
// than the one in use, wants attention.
bool WantsAttention(const v1::DatabaseStatus& database) {
  for (const v1::DatabaseReplica& replica : database.replicas()) {
    if (!replica.reachable()) return true;
    if (replica.expected_schema() != database.schema()) return true;
  }
  return false;
}

std::string DatabaseContract(const v1::DatabaseStatus& database) {
  const std::string name = absl::StrCat("OVN ", database.name());
  if (!database.error().empty() || database.replicas().empty()) {
    return absl::StrCat("Error creating ", name, " Database summary: ",
                        database.error().empty()
                            ? "list of expected schema versions is empty"
                            : Printable(database.error()),
                        "\n");
  }
  if (!WantsAttention(database)) {
    return absl::StrCat(name, ": OK (", Printable(database.schema()), ")\n");
  }
  std::string text = absl::StrCat(
      name, ": Upgrade or attention required!\nCurrently active schema: ",
      Printable(database.schema()),
      "\nCluster report (expected schema versions):\n");
  for (const auto& replica :
       Sorted(database.replicas(), [](const auto& r) { return r.member(); })) {
    const std::string state = !replica.reachable()
                                  ? "Error. Failed to contact member"
                              : replica.expected_schema().empty()
                                  ? "Missing API. MicroOVN needs upgrade"
                                  : Printable(replica.expected_schema());
    absl::StrAppend(&text, "\t", Printable(replica.member()), ": ", state,
                    "\n");
  }
  return text + "\n";
}

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
std::string DaemonWords(const v1::MemberStatus& status) {
  if (status.member().status() != v1::Member::STATUS_ONLINE) return "?";
  std::vector<std::string> words;
  for (const v1::Daemon& daemon : status.daemons()) {
    std::string word = ShortUnit(daemon.unit());
    if (daemon.state() != v1::Daemon::STATE_READY) {
      absl::StrAppend(
          &word, "(",
          absl::StripPrefix(v1::Daemon::State_Name(daemon.state()), "STATE_"),
          ")");
    }
    words.push_back(word);
  }
  return words.empty() ? "-" : absl::StrJoin(words, " ");
}

std::string RoleOrLeader(const v1::Member& member) {
  return member.leader() ? "leader" : RoleWord(member.role());
}

std::string StateWord(const v1::Member& member) {
  return absl::AsciiStrToLower(StatusWord(member.status()));
}

std::string Seen(const v1::Member& member, absl::Time now) {
  if (member.status() == v1::Member::STATUS_ONLINE) return "now";
  return member.has_last_seen() ? Ago(ToTime(member.last_seen()), now) : "?";
}

std::string Lag(const v1::Member& member) {
  if (member.leader()) return "-";
  return member.status() == v1::Member::STATUS_ONLINE
             ? absl::StrCat(member.lag())
             : "?";
}

std::string OrUnknown(const std::string& text) {
  return text.empty() ? "?" : Printable(text);
}

std::string MemberRows(const v1::ClusterStatus& status, absl::Time now) {
  Table table{{"MEMBER", "ADDRESS", "ROLE", "STATE", "SERVICES", "LAG", "SEEN",
               "VERSION"},
              {}};
  for (const auto& row : Sorted(status.members(), [](const auto& member) {
         return member.member().name();
       })) {
    const v1::Member& member = row.member();
    table.rows.push_back({NameOf(member), Printable(member.address()),
                          RoleOrLeader(member), StateWord(member),
                          DaemonWords(row), Lag(member), Seen(member, now),
                          OrUnknown(member.version())});
  }
  return ColumnTable(table);
}

std::string DatabaseRows(const v1::ClusterStatus& status) {
  Table table{{"OVN DATABASE", "LEADER", "QUORUM", "SCHEMA"}, {}};
  for (const v1::DatabaseStatus& database : status.databases()) {
    uint32_t servers = 0, members = 0;
    for (const v1::DatabaseReplica& replica : database.replicas()) {
      servers = std::max(servers, replica.servers());
      members += replica.status() == "cluster member" ? 1 : 0;
    }
    table.rows.push_back(
        {Printable(database.name()), OrUnknown(database.leader()),
         database.replicas().empty() ? "?"
                                     : absl::StrCat(members, "/", servers),
         OrUnknown(database.schema())});
  }
  return table.rows.empty() ? "" : ColumnTable(table);
}

// The data path where it is not the kernel's, with the reason, once for all
// members that have the same.
std::string DatapathLines(const v1::ClusterStatus& status) {
  std::map<std::string, std::vector<std::string>> members;
  for (const auto& row : Sorted(status.members(), [](const auto& member) {
         return member.member().name();
       })) {
    if (row.datapath().empty() || row.datapath() == "system") continue;
    std::string what = absl::StrCat("datapath ", Printable(row.datapath()));
    if (!row.datapath_detail().empty()) {
      absl::StrAppend(&what, " (", Printable(row.datapath_detail()), ")");
    }
    members[what].push_back(NameOf(row.member()));
  }
  std::string text;
  for (const auto& [what, names] : members) {
    absl::StrAppend(&text, what, ": ", absl::StrJoin(names, ", "), "\n");
  }
  return text;
}

std::string Paint(const std::string& text, absl::string_view code,
                  const Look& look) {
  return look.colour ? absl::StrCat("\033[", code, "m", text, "\033[0m") : text;
}

std::string Mark(v1::Severity severity, const Look& look) {
  switch (severity) {
    case v1::SEVERITY_CRITICAL:
      return Paint(look.unicode ? "✖" : "FAIL", "31", look);
    case v1::SEVERITY_WARNING:
      return Paint(look.unicode ? "▲" : "WARN", "33", look);
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

std::string Headline(const v1::ClusterStatus& status, const Look& look) {
  std::string health(
      absl::StripPrefix(v1::Health_Name(status.health()), "HEALTH_"));
  absl::string_view code = "31";
  if (status.health() == v1::HEALTH_HEALTHY) code = "32";
  if (status.health() == v1::HEALTH_DEGRADED) code = "33";
  if (status.health() == v1::HEALTH_UNSPECIFIED) health = "UNKNOWN";
  const absl::string_view dot = look.unicode ? " · " : " | ";
  const uint32_t majority = status.voters() / 2 + 1;
  const uint32_t spare = status.voters_online() >= majority
                             ? status.voters_online() - majority
                             : 0;
  const std::string leader =
      status.leader().empty()
          ? "no leader"
          : absl::StrCat("leader ", Printable(status.leader()), ", term ",
                         status.term());
  return absl::StrCat(
      "MicroOVN  ", Paint(health, code, look), "   ", status.voters_online(),
      " of ", status.voters(), " voters", dot, leader, dot, "can lose ", spare,
      spare == 1 ? " member" : " members",
      status.stale() ? absl::StrCat(dot, "may be old") : "", "\n");
}

}  // namespace

std::string StatusContract(const v1::ClusterStatus& status) {
  std::string text = "MicroOVN deployment summary:\n";
  for (const auto& row : Sorted(status.members(), [](const auto& member) {
         return member.member().name();
       })) {
    absl::StrAppend(&text, "- ", NameOf(row.member()), " (",
                    HostOf(row.member().address()), ")\n  Services: ",
                    absl::StrJoin(ServiceWords(row.member()), ", "), "\n");
  }
  absl::StrAppend(&text, "OVN Database summary:\n");
  for (const v1::DatabaseStatus& database : status.databases()) {
    absl::StrAppend(&text, DatabaseContract(database));
  }
  for (const std::string& label : status.expired_certificates()) {
    absl::StrAppend(&text, Printable(label), " certificate has expired\n");
  }
  return text;
}

std::string StatusScreen(const v1::ClusterStatus& status, absl::Time now,
                         const Look& look) {
  std::string text = Headline(status, look);
  std::string expired;
  for (const std::string& label : status.expired_certificates()) {
    absl::StrAppend(&expired, Mark(v1::SEVERITY_CRITICAL, look), " ",
                    Printable(label), " certificate has expired\n");
  }
  for (const std::string& part :
       {MemberRows(status, now), DatabaseRows(status), DatapathLines(status),
        absl::StrCat(FindingLines(status, look), expired)}) {
    if (!part.empty()) absl::StrAppend(&text, "\n", part);
  }
  return text;
}

std::string MemberScreen(const v1::ListMembersResponse& members,
                         absl::Time now) {
  Table table{{"MEMBER", "ADDRESS", "ROLE", "STATE", "SERVICES", "LAG", "SEEN",
               "VERSION"},
              {}};
  for (const auto& member :
       Sorted(members.members(), [](const auto& m) { return m.name(); })) {
    table.rows.push_back({NameOf(member), Printable(member.address()),
                          RoleOrLeader(member), StatusWord(member.status()),
                          absl::StrJoin(ServiceWords(member), " "), Lag(member),
                          Seen(member, now), OrUnknown(member.version())});
  }
  return ColumnTable(table);
}

}  // namespace microovn::ctl
