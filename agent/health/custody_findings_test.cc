// SPDX-License-Identifier: Apache-2.0
#include "agent/health/custody_findings.h"

#include <string>
#include <vector>

#include "agent/health/cluster_status.h"
#include "agent/health/testing/test_facts.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

class CustodyFindingsTest : public testing::Test {
 protected:
  void Seal(statepb::Plane plane, const std::vector<int>& members) {
    ChangeState(facts_, [&](ClusterState& state) {
      statepb::Authority authority;
      authority.set_plane(plane);
      for (const int n : members) authority.add_sealed_for(IdOf(n));
      state.authorities.Put(AuthorityKey(plane), authority);
    });
  }
  void PutOutOfReach(int n) {
    ChangeState(facts_, [&](ClusterState& state) {
      statepb::MemberReport report;
      report.set_member_id(IdOf(n));
      report.set_sealing_key_out_of_reach(true);
      state.reports.Put(IdOf(n), report);
    });
  }
  // "REASON: MESSAGE -> REMEDY" of what is found.
  std::string Found() {
    std::string text;
    for (const Observed& one : FindSealedAuthorities(facts_)) {
      text += one.finding.reason() + ": " + one.finding.message() + " -> " +
              one.finding.remedy() + "\n";
    }
    return text;
  }

  ClusterFacts facts_ = HealthyFacts();
};

TEST_F(CustodyFindingsTest, OneVoterThatOpensIsEnough) {
  Seal(statepb::PLANE_OVN, {1, 2, 3});
  Seal(statepb::PLANE_CLUSTER, {3});
  PutOutOfReach(1);
  Silence(facts_, 2);
  EXPECT_EQ(Found(), "");
}

TEST_F(CustodyFindingsTest, EachPlaneIsToldWithItsRemedy) {
  Seal(statepb::PLANE_CLUSTER, {});
  Seal(statepb::PLANE_OVN, {1, 2});
  PutOutOfReach(1);
  PutOutOfReach(2);
  EXPECT_EQ(
      Found(),
      "CA_SEALED: no voter that answers can open the key of the cluster CA "
      "(every sealing key that could is lost); services go on with their "
      "certificates, and no new one is issued -> replace the CA: microovn "
      "cluster rotate-ca\n"
      "CA_SEALED: no voter that answers can open the key of the OVN CA (the "
      "sealing key is out of reach on node1, node2); services go on with their "
      "certificates, and no new one is issued -> restore what keeps the "
      "sealing key of node1 or node2; if it is gone for good: microovn "
      "certificates regenerate-ca\n");
  EXPECT_EQ(DescribeCluster(facts_).health(), v1::HEALTH_CRITICAL);
}

TEST_F(CustodyFindingsTest, WhoIsSilentMayComeBack) {
  Seal(statepb::PLANE_OVN, {1, 3});
  PutOutOfReach(1);
  Silence(facts_, 3);
  EXPECT_NE(Found().find("(node3 could, and does not answer; the sealing key "
                         "is out of reach on node1)"),
            std::string::npos)
      << Found();
  EXPECT_NE(Found().find("-> start the agent of node3\n"), std::string::npos);
  EXPECT_EQ(DescribeCluster(facts_).health(), v1::HEALTH_CRITICAL);
}

TEST_F(CustodyFindingsTest, AStandByDoesNotCount) {
  Seal(statepb::PLANE_OVN, {3});
  facts_.voters.erase(IdOf(3));
  EXPECT_NE(Found(), "");
}

}  // namespace
}  // namespace microovn::agent
