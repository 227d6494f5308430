#include "agent/health/cluster_status.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "agent/health/member_rows.h"
#include "gtest/gtest.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

std::string IdOf(int n) { return std::string(31, '0') + std::to_string(n); }

statepb::Member MakeMember(int n) {
  statepb::Member member;
  member.set_member_id(IdOf(n));
  member.set_name("node" + std::to_string(n));
  member.set_address("10.0.0." + std::to_string(n) + ":6686");
  member.set_ordinal(static_cast<uint64_t>(n));
  member.set_state(statepb::Member::STATE_ACTIVE);
  member.add_services(statepb::SERVICE_CENTRAL);
  return member;
}

peerpb::GetLocalStatusResponse HealthyAnswer(int n) {
  peerpb::GetLocalStatusResponse answer;
  answer.set_member_id(IdOf(n));
  answer.set_applied_index(100);
  answer.set_expected_nb_schema("7.0.0");
  answer.set_expected_sb_schema("20.27.0");
  for (const char* name : {"nb", "sb"}) {
    peerpb::LocalDatabase* database = answer.add_databases();
    database->set_name(name);
    database->set_schema(std::string(name) == "nb" ? "7.0.0" : "20.27.0");
    database->mutable_replica()->set_status("cluster member");
    database->mutable_replica()->set_role(n == 1 ? "leader" : "follower");
  }
  v1::Daemon* daemon = answer.add_daemons();
  daemon->set_unit("ovn-northd");
  daemon->set_state(v1::Daemon::STATE_READY);
  return answer;
}

// Three members that all answer; node1 asks and leads.
ClusterFacts Healthy() {
  ClusterState state;
  statepb::Cluster cluster;
  cluster.set_cluster_id(std::string(32, 'c'));
  state.cluster_record.Put(kClusterKey, cluster);
  ClusterFacts facts;
  for (int n = 1; n <= 3; ++n) {
    state.members.Put(IdOf(n), MakeMember(n));
    facts.voters.insert(IdOf(n));
    facts.answers.insert_or_assign(IdOf(n), HealthyAnswer(n));
  }
  facts.state = std::make_shared<const ClusterState>(std::move(state));
  facts.self_id = IdOf(1);
  facts.leader_id = IdOf(1);
  facts.last_index = 100;
  facts.now = absl::FromUnixSeconds(1'700'000'000);
  return facts;
}

void Silence(ClusterFacts& facts, int n) {
  facts.answers.insert_or_assign(IdOf(n), absl::UnavailableError("silence"));
}

std::string ReasonsIn(const v1::ClusterStatus& status) {
  std::string reasons;
  for (const v1::Finding& finding : status.findings()) {
    reasons += finding.reason() + " ";
  }
  return reasons;
}

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
  EXPECT_NE(ReasonsIn(status).find("NO_FAULT_TOLERANCE"), std::string::npos);
}

TEST(ClusterStatus, WithoutAQuorumItIsCriticalAndWorstComesFirst) {
  ClusterFacts facts = Healthy();
  Silence(facts, 2);
  Silence(facts, 3);
  const v1::ClusterStatus status = DescribeCluster(facts);
  EXPECT_EQ(status.health(), v1::HEALTH_CRITICAL);
  ASSERT_GT(status.findings_size(), 0);
  EXPECT_EQ(status.findings(0).reason(), "NO_QUORUM");
}

// `n` lost writes and its log ends at `last`.
void Quarantine(ClusterFacts& facts, int n, uint64_t last) {
  peerpb::GetLocalStatusResponse answer = HealthyAnswer(n);
  answer.mutable_log()->set_quarantine("lost");
  answer.mutable_log()->set_last_index(last);
  facts.answers.insert_or_assign(IdOf(n), answer);
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
      {"DATABASE_HAS_NO_LEADER ", v1::HEALTH_CRITICAL,
       [](auto& facts, auto&, auto&) {
         peerpb::GetLocalStatusResponse node1 = HealthyAnswer(1);
         node1.mutable_databases(0)->mutable_replica()->set_role("follower");
         facts.answers.insert_or_assign(IdOf(1), node1);
       }},
      {"EVEN_CENTRAL EVEN_CENTRAL ", v1::HEALTH_HEALTHY,
       [](auto&, auto& state, auto&) {
         statepb::Member member = MakeMember(2);
         member.clear_services();
         state.members.Put(IdOf(2), member);
       }},
      {"DATABASE_DOWN DATABASE_DOWN ", v1::HEALTH_CRITICAL,
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

}  // namespace
}  // namespace microovn::agent
