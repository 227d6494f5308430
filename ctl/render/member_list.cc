// SPDX-License-Identifier: Apache-2.0
#include "ctl/render/member_list.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ctl/render/message.h"
#include "ctl/render/table.h"
#include "ctl/render/words.h"
#include "nlohmann/json.hpp"

namespace microovn::ctl {
namespace {

std::vector<v1::Member> Sorted(const v1::ListMembersResponse& members) {
  std::vector<v1::Member> sorted(members.members().begin(),
                                 members.members().end());
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return NaturalLess(a.name(), b.name());
  });
  return sorted;
}

bool HasWorkers(const std::vector<v1::Member>& members) {
  return std::any_of(members.begin(), members.end(),
                     [](const v1::Member& member) { return member.worker(); });
}

Table MemberTable(const std::vector<v1::Member>& members) {
  Table table{{"NAME", "ADDRESS", "ROLE", "FINGERPRINT", "STATUS"}, {}};
  const bool workers = HasWorkers(members);
  if (workers) table.header.push_back("WORKER");
  for (const v1::Member& member : members) {
    table.rows.push_back({Printable(LastSegment(member.name())),
                          Printable(member.address()), RoleWord(member.role()),
                          Printable(member.fingerprint()),
                          StatusWord(member.status())});
    if (workers) table.rows.back().push_back(member.worker() ? "yes" : "no");
  }
  return table;
}

std::string MemberJson(const std::vector<v1::Member>& members) {
  nlohmann::ordered_json array = nlohmann::ordered_json::array();
  const bool workers = HasWorkers(members);
  for (const v1::Member& member : members) {
    // The zero time of the language that MicroOVN is written in.
    const std::string seen = member.has_last_seen()
                                 ? Rfc3339(ToTime(member.last_seen()))
                                 : "0001-01-01T00:00:00Z";
    array.push_back({{"name", LastSegment(member.name())},
                     {"address", member.address()},
                     {"certificate", member.certificate_pem()},
                     {"role", RoleWord(member.role())},
                     {"schema_internal_version", 0},
                     {"schema_external_version", 0},
                     {"last_heartbeat", seen},
                     {"status", StatusWord(member.status())},
                     {"extensions", nlohmann::ordered_json::array()},
                     {"secret", ""}});
    if (workers) array.back()["worker"] = member.worker();
  }
  // Bytes that are no UTF-8 become replacement characters, not an exception.
  return array.dump(-1, ' ', false,
                    nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

absl::StatusOr<std::string> MemberList(const v1::ListMembersResponse& members,
                                       const std::string& format) {
  const std::vector<v1::Member> sorted = Sorted(members);
  if (format == "json") return MemberJson(sorted) + "\n";
  if (format == "yaml") return JsonToYaml(MemberJson(sorted));
  const Table table = MemberTable(sorted);
  if (format == "csv") return CsvTable(table);
  if (format == "compact") return CompactTable(table);
  return RuledTable(table);
}

std::string MemberText(const v1::Member& member, absl::Time now) {
  std::vector<std::string> services;
  for (int service : member.services()) {
    services.push_back(ServiceWord(static_cast<v1::Service>(service)));
  }
  std::sort(services.begin(), services.end());
  std::string text = absl::StrCat(
      "Name: ", Printable(LastSegment(member.name())),
      "\nId: ", Printable(member.member_id()),
      "\nAddress: ", Printable(member.address()),
      "\nEncapsulation address: ", Printable(member.encap_ip()),
      "\nRole: ", RoleWord(member.role()), member.leader() ? " (leader)" : "",
      "\nStatus: ", StatusWord(member.status()));
  if (!member.status_detail().empty()) {
    absl::StrAppend(&text, " (", Printable(member.status_detail()), ")");
  }
  if (member.worker()) {
    absl::StrAppend(&text, "\nWorker: never votes or administers");
  }
  absl::StrAppend(
      &text, "\nServices: ", absl::StrJoin(services, ", "),
      "\nBehind: ", member.has_lag() ? absl::StrCat(member.lag()) : "?",
      " entries\nLast seen: ",
      member.has_last_seen() ? Ago(ToTime(member.last_seen()), now) : "never",
      "\nVersion: ", Printable(member.version()),
      "\nFingerprint: ", Printable(member.fingerprint()), "\n");
  if (!member.custody().empty()) {
    absl::StrAppend(&text, "Sealing key: ", Printable(member.custody()), "\n");
  }
  return text;
}

}  // namespace microovn::ctl
