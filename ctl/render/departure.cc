// SPDX-License-Identifier: Apache-2.0
#include "ctl/render/departure.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "ctl/render/words.h"

namespace microovn::ctl {
namespace {

// Something that a majority decides.
struct Quorum {
  // "the log", and what takes part: "voters".
  std::string name;
  std::string parts;
  uint32_t live = 0;
  uint32_t all = 0;
};

// The cost of one that takes part now and does not then. What has no majority
// as it is does not lose it.
void Leave(const Quorum& quorum, const std::string& member,
           Departure& departure) {
  const uint32_t needed = quorum.all / 2 + 1;
  if (quorum.live != needed) return;
  if (quorum.live == quorum.all) {
    departure.warnings.push_back(absl::StrCat(
        "while ", member, " is away, ", quorum.name, " takes no changes"));
    return;
  }
  departure.obstacles.push_back(absl::StrCat(
      "of the ", quorum.all, " ", quorum.parts, " of ", quorum.name, " only ",
      quorum.live, " take part, and without ", member,
      " they are no majority"));
}

const v1::Member* FindMember(const v1::ClusterStatus& status,
                             const std::string& name) {
  for (const v1::MemberStatus& row : status.members()) {
    if (LastSegment(row.member().name()) == name) return &row.member();
  }
  return nullptr;
}

const v1::DatabaseReplica* FindServer(const v1::DatabaseStatus& database,
                                      const std::string& member) {
  for (const v1::DatabaseReplica& replica : database.replicas()) {
    if (replica.member() == member) return &replica;
  }
  return nullptr;
}

bool TakesPart(const v1::DatabaseReplica& replica) {
  return replica.reachable() && replica.status() == "cluster member";
}

}  // namespace

Departure PlanDeparture(const v1::ClusterStatus& status,
                        const std::string& member, const std::string& holder) {
  Departure departure;
  const std::string shown = Printable(member);
  const v1::Member* record = FindMember(status, member);
  if (record != nullptr && record->role() == v1::Member::ROLE_VOTER) {
    departure.needs_slot = true;
    if (record->status() == v1::Member::STATUS_ONLINE) {
      Leave({"the log", "voters", status.voters_online(), status.voters()},
            shown, departure);
    }
  }
  for (const v1::DatabaseStatus& database : status.databases()) {
    const v1::DatabaseReplica* server = FindServer(database, member);
    if (server == nullptr) continue;
    departure.needs_slot = true;
    if (!TakesPart(*server)) continue;
    Leave({absl::StrCat("the ", Printable(database.name()), " database"),
           "servers", database.live_servers(), database.servers()},
          shown, departure);
  }
  if (!departure.obstacles.empty()) {
    departure.obstacles.emplace_back("bring the others back first");
  }
  if (departure.needs_slot && holder != member &&
      FindMember(status, holder) != nullptr) {
    departure.obstacles.push_back(absl::StrCat(
        Printable(holder),
        " has the upgrade slot: wait until it is through, or run \"microovn "
        "upgrade end\" there if it is"));
  }
  return departure;
}

}  // namespace microovn::ctl
