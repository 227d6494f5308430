// SPDX-License-Identifier: Apache-2.0
#include "agent/health/cluster_status.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "agent/health/member_rows.h"
#include "agent/health/testing/test_facts.h"
#include "base/status/error.h"
#include "gtest/gtest.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

ClusterFacts Healthy() { return HealthyFacts(); }

TEST(ClusterStatus, AnExpiredCertificateIsAFinding) {
  ClusterFacts facts = Healthy();
  pki::TestPki pki(facts.now);
  ClusterState state = *facts.state;
  statepb::Member member = MakeMember(2);
  const pki::Certificate leaf = pki.Member(pki.Facts("node2")).certificate;
  member.set_certificate_pem(leaf.ToPem());
  state.members.Put(IdOf(2), member);
  facts.state = std::make_shared<const ClusterState>(std::move(state));
  EXPECT_EQ(ReasonsIn(DescribeCluster(facts)), "");

  facts.now = leaf.not_after();
  const v1::ClusterStatus status = DescribeCluster(facts);
  EXPECT_EQ(ReasonsIn(status), "CERTIFICATE_EXPIRED_IN_USE ");
  EXPECT_EQ(status.findings(0).member(), "node2");
  EXPECT_EQ(status.findings(0).severity(), v1::SEVERITY_WARNING);
  facts.now = leaf.not_before() - absl::Seconds(1);
  EXPECT_EQ(ReasonsIn(DescribeCluster(facts)), "CERTIFICATE_EXPIRED_IN_USE ");
}

TEST(ClusterStatus, HealthyWhenEverybodyAnswers) {
  const v1::ClusterStatus status = DescribeCluster(Healthy());
  EXPECT_EQ(status.health(), v1::HEALTH_HEALTHY) << ReasonsIn(status);
  EXPECT_EQ(status.leader(), "node1");
  EXPECT_EQ(status.voters_online(), 3u);
  ASSERT_EQ(status.databases_size(), 2);
  EXPECT_EQ(status.databases(0).schema(), "7.0.0");
  EXPECT_EQ(status.databases(0).leader(), "node1");
  EXPECT_TRUE(status.databases(1).schema_current());
}

TEST(ClusterStatus, ASilentMemberIsARowAndAFinding) {
  ClusterFacts facts = Healthy();
  Silence(facts, 3);
  const v1::ClusterStatus status = DescribeCluster(facts);
  EXPECT_EQ(status.health(), v1::HEALTH_DEGRADED);
  EXPECT_EQ(status.members_size(), 3);
  EXPECT_EQ(status.members(2).member().status(),
            v1::Member::STATUS_UNREACHABLE);
  ASSERT_EQ(status.unreachable_size(), 1);
  EXPECT_EQ(status.unreachable(0), "members/node3");
  ASSERT_EQ(ReasonsIn(status), "MEMBER_UNREACHABLE ");
  EXPECT_NE(status.findings(0).message().find("losing one more member"),
            std::string::npos)
      << "what follows is said with it";
}

TEST(ClusterStatus, WithoutAQuorumItIsCriticalAndItsCausesComeFirst) {
  ClusterFacts facts = Healthy();
  Silence(facts, 2);
  Silence(facts, 3);
  const v1::ClusterStatus status = DescribeCluster(facts);
  EXPECT_EQ(status.health(), v1::HEALTH_CRITICAL);
  EXPECT_EQ(ReasonsIn(status),
            "MEMBER_UNREACHABLE MEMBER_UNREACHABLE NO_QUORUM ");
}

// `n` lost writes and its log ends at `last`.
void Quarantine(ClusterFacts& facts, int n, uint64_t last) {
  peerpb::GetLocalStatusResponse answer = HealthyAnswer(n);
  answer.mutable_log()->set_quarantine("lost");
  answer.mutable_log()->set_last_index(last);
  facts.answers.insert_or_assign(IdOf(n), answer);
}

