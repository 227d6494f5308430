// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <string>

#include "agent/health/cluster_status.h"
#include "agent/health/database_view.h"
#include "agent/health/testing/test_facts.h"
#include "agent/state/values/config_keys.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

void EachDatabase(ClusterFacts& facts,
                  const std::function<void(int, peerpb::LocalDatabase&)>& f) {
  for (int n = 1; n <= 3; ++n) {
    if (!facts.answers.at(IdOf(n)).ok()) continue;
    ChangeAnswer(facts, n, [&](auto& answer) {
      for (auto& database : *answer.mutable_databases()) f(n, database);
    });
  }
}

std::string RemedyOf(const v1::ClusterStatus& status,
                     const std::string& reason) {
  for (const v1::Finding& finding : status.findings()) {
    if (finding.reason() == reason) return finding.remedy();
  }
  return "";
}

// node `n` has no server any more, and the others know.
void TakeServer(ClusterFacts& facts, int n) {
  ChangeAnswer(facts, n, [](auto& answer) { answer.clear_databases(); });
  EachDatabase(facts, [n](int, auto& database) {
    auto* servers = database.mutable_servers();
    for (int i = 0; i < servers->size(); ++i) {
      if (servers->Get(i).id() != "5e00" + std::to_string(n)) continue;
      servers->DeleteSubrange(i, 1);
      return;
    }
  });
  ChangeState(facts, [n](ClusterState& state) {
    statepb::Member member = MakeMember(n);
    member.clear_services();
    member.add_services(statepb::SERVICE_CHASSIS);
    state.members.Put(IdOf(n), member);
  });
}

TEST(Tolerance, IsTheLeastOfTheThree) {
  ClusterFacts facts = HealthyFacts();
  v1::ClusterStatus status = DescribeCluster(facts);
  EXPECT_EQ(status.can_lose(), 1u);
  EXPECT_EQ(status.log_can_lose(), 1u);
  EXPECT_EQ(status.databases(0).can_lose(), 1u);
  EXPECT_EQ(status.databases(0).servers(), 3u);
  EXPECT_EQ(FindingsIn(status), "");

  TakeServer(facts, 3);
  status = DescribeCluster(facts);
  EXPECT_EQ(status.can_lose(), 0u) << "two servers survive nothing";
  EXPECT_EQ(status.log_can_lose(), 1u);
  EXPECT_EQ(status.databases(1).can_lose(), 0u);
  EXPECT_EQ(FindingsIn(status), "DATABASE_NO_FAULT_TOLERANCE ");
  EXPECT_EQ(status.health(), v1::HEALTH_DEGRADED);

  TakeServer(facts, 2);
  status = DescribeCluster(facts);
  EXPECT_EQ(status.can_lose(), 0u);
  EXPECT_EQ(FindingsIn(status), "DATABASE_NO_FAULT_TOLERANCE ");
}

TEST(Tolerance, OfDatabasesElsewhereIsNotThisClusters) {
  ClusterFacts facts = HealthyFacts();
  for (int n = 1; n <= 3; ++n) TakeServer(facts, n);
  ChangeState(facts, [](ClusterState& state) {
    statepb::ConfigEntry item;
    item.set_key(kConfigCentralIps);
    item.set_value("192.0.2.1");
    state.configs.Put(kConfigCentralIps, item);
  });
  const v1::ClusterStatus status = DescribeCluster(facts);
  EXPECT_EQ(status.can_lose(), 1u);
  EXPECT_EQ(FindingsIn(status), "");
}

TEST(NoCentral, IsCriticalWhereChassisWaitForIt) {
  ClusterFacts facts = HealthyFacts();
  for (int n = 1; n <= 3; ++n) TakeServer(facts, n);
  v1::ClusterStatus status = DescribeCluster(facts);
  EXPECT_EQ(FindingsIn(status), "NO_CENTRAL ");
  EXPECT_EQ(status.health(), v1::HEALTH_CRITICAL);
  EXPECT_EQ(status.can_lose(), 0u);
  EXPECT_EQ(status.findings(0).remedy(),
            "microovn enable central --node node1");

  ChangeState(facts, [](ClusterState& state) {
    for (int n = 1; n <= 3; ++n) {
      statepb::Member member = MakeMember(n);
      member.clear_services();
      state.members.Put(IdOf(n), member);
    }
  });
  status = DescribeCluster(facts);
  EXPECT_EQ(FindingsIn(status), "NO_CENTRAL ");
  EXPECT_EQ(status.health(), v1::HEALTH_DEGRADED);
}

