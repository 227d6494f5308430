// SPDX-License-Identifier: Apache-2.0
#include "ctl/render/status_contract.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ctl/render/table.h"
#include "ctl/render/words.h"

namespace microovn::ctl {
namespace {

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
  for (const auto& replica : NaturallySorted(
           database.replicas(), [](const auto& r) { return r.member(); })) {
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

}  // namespace

std::string StatusContract(const v1::ClusterStatus& status) {
  std::string text = "MicroOVN deployment summary:\n";
  for (const auto& row : NaturallySorted(
           status.members(),
           [](const auto& member) { return member.member().name(); })) {
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

}  // namespace microovn::ctl