TEST(ClusterStatus, WhatAMemberSaysOfItselfNamesIt) {
  ClusterFacts facts = Healthy();
  ChangeAnswer(facts, 2, [](auto& answer) {
    v1::Finding* finding = answer.add_findings();
    finding->set_reason("TUNNELS_NOT_POSSIBLE");
    finding->set_severity(v1::SEVERITY_WARNING);
    finding->set_message("no interface has the address 10.98.0.13");
  });
  v1::ClusterStatus status = DescribeCluster(facts);
  ASSERT_EQ(FindingsIn(status), "TUNNELS_NOT_POSSIBLE node2");
  EXPECT_EQ(status.findings(0).message(),
            "node2: no interface has the address 10.98.0.13");
  EXPECT_EQ(status.members(1).findings(0).message(),
            status.findings(0).message());

  // Alone, it has nobody to tunnel to.
  facts.self_id = facts.leader_id = IdOf(2);
  facts.voters = {IdOf(2)};
  for (int n : {1, 3}) facts.answers.erase(IdOf(n));
  ChangeAnswer(facts, 2, [](auto& answer) {
    for (auto& database : *answer.mutable_databases()) {
      database.mutable_servers()->DeleteSubrange(2, 1);
      database.mutable_servers()->DeleteSubrange(0, 1);
      database.mutable_replica()->set_role("leader");
      database.set_leader("5e002");
    }
  });
  ChangeState(facts, [](ClusterState& state) {
    state.members.Erase(IdOf(1));
    state.members.Erase(IdOf(3));
  });
  status = DescribeCluster(facts);
  EXPECT_EQ(FindingsIn(status), "");
  EXPECT_EQ(status.health(), v1::HEALTH_HEALTHY);
  EXPECT_EQ(status.can_lose(), 0u);
}

TEST(ClusterStatus, AMemberThatWasRemovedSaysSoAndNothingElse) {
  ClusterFacts facts = Healthy();
  Silence(facts, 2);
  facts.answers.insert_or_assign(
      IdOf(3), MakeError(absl::StatusCode::kPermissionDenied, "no",
                         {"MEMBER_REMOVED", ""}));
  const v1::ClusterStatus status = DescribeCluster(facts);
  ASSERT_EQ(FindingsIn(status), "MEMBER_REMOVED node1");
  EXPECT_EQ(status.health(), v1::HEALTH_CRITICAL);
  EXPECT_NE(status.findings(0).remedy().find("microovn cluster add node1"),
            std::string::npos);
}

TEST(ClusterStatus, AMemberThatNobodyTrustsIsTheOneToLookAt) {
  ClusterFacts facts = Healthy();
  const absl::Status stranger = MakeError(absl::StatusCode::kUnavailable, "no",
                                          {"MEMBER_NOT_TRUSTED", ""});
  facts.answers.insert_or_assign(IdOf(3), stranger);
  EXPECT_EQ(FindingsIn(DescribeCluster(facts)).find("MEMBER_NOT_TRUSTED node3"),
            0u);
  facts.answers.insert_or_assign(IdOf(2), stranger);
  v1::ClusterStatus status = DescribeCluster(facts);
  ASSERT_EQ(FindingsIn(status), "MEMBER_NOT_TRUSTED node1");
  EXPECT_EQ(status.health(), v1::HEALTH_CRITICAL);
  Silence(facts, 2);
  status = DescribeCluster(facts);
  EXPECT_NE(FindingsIn(status).find("MEMBER_UNREACHABLE node2"),
            std::string::npos)
      << "it may be the other who is wrong";
}

