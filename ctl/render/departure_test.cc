// SPDX-License-Identifier: Apache-2.0
#include "ctl/render/departure.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::ctl {
namespace {

using testing::_;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Members of a cluster, as who asks them sees it.
struct Seen {
  int members = 3;
  // Of them vote and have servers.
  int voters = 3;
  int servers = 3;
  // Names of members that do not answer.
  std::vector<std::string> silent;
  // Of those whose Southbound server takes no part.
  std::vector<std::string> joining;
};

Seen Of(int members, int voters, int servers,
        std::vector<std::string> silent = {},
        std::vector<std::string> joining = {}) {
  return {members, voters, servers, std::move(silent), std::move(joining)};
}

bool Has(const std::vector<std::string>& names, const std::string& name) {
  for (const std::string& other : names) {
    if (other == name) return true;
  }
  return false;
}

void AddServer(const Seen& seen, const std::string& name,
               v1::DatabaseStatus* database) {
  v1::DatabaseReplica* replica = database->add_replicas();
  replica->set_member(name);
  database->set_servers(database->servers() + 1);
  if (Has(seen.silent, name)) return;
  replica->set_reachable(true);
  const bool joins =
      database->name() == "Southbound" && Has(seen.joining, name);
  replica->set_status(joins ? "joining cluster" : "cluster member");
  if (!joins) database->set_live_servers(database->live_servers() + 1);
}

v1::ClusterStatus StatusOf(const Seen& seen) {
  v1::ClusterStatus status;
  for (const char* name : {"Northbound", "Southbound"}) {
    status.add_databases()->set_name(name);
  }
  status.set_voters(static_cast<uint32_t>(seen.voters));
  for (int i = 1; i <= seen.members; ++i) {
    const std::string name = absl::StrCat("node", i);
    const bool votes = i <= seen.voters;
    v1::Member* member = status.add_members()->mutable_member();
    member->set_name(absl::StrCat("members/", name));
    member->set_role(votes ? v1::Member::ROLE_VOTER
                           : v1::Member::ROLE_STAND_BY);
    member->set_status(Has(seen.silent, name) ? v1::Member::STATUS_UNREACHABLE
                                              : v1::Member::STATUS_ONLINE);
    if (votes && !Has(seen.silent, name)) {
      status.set_voters_online(status.voters_online() + 1);
    }
    if (i > seen.servers) continue;
    for (v1::DatabaseStatus& database : *status.mutable_databases()) {
      AddServer(seen, name, &database);
    }
  }
  return status;
}

TEST(PlanDeparture, RefusesWhatCostsAQuorumThatOthersHaveWeakened) {
  const struct {
    const char* what;
    Seen seen;
    const char* member;
    bool may;
    size_t warnings;
  } cases[] = {
      {"all three are there", Of(3, 3, 3), "node1", true, 0},
      {"another is down", Of(3, 3, 3, {"node2"}), "node1", false, 0},
      {"five can spare two", Of(5, 5, 5, {"node2"}), "node1", true, 0},
      {"and not three", Of(5, 5, 5, {"node2", "node3"}), "node1", false, 0},
      {"a server joins again", Of(3, 3, 3, {}, {"node2"}), "node1", false, 0},
      {"it is that server", Of(3, 3, 3, {}, {"node1"}), "node1", true, 0},
      {"a stand-by carries nothing", Of(4, 3, 3, {"node2"}), "node4", true, 0},
      {"a stand-by is down", Of(4, 3, 3, {"node4"}), "node1", true, 0},
      {"it votes, and has no server", Of(5, 5, 3, {"node1", "node2"}), "node5",
       false, 0},
      {"one alone", Of(1, 1, 1), "node1", true, 3},
      {"two lose one quorum each", Of(2, 2, 2), "node1", true, 3},
      {"the other of two is down", Of(2, 2, 2, {"node2"}), "node1", true, 0},
      {"three with one server", Of(3, 3, 1), "node1", true, 2},
  };
  for (const auto& c : cases) {
    const Departure departure = PlanDeparture(StatusOf(c.seen), c.member, "");
    EXPECT_EQ(departure.obstacles.empty(), c.may)
        << c.what << ": " << testing::PrintToString(departure.obstacles);
    EXPECT_EQ(departure.warnings.size(), c.warnings)
        << c.what << ": " << testing::PrintToString(departure.warnings);
  }
}

TEST(PlanDeparture, SaysWhichQuorumItWouldCost) {
  EXPECT_THAT(
      PlanDeparture(StatusOf(Of(3, 3, 3, {"node2"})), "node1", "").obstacles,
      ElementsAre("of the 3 voters of the log only 2 take part, and without "
                  "node1 they are no majority",
                  HasSubstr("servers of the Northbound database"),
                  HasSubstr("servers of the Southbound database"),
                  "bring the others back first"));
  EXPECT_THAT(PlanDeparture(StatusOf(Of(3, 3, 3, {}, {"node3"})), "node1", "")
                  .obstacles,
              ElementsAre(HasSubstr("Southbound"), _));
  EXPECT_THAT(PlanDeparture(StatusOf(Of(1, 1, 1)), "node1", "").warnings,
              testing::Contains("while node1 is away, the log takes no "
                                "changes"));
}

TEST(PlanDeparture, OneOfThoseThatCarryGoesAtATime) {
  const v1::ClusterStatus status = StatusOf(Of(4, 3, 3));
  EXPECT_THAT(PlanDeparture(status, "node1", "node2").obstacles,
              ElementsAre(HasSubstr("node2 has the upgrade slot")));
  EXPECT_THAT(PlanDeparture(status, "node2", "node2").obstacles, IsEmpty());
  EXPECT_THAT(PlanDeparture(status, "node1", "").obstacles, IsEmpty());
  // Removed while it was away.
  EXPECT_THAT(PlanDeparture(status, "node1", "node9").obstacles, IsEmpty());
  EXPECT_TRUE(PlanDeparture(status, "node1", "").needs_slot);
  EXPECT_FALSE(PlanDeparture(status, "node4", "node2").needs_slot);
  EXPECT_THAT(PlanDeparture(status, "node4", "node2").obstacles, IsEmpty());
}

}  // namespace
}  // namespace microovn::ctl