TEST(DatabaseLeader, IsKnownByThoseWhoFollowIt) {
  ClusterFacts facts = HealthyFacts();
  Silence(facts, 1);
  const v1::ClusterStatus status = DescribeCluster(facts);
  EXPECT_EQ(status.databases(0).leader(), "node1");
  EXPECT_EQ(FindingsIn(status), "MEMBER_UNREACHABLE node1")
      << "its agent is off, its server is not";
  EXPECT_EQ(status.databases(0).live_servers(), 3u);
}

TEST(DatabaseLeader, AnElectionIsNoNews) {
  ClusterFacts facts = HealthyFacts();
  EachDatabase(facts, [](int, auto& database) {
    database.clear_leader();
    database.mutable_replica()->set_role("candidate");
    database.set_leaderless_millis(1500);
  });
  EXPECT_EQ(FindingsIn(DescribeCluster(facts)), "");
  EachDatabase(facts, [](int n, auto& database) {
    database.set_leaderless_millis(n == 2 ? 3500 : 5000);
  });
  const v1::ClusterStatus status = DescribeCluster(facts);
  EXPECT_EQ(FindingsIn(status), "DATABASE_HAS_NO_LEADER ") << "of both: one";
  EXPECT_EQ(status.health(), v1::HEALTH_CRITICAL);
  EXPECT_NE(status.findings(0).message().find("Northbound and Southbound"),
            std::string::npos);
}

TEST(DatabaseServers, EachStateHasItsCause) {
  const struct {
    const char* findings;
    uint32_t live;
    std::function<void(ClusterFacts&)> spoil;
  } cases[] = {
      {"", 3, [](ClusterFacts&) {}},
      // Heard by its leader, whatever its agent does.
      {"MEMBER_UNREACHABLE node3", 3,
       [](ClusterFacts& facts) { Silence(facts, 3); }},
      {"MEMBER_UNREACHABLE node3", 2,
       [](ClusterFacts& facts) {
         Silence(facts, 3);
         EachDatabase(facts, [](int n, auto& database) {
           if (n == 1) database.mutable_servers(2)->set_heard_millis(9000);
         });
       }},
      {"MEMBER_UNREACHABLE node3", 2,
       [](ClusterFacts& facts) {
         Silence(facts, 3);
         EachDatabase(facts, [](int n, auto& database) {
           if (n == 1) database.mutable_servers(2)->set_heard_millis(-1);
         });
       }},
      // It came back under another id.
      {"DATABASE_SERVER_DEAD node3", 2,
       [](ClusterFacts& facts) {
         EachDatabase(facts, [](int n, auto& database) {
           if (n == 3) database.set_server_id("0bad-0000");
         });
       }},
      {"DATABASE_SERVER_DEAD node3", 2,
       [](ClusterFacts& facts) {
         ChangeAnswer(facts, 3, [](auto& answer) { answer.clear_databases(); });
       }},
      {"DATABASE_SERVER_BEHIND node3", 2,
       [](ClusterFacts& facts) {
         EachDatabase(facts, [](int n, auto& database) {
           if (n == 1) database.mutable_servers(2)->set_stalled_millis(3000);
         });
       }},
      {"DATABASE_SERVER_BEHIND node3", 2,
       [](ClusterFacts& facts) {
         EachDatabase(facts, [](int n, auto& database) {
           if (n == 1) database.mutable_servers(2)->set_heard_millis(9000);
         });
       }},
      {"DATABASE_SERVER_DOWN node3", 2,
       [](ClusterFacts& facts) {
         EachDatabase(facts, [](int n, auto& database) {
           if (n != 3) return;
           database.mutable_replica()->set_status("joining");
           database.set_leaderless_millis(3000);
         });
       }},
      // It looks for its cluster.
      {"", 3,
       [](ClusterFacts& facts) {
         EachDatabase(facts, [](int n, auto& database) {
           if (n != 3) return;
           database.mutable_replica()->set_status("disconnected");
           database.set_leaderless_millis(2900);
         });
       }},
      {"DAEMON_FROZEN node3", 2,
       [](ClusterFacts& facts) {
         EachDatabase(facts, [](int n, auto& database) {
           if (n == 3) database.clear_server_id();
         });
         ChangeAnswer(facts, 3, [](auto& answer) {
           PulseOf(answer, "ovn-ovsdb-server-nb").set_stopped(true);
         });
       }},
  };
  for (const auto& test : cases) {
    ClusterFacts facts = HealthyFacts();
    test.spoil(facts);
    const v1::ClusterStatus status = DescribeCluster(facts);
    EXPECT_EQ(FindingsIn(status), test.findings);
    EXPECT_EQ(status.databases(0).live_servers(), test.live) << test.findings;
    EXPECT_EQ(status.databases(0).can_lose(), test.live - 2) << test.findings;
    if (test.live == 2) {
      EXPECT_NE(status.findings(0).message().find("losing one more"),
                std::string::npos)
          << status.findings(0).message();
    }
  }
}