TEST(ClusterStatus, AQuarantinedMajorityIsCriticalAndHasAWayOut) {
  ClusterFacts facts = Healthy();
  facts.leader_id.clear();
  facts.stale = true;
  Quarantine(facts, 2, 40);
  EXPECT_EQ(ReasonsIn(DescribeCluster(facts)).find("QUORUM_QUARANTINED"),
            std::string::npos)
      << "two of three can elect a leader, who brings the third back";
  Quarantine(facts, 3, 41);
  const v1::ClusterStatus status = DescribeCluster(facts);
  EXPECT_EQ(status.health(), v1::HEALTH_CRITICAL);
  ASSERT_GT(status.findings_size(), 0);
  EXPECT_EQ(status.findings(0).reason(), "QUORUM_QUARANTINED");
  EXPECT_EQ(status.findings(0).member(), "node3") << "its log ends last";
  EXPECT_NE(status.findings(0).remedy().find("microovnd --recover"),
            std::string::npos);
}

TEST(ClusterStatus, AQuarantinedOnlyVoterIsCritical) {
  ClusterFacts facts = Healthy();
  facts.voters = {IdOf(1)};
  facts.leader_id.clear();
  Quarantine(facts, 1, 40);
  const v1::ClusterStatus status = DescribeCluster(facts);
  ASSERT_GT(status.findings_size(), 0);
  EXPECT_EQ(status.findings(0).reason(), "QUORUM_QUARANTINED");
  EXPECT_EQ(status.health(), v1::HEALTH_CRITICAL);
}

// It may have the vote that is missed.
TEST(ClusterStatus, ASilentVoterIsNotTakenForOneInQuarantine) {
  ClusterFacts facts = Healthy();
  facts.leader_id.clear();
  Quarantine(facts, 1, 40);
  Silence(facts, 2);
  EXPECT_EQ(ReasonsIn(DescribeCluster(facts)).find("QUORUM_QUARANTINED"),
            std::string::npos);
}

TEST(ClusterStatus, ADaemonThatIsNotReadyIsNamed) {
  ClusterFacts facts = Healthy();
  peerpb::GetLocalStatusResponse answer = HealthyAnswer(2);
  answer.mutable_daemons(0)->set_state(v1::Daemon::STATE_FAILED);
  facts.answers.insert_or_assign(IdOf(2), answer);
  const v1::ClusterStatus status = DescribeCluster(facts);
  EXPECT_EQ(status.health(), v1::HEALTH_DEGRADED);
  EXPECT_EQ(status.findings(0).reason(), "SERVICE_NOT_READY");
  EXPECT_EQ(status.findings(0).member(), "node2");
}

