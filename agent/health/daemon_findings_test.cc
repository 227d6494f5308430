// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <string>

#include "agent/health/cluster_status.h"
#include "agent/health/testing/test_facts.h"
#include "agent/state/values/config_keys.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

TEST(DaemonFindings, EachAlone) {
  using Answer = peerpb::GetLocalStatusResponse;
  const struct {
    const char* findings;
    const char* remedy;
    std::function<void(Answer& of_node2)> spoil;
  } cases[] = {
      {"DAEMON_FROZEN node2", "kill -CONT 4711",
       [](Answer& node2) { PulseOf(node2, "ovn-northd").set_stopped(true); }},
      {"", "",
       [](Answer& node2) {
         PulseOf(node2, "chassis").set_silent_millis(2900);
       }},
      {"DAEMON_FROZEN node2", "kill -KILL 4711",
       [](Answer& node2) {
         PulseOf(node2, "chassis").set_silent_millis(3000);
       }},
      // It works on something.
      {"", "",
       [](Answer& node2) {
         PulseOf(node2, "ovn-northd").set_silent_millis(29'000);
         PulseOf(node2, "ovn-northd").set_busy(true);
       }},
      {"DAEMON_FROZEN node2", "kill -KILL 4711",
       [](Answer& node2) {
         PulseOf(node2, "ovn-northd").set_silent_millis(30'000);
         PulseOf(node2, "ovn-northd").set_busy(true);
       }},
      {"", "",
       [](Answer& node2) { PulseOf(node2, "chassis").set_recent_ends(2); }},
      {"DAEMON_RESTARTS node2", "look at its log on node2",
       [](Answer& node2) { PulseOf(node2, "chassis").set_recent_ends(3); }},
      {"DAEMON_PAUSED node2", "microovn.ovn-appctl -t ovn-northd resume",
       [](Answer& node2) { PulseOf(node2, "ovn-northd").set_paused(true); }},
      {"DAEMON_PAUSED node2",
       "microovn.ovn-appctl -t ovn-controller debug/resume",
       [](Answer& node2) { PulseOf(node2, "chassis").set_paused(true); }},
      {"", "",
       [](Answer& node2) {
         PulseOf(node2, "chassis").add_disconnected_from("sb");
         PulseOf(node2, "chassis").set_disconnected_millis(4400);
       }},
      {"DAEMON_NOT_CONNECTED node2", "look at its log on node2",
       [](Answer& node2) {
         PulseOf(node2, "chassis").add_disconnected_from("sb");
         PulseOf(node2, "chassis").set_disconnected_millis(4500);
       }},
      {"DATABASE_LISTENER_MISSING node2", "pssl:6641:[::]",
       [](Answer& node2) {
         node2.mutable_databases(0)->add_closed_ports(6641);
       }},
      {"DATABASE_LISTENER_MISSING node2", "look at its log on node2",
       [](Answer& node2) {
         node2.mutable_databases(1)->add_closed_ports(6644);
       }},
      // It has just begun.
      {"", "",
       [](Answer& node2) {
         node2.mutable_databases(0)->add_closed_ports(6641);
         PulseOf(node2, "ovn-ovsdb-server-nb").set_ready_millis(2900);
       }},
      // It has ended since, or ends again and again.
      {"SERVICE_NOT_READY node2", "look at its log on node2",
       [](Answer& node2) {
         node2.mutable_databases(0)->add_closed_ports(6641);
         for (v1::Daemon& daemon : *node2.mutable_daemons()) {
           if (daemon.unit() != "ovn-ovsdb-server-nb") continue;
           daemon.set_state(v1::Daemon::STATE_FAILED);
         }
       }},
      {"DAEMON_RESTARTS node2", "look at its log on node2",
       [](Answer& node2) {
         node2.mutable_databases(0)->add_closed_ports(6641);
         PulseOf(node2, "ovn-ovsdb-server-nb").set_recent_ends(3);
       }},
  };
  for (const auto& test : cases) {
    ClusterFacts facts = HealthyFacts();
    ChangeAnswer(facts, 2, test.spoil);
    const v1::ClusterStatus status = DescribeCluster(facts);
    EXPECT_EQ(FindingsIn(status), test.findings);
    if (status.findings().empty()) continue;
    EXPECT_NE(status.findings(0).remedy().find(test.remedy), std::string::npos)
        << status.findings(0).remedy();
    EXPECT_NE(status.findings(0).message().find("node2"), std::string::npos);
  }
}

TEST(DaemonFindings, WhoHasLostADatabaseThatIsDownIsNoNews) {
  ClusterFacts facts = HealthyFacts();
  for (int n = 1; n <= 3; ++n) {
    ChangeAnswer(facts, n, [](auto& answer) {
      auto& sb = *answer.mutable_databases(1);
      sb.clear_leader();
      sb.mutable_replica()->set_role("candidate");
      sb.set_leaderless_millis(60'000);
      PulseOf(answer, "chassis").add_disconnected_from("sb");
      PulseOf(answer, "chassis").set_disconnected_millis(60'000);
    });
  }
  EXPECT_EQ(FindingsIn(DescribeCluster(facts)), "DATABASE_HAS_NO_LEADER ");
}

TEST(DaemonFindings, AConnectionThatWasLostWithAServerHasTimeToComeBack) {
  ClusterFacts facts = HealthyFacts();
  const auto lose = [&](int64_t lost_millis, int64_t ready_millis) {
    ChangeAnswer(facts, 2, [&](auto& answer) {
      PulseOf(answer, "chassis").add_disconnected_from("sb");
      PulseOf(answer, "chassis").set_disconnected_millis(lost_millis);
    });
    ChangeAnswer(facts, 3, [&](auto& answer) {
      PulseOf(answer, "ovn-ovsdb-server-sb").set_ready_millis(ready_millis);
    });
    return FindingsIn(DescribeCluster(facts));
  };
  EXPECT_EQ(lose(20'000, 14'000), "");
  EXPECT_EQ(lose(20'000, 15'000), "DAEMON_NOT_CONNECTED node2");
  EXPECT_EQ(lose(5'000, 6'000), "DAEMON_NOT_CONNECTED node2")
      << "all servers were there";
  ChangeAnswer(facts, 1, [](auto& answer) {
    answer.mutable_databases(1)->set_settled_millis(2000);
  });
  EXPECT_EQ(lose(5'000, 60'000), "") << "it has just got another leader";
}

// It asks one server after another for the leader, and waits in between.
TEST(DaemonFindings, ANorthdThatIsNotNeededHasTimeToFindTheLeader) {
  const auto lose = [](const std::vector<int>& members, int64_t lost_millis) {
    ClusterFacts facts = HealthyFacts();
    for (const int n : members) {
      ChangeAnswer(facts, n, [&](auto& answer) {
        PulseOf(answer, "ovn-northd").add_disconnected_from("sb");
        PulseOf(answer, "ovn-northd").set_disconnected_millis(lost_millis);
      });
    }
    return FindingsIn(DescribeCluster(facts));
  };
  EXPECT_EQ(lose({2}, 59'000), "")
      << "cut off for ten seconds, and five servers to ask";
  EXPECT_EQ(lose({2}, 60'000), "DAEMON_NOT_CONNECTED node2");
  EXPECT_EQ(lose({1, 2, 3}, 5'000),
            "DAEMON_NOT_CONNECTED node1 | DAEMON_NOT_CONNECTED node2 | "
            "DAEMON_NOT_CONNECTED node3")
      << "nobody translates what is wanted";
}

// It needs the leader, and all of them look for it once it has changed.
TEST(DaemonFindings, EveryNorthdHasTimeToFindTheLeaderAfterAnElection) {
  const auto elect = [](int64_t settled_millis) {
    ClusterFacts facts = HealthyFacts();
    for (int n = 1; n <= 3; ++n) {
      ChangeAnswer(facts, n, [&](auto& answer) {
        answer.mutable_databases(0)->set_settled_millis(settled_millis);
        PulseOf(answer, "ovn-northd").add_disconnected_from("nb");
        PulseOf(answer, "ovn-northd").set_disconnected_millis(5000);
      });
    }
    return FindingsIn(DescribeCluster(facts));
  };
  EXPECT_EQ(elect(29'000), "") << "lost once more after it";
  EXPECT_EQ(elect(30'000),
            "DAEMON_NOT_CONNECTED node1 | DAEMON_NOT_CONNECTED node2 | "
            "DAEMON_NOT_CONNECTED node3");
}

TEST(DaemonFindings, AListenerThatNobodyHasIsOneFinding) {
  ClusterFacts facts = HealthyFacts();
  for (int n = 1; n <= 3; ++n) {
    ChangeAnswer(facts, n, [](auto& answer) {
      answer.mutable_databases(1)->add_closed_ports(6642);
      PulseOf(answer, "chassis").add_disconnected_from("sb");
      PulseOf(answer, "chassis").set_disconnected_millis(60'000);
    });
  }
  const v1::ClusterStatus status = DescribeCluster(facts);
  EXPECT_EQ(FindingsIn(status), "DATABASE_LISTENER_MISSING ");
  EXPECT_NE(status.findings(0).message().find("node1, node2, node3"),
            std::string::npos);
}

TEST(DaemonFindings, ADaemonThatHangsIsNotAskedForMore) {
  ClusterFacts facts = HealthyFacts();
  ChangeAnswer(facts, 2, [](auto& answer) {
    PulseOf(answer, "chassis").set_stopped(true);
    PulseOf(answer, "chassis").set_recent_ends(9);
    PulseOf(answer, "chassis").add_disconnected_from("sb");
    PulseOf(answer, "chassis").set_disconnected_millis(60'000);
  });
  EXPECT_EQ(FindingsIn(DescribeCluster(facts)), "DAEMON_FROZEN node2");
}

// The leader's rows count.
void ChangeRows(ClusterFacts& facts,
                const std::function<void(peerpb::LocalDatabase&)>& change) {
  ChangeAnswer(facts, 1,
               [&](auto& answer) { change(*answer.mutable_databases(1)); });
}

TEST(ChassisRows, AMemberWithoutOneIsAFinding) {
  ClusterFacts facts = HealthyFacts();
  ChangeRows(facts,
             [](auto& sb) { sb.mutable_chassis()->DeleteSubrange(1, 1); });
  EXPECT_EQ(FindingsIn(DescribeCluster(facts)), "CHASSIS_NOT_REGISTERED node2");
  ChangeAnswer(facts, 2, [](auto& answer) {
    PulseOf(answer, "chassis").set_ready_millis(4900);
  });
  EXPECT_EQ(FindingsIn(DescribeCluster(facts)), "") << "it has just begun";
  ChangeAnswer(facts, 2, [](auto& answer) {
    PulseOf(answer, "chassis").set_ready_millis(60'000);
    PulseOf(answer, "chassis").set_stopped(true);
  });
  EXPECT_EQ(FindingsIn(DescribeCluster(facts)), "DAEMON_FROZEN node2");
}

TEST(ChassisRows, WhoHasTheAddressIsNamed) {
  ClusterFacts facts = HealthyFacts();
  ChangeRows(facts, [](auto& sb) { sb.mutable_chassis(1)->set_name("ghost"); });
  const v1::ClusterStatus status = DescribeCluster(facts);
  EXPECT_EQ(FindingsIn(status), "TUNNEL_ADDRESS_SHARED node2");
  EXPECT_NE(status.findings(0).remedy().find("chassis-del ghost"),
            std::string::npos);
}

TEST(ChassisRows, AnotherAddressThanWantedIsAFinding) {
  ClusterFacts facts = HealthyFacts();
  ChangeRows(facts, [](auto& sb) {
    sb.mutable_chassis(1)->set_encap_ips(0, "192.0.2.7");
  });
  EXPECT_EQ(FindingsIn(DescribeCluster(facts)), "SETTINGS_DIFFER node2");
}

TEST(ChassisRows, AnotherEncapsulationThanWantedIsAFinding) {
  ClusterFacts facts = HealthyFacts();
  ChangeRows(facts, [](auto& sb) {
    sb.mutable_chassis(1)->set_encap_types(0, "vxlan");
  });
  EXPECT_EQ(FindingsIn(DescribeCluster(facts)), "SETTINGS_DIFFER node2");
  ChangeState(facts, [](ClusterState& state) {
    statepb::ConfigEntry entry;
    entry.set_key(kConfigEncapsulation);
    entry.set_value("vxlan");
    state.configs.Put(kConfigEncapsulation, entry);
  });
  EXPECT_EQ(FindingsIn(DescribeCluster(facts)),
            "SETTINGS_DIFFER node1 | SETTINGS_DIFFER node3");
  for (const int seconds_ago : {14, 15}) {
    ChangeState(facts, [&](ClusterState& state) {
      statepb::Event event;
      event.set_resource("configs/ovn.encapsulation");
      event.set_time_seconds(absl::ToUnixSeconds(facts.now) - seconds_ago);
      state.events.Put("event/1", event);
    });
    EXPECT_EQ(FindingsIn(DescribeCluster(facts)),
              seconds_ago < 15 ? ""
                               : "SETTINGS_DIFFER node1 | "
                                 "SETTINGS_DIFFER node3");
  }
  ChangeRows(facts, [](auto& sb) {
    for (int i : {0, 2}) sb.mutable_chassis(i)->set_encap_types(0, "vxlan");
    sb.mutable_chassis(1)->add_encap_types("geneve");
  });
  EXPECT_EQ(FindingsIn(DescribeCluster(facts)), "SETTINGS_DIFFER node2");
}

TEST(ChassisRows, AFollowersCountWhileTheLeadersMemberIsSilent) {
  ClusterFacts facts = HealthyFacts();
  Silence(facts, 1);
  ChangeAnswer(facts, 3, [](auto& answer) {
    answer.mutable_databases(1)->clear_chassis();
  });
  ChangeAnswer(facts, 2, [](auto& answer) {
    answer.mutable_databases(1)->set_has_rows(false);
  });
  EXPECT_EQ(FindingsIn(DescribeCluster(facts)),
            "MEMBER_UNREACHABLE node1 | CHASSIS_NOT_REGISTERED node2 | "
            "CHASSIS_NOT_REGISTERED node3");
}

}  // namespace
}  // namespace microovn::agent