TEST(DatabaseServers, OneThatIsNotCountedExplainsWhatIsMissing) {
  ClusterFacts facts = HealthyFacts();
  EachDatabase(facts, [](int n, auto& database) {
    if (n != 3) database.mutable_servers()->DeleteSubrange(2, 1);
  });
  ChangeState(facts, [](ClusterState& state) {
    statepb::MemberReport report;
    report.set_problem("sb-database: waiting for the server to be admitted");
    state.reports.Put(IdOf(3), report);
  });
  EXPECT_EQ(FindingsIn(DescribeCluster(facts)), "MEMBER_NOT_CONVERGED node3");
}

TEST(DatabaseServers, OneOfNobodyIsDeadUnlessItIsHeard) {
  ClusterFacts facts = HealthyFacts();
  EachDatabase(facts, [](int, auto& database) {
    peerpb::DatabaseServer* server = database.add_servers();
    server->set_id("0bad");
    server->set_address("ssl:192.0.2.9:6643");
    server->set_heard_millis(-1);
  });
  const v1::ClusterStatus status = DescribeCluster(facts);
  EXPECT_EQ(ReasonsIn(status),
            "DATABASE_SERVER_DEAD DATABASE_NO_FAULT_TOLERANCE ");
  EXPECT_EQ(status.databases(0).servers(), 4u);
  EXPECT_EQ(status.can_lose(), 0u) << "three of four must";
}

TEST(Schema, OlderThanNorthdNeedsIsAFinding) {
  ClusterFacts facts = HealthyFacts();
  ChangeAnswer(facts, 2,
               [](auto& answer) { answer.set_expected_sb_schema("20.30.0"); });
  EXPECT_EQ(FindingsIn(DescribeCluster(facts)), "SCHEMA_OUTDATED ");
  ChangeAnswer(facts, 2,
               [](auto& answer) { answer.set_expected_sb_schema("20.9.0"); });
  EXPECT_EQ(FindingsIn(DescribeCluster(facts)), "")
      << "numbers are compared, not their digits";
}

TEST(Schema, OfAMemberWithoutCentralIsNotNeeded) {
  ClusterFacts facts = HealthyFacts();
  ChangeAnswer(facts, 2,
               [](auto& answer) { answer.set_expected_sb_schema("20.30.0"); });
  ChangeState(facts, [](ClusterState& state) {
    statepb::Member member = MakeMember(2);
    member.clear_services();
    member.add_services(statepb::SERVICE_CHASSIS);
    state.members.Put(IdOf(2), member);
  });
  EXPECT_EQ(FindingsIn(DescribeCluster(facts)).find("SCHEMA_OUTDATED"),
            std::string::npos);
}

TEST(Schema, TheFindingSaysWhoHasToBeUpgraded) {
  ClusterFacts facts = HealthyFacts();
  ChangeAnswer(facts, 2,
               [](auto& answer) { answer.set_expected_sb_schema("20.30.0"); });
  EXPECT_EQ(RemedyOf(DescribeCluster(facts), "SCHEMA_OUTDATED"),
            "bring node1, node3 to the same OVN, or disable central there; "
            "then the agents convert the database");
  for (const int number : {1, 3}) {
    ChangeAnswer(facts, number, [](auto& answer) {
      answer.set_expected_sb_schema("20.30.0");
    });
  }
  EXPECT_NE(
      RemedyOf(DescribeCluster(facts), "SCHEMA_OUTDATED").find("by themselves"),
      std::string::npos);
  ChangeState(facts, [](ClusterState& state) {
    statepb::ConfigEntry held;
    held.set_key(kConfigUpgrade);
    held.set_value(kUpgradeHeld);
    state.configs.Put(held.key(), held);
  });
  EXPECT_EQ(RemedyOf(DescribeCluster(facts), "SCHEMA_OUTDATED"),
            "microovn upgrade finalize");
}

}  // namespace
}  // namespace microovn::agent