// Each by what makes it, and by nothing else: the healthy cluster has none.
TEST(ClusterStatus, EachFindingAlone) {
  const struct {
    const char* reasons;
    v1::Health health;
    std::function<void(ClusterFacts&, ClusterState&,
                       peerpb::GetLocalStatusResponse& of_node2)>
        spoil;
  } cases[] = {
      {"", v1::HEALTH_HEALTHY, [](auto&, auto&, auto&) {}},
      {"", v1::HEALTH_HEALTHY,
       [](auto&, auto& state, auto&) {
         statepb::MemberReport report;
         report.set_converged_revision(7);
         for (int n = 1; n <= 3; ++n) state.reports.Put(IdOf(n), report);
       }},
      {"", v1::HEALTH_HEALTHY,
       [](auto& facts, auto&, auto&) {
         facts.voters = {IdOf(1)};
         facts.learners = {IdOf(2), IdOf(3)};
       }},
      {"MEMBER_NOT_CONVERGED ", v1::HEALTH_DEGRADED,
       [](auto&, auto& state, auto&) {
         statepb::MemberReport report;
         report.set_problem("the disk is full");
         state.reports.Put(IdOf(2), report);
       }},
      {"SERVICE_NOT_READY ", v1::HEALTH_DEGRADED,
       [](auto&, auto&, auto& node2) {
         node2.mutable_daemons(0)->set_state(v1::Daemon::STATE_STARTING);
       }},
      {"CLOCK_SKEW ", v1::HEALTH_DEGRADED,
       [](auto& facts, auto&, auto&) {
         facts.clock_offsets = {{IdOf(1), absl::ZeroDuration()},
                                {IdOf(2), -absl::Minutes(9)},
                                {IdOf(3), absl::ZeroDuration()}};
       }},
      {"LOG_QUARANTINED ", v1::HEALTH_DEGRADED,
       [](auto&, auto&, auto& node2) {
         v1::Finding* finding = node2.add_findings();
         finding->set_reason("LOG_QUARANTINED");
         finding->set_severity(v1::SEVERITY_WARNING);
       }},
      {"NO_LEADER ", v1::HEALTH_CRITICAL,
       [](auto& facts, auto&, auto&) { facts.leader_id.clear(); }},
      {"NO_FAULT_TOLERANCE ", v1::HEALTH_DEGRADED,
       [](auto& facts, auto&, auto&) {
         facts.voters = {IdOf(1), IdOf(2)};
       }},
      {"EVEN_CENTRAL ", v1::HEALTH_HEALTHY,
       [](auto& facts, auto& state, auto& node2) {
         statepb::Member fourth = MakeMember(4);
         state.members.Put(IdOf(4), fourth);
         peerpb::GetLocalStatusResponse node1 = HealthyAnswer(1);
         peerpb::GetLocalStatusResponse node4 = HealthyAnswer(3);
         for (auto* answer : {&node1, &node2, &node4}) {
           for (auto& database : *answer->mutable_databases()) {
             auto* server = database.add_servers();
             *server = database.servers(2);
             server->set_id("5e004");
             server->set_address("ssl:10.0.0.4:6643");
           }
           auto* row = answer->mutable_databases(1)->add_chassis();
           row->set_name("node4");
           row->add_encap_ips("10.0.0.4");
         }
         for (auto& database : *node4.mutable_databases()) {
           database.set_server_id("5e004-0000");
         }
         facts.answers.insert_or_assign(IdOf(1), node1);
         facts.answers.insert_or_assign(IdOf(4), node4);
       }},
      {"DATABASE_DOWN ", v1::HEALTH_CRITICAL,
       [](auto& facts, auto&, auto&) {
         for (int n = 1; n <= 3; ++n) {
           peerpb::GetLocalStatusResponse answer = HealthyAnswer(n);
           answer.clear_databases();
           facts.answers.insert_or_assign(IdOf(n), answer);
         }
       }},
  };
  for (const auto& test : cases) {
    ClusterFacts facts = Healthy();
    ClusterState state = *facts.state;
    peerpb::GetLocalStatusResponse node2 = HealthyAnswer(2);
    facts.answers.erase(IdOf(2));
    test.spoil(facts, state, node2);
    facts.answers.emplace(IdOf(2), node2);
    facts.state = std::make_shared<const ClusterState>(std::move(state));
    const v1::ClusterStatus status = DescribeCluster(facts);
    EXPECT_EQ(ReasonsIn(status), test.reasons);
    EXPECT_EQ(status.health(), test.health) << test.reasons;
    for (const v1::Finding& finding : status.findings()) {
      const bool of_one = finding.reason() == "MEMBER_NOT_CONVERGED" ||
                          finding.reason() == "SERVICE_NOT_READY" ||
                          finding.reason() == "CLOCK_SKEW" ||
                          finding.reason() == "LOG_QUARANTINED";
      EXPECT_EQ(finding.member(), of_one ? "node2" : "") << finding.reason();
    }
  }
}

TEST(ClusterStatus, AMemberThatWaitsSaysForWhat) {
  ClusterFacts facts = Healthy();
  ClusterState state = *facts.state;
  statepb::MemberReport report;
  report.set_member_id(IdOf(2));
  report.set_problem(
      "departed-members: waiting for servers of former members to be out of "
      "OVN_Northbound");
  state.reports.Put(IdOf(2), report);
  facts.state = std::make_shared<const ClusterState>(std::move(state));
  const v1::ClusterStatus status = DescribeCluster(facts);
  EXPECT_EQ(status.health(), v1::HEALTH_DEGRADED);
  ASSERT_EQ(ReasonsIn(status), "MEMBER_NOT_CONVERGED ");
  EXPECT_EQ(status.findings(0).message(), "node2: " + report.problem());
  EXPECT_EQ(status.findings(0).member(), "node2");
}

TEST(ClusterStatus, AMemberThatExpectsAnotherSchemaHoldsTheSchemaBack) {
  ClusterFacts facts = Healthy();
  peerpb::GetLocalStatusResponse newer = HealthyAnswer(2);
  newer.set_expected_nb_schema("7.1.0");
  facts.answers.insert_or_assign(IdOf(2), newer);
  const v1::ClusterStatus status = DescribeCluster(facts);
  EXPECT_FALSE(status.databases(0).schema_current());
  EXPECT_TRUE(status.databases(1).schema_current());
}

TEST(MemberRows, RolesFollowTheLogAndRefusalsAreNotSilence) {
  ClusterFacts facts = Healthy();
  facts.voters = {IdOf(1)};
  facts.learners = {IdOf(2)};
  facts.answers.insert_or_assign(IdOf(3), absl::UnauthenticatedError("no"));
  const auto rows = DescribeMembers(facts);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].role(), v1::Member::ROLE_VOTER);
  EXPECT_TRUE(rows[0].leader());
  EXPECT_EQ(rows[1].role(), v1::Member::ROLE_STAND_BY);
  EXPECT_EQ(rows[2].role(), v1::Member::ROLE_SPARE);
  EXPECT_EQ(rows[2].status(), v1::Member::STATUS_NOT_TRUSTED);
}

TEST(MemberRows, LagIsWhatAMemberHasNotApplied) {
  ClusterFacts facts = Healthy();
  facts.last_index = 150;
  peerpb::GetLocalStatusResponse ahead = HealthyAnswer(2);
  ahead.set_applied_index(160);
  facts.answers.insert_or_assign(IdOf(2), ahead);
  const auto rows = DescribeMembers(facts);
  EXPECT_EQ(rows[0].lag(), 50u);
  EXPECT_EQ(rows[1].lag(), 0u) << "ahead of what was known is no lag";
}

TEST(MemberRows, ADeadMemberIsAsFarAsItsLeaderKnowsItToBe) {
  ClusterFacts facts = Healthy();
  Silence(facts, 3);
  EXPECT_FALSE(DescribeMembers(facts)[2].has_lag()) << "nobody knows";
  facts.match_index[IdOf(3)] = 60;
  EXPECT_EQ(DescribeMembers(facts)[2].lag(), 40u);
  facts.match_index[IdOf(3)] = facts.last_index;
  EXPECT_FALSE(DescribeMembers(facts)[2].has_lag())
      << "it had everything, and is dead";
}

TEST(MemberRows, SeenIsWhenAnybodyHeardIt) {
  ClusterFacts facts = Healthy();
  Silence(facts, 3);
  EXPECT_FALSE(DescribeMembers(facts)[2].has_last_seen());
  facts.last_seen[IdOf(3)] = facts.now - absl::Minutes(4);
  EXPECT_EQ(DescribeMembers(facts)[2].last_seen().seconds(),
            absl::ToUnixSeconds(facts.now) - 240);
  for (int n = 1; n <= 2; ++n) {
    ChangeAnswer(facts, n, [n](auto& answer) {
      auto* heard = answer.add_heard();
      heard->set_member_id(IdOf(3));
      heard->set_millis_ago(n * 9000);
    });
  }
  EXPECT_EQ(DescribeMembers(facts)[2].last_seen().seconds(),
            absl::ToUnixSeconds(facts.now) - 9)
      << "the newest word counts";
}

}  // namespace
}  // namespace microovn::agent
