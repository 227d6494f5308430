// SPDX-License-Identifier: Apache-2.0
#include "agent/health/certificate_findings.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "agent/health/cluster_status.h"
#include "agent/health/testing/test_facts.h"
#include "gtest/gtest.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

constexpr absl::Duration kDay = absl::Hours(24);

class CertificateFindingsTest : public testing::Test {
 protected:
  CertificateFindingsTest() : pki_(facts_.now) {
    ChangeState(facts_, [&](ClusterState& state) {
      statepb::Authority authority;
      authority.set_plane(statepb::PLANE_OVN);
      authority.add_sealed_for(IdOf(1));
      authority.set_certificate_pem(pki_.ovn_ca().certificate().ToPem());
      state.authorities.Put(AuthorityKey(statepb::PLANE_OVN), authority);
    });
    end_ = pki_.ovn_ca().certificate().not_after();
  }

  v1::ClusterStatus At(absl::Time now) {
    facts_.now = now;
    return DescribeCluster(facts_);
  }

  // Of node2's ovnnb.
  void Publish(absl::Time begin, absl::Time end,
               const std::string& problem = "") {
    ChangeAnswer(facts_, 2, [&](auto& answer) {
      answer.clear_certificates();
      peerpb::LocalCertificate* one = answer.add_certificates();
      one->set_name("ovnnb");
      one->set_not_before(absl::ToUnixSeconds(begin));
      one->set_not_after(absl::ToUnixSeconds(end));
      one->set_problem(problem);
    });
  }

  ClusterFacts facts_ = HealthyFacts();
  pki::TestPki pki_;
  absl::Time end_;
};

TEST_F(CertificateFindingsTest, ACaIsToldOfBeforeItEnds) {
  EXPECT_EQ(FindingsIn(At(end_ - 91 * kDay)), "");
  v1::ClusterStatus status = At(end_ - 89 * kDay);
  EXPECT_EQ(FindingsIn(status), "CA_ENDS_SOON ");
  EXPECT_EQ(status.health(), v1::HEALTH_DEGRADED);
  EXPECT_NE(status.findings(0).message().find("the OVN CA ends in 89 days"),
            std::string::npos)
      << status.findings(0).message();
  EXPECT_NE(status.findings(0).message().find("its successor is due"),
            std::string::npos);
  ChangeState(facts_, [&](ClusterState& state) {
    statepb::Authority yours =
        *state.authorities.Find(AuthorityKey(statepb::PLANE_OVN));
    yours.set_user_supplied(true);
    state.authorities.Put(AuthorityKey(statepb::PLANE_OVN), yours);
  });
  EXPECT_EQ(At(end_ - 89 * kDay).findings(0).message().find("successor"),
            std::string::npos);
  EXPECT_EQ(At(end_ - 9 * kDay).health(), v1::HEALTH_CRITICAL);
  status = At(end_ + 3 * kDay);
  EXPECT_EQ(status.health(), v1::HEALTH_CRITICAL);
  EXPECT_NE(status.findings(0).message().find("ended before 3 days"),
            std::string::npos);
}

TEST_F(CertificateFindingsTest, ACertificateThatWasNotRenewedIsToldOf) {
  const absl::Time now = facts_.now;
  // A life begins a day after its first date.
  Publish(now - 720 * kDay, now + 8 * kDay);
  EXPECT_EQ(FindingsIn(At(now)), "") << "tonight will do";
  Publish(now - 720 * kDay, now + 6 * kDay);
  EXPECT_EQ(FindingsIn(At(now)), "CERTIFICATE_ENDS_SOON node2");
  EXPECT_EQ(At(now).health(), v1::HEALTH_DEGRADED);
  Publish(now - 5 * kDay, now + 4 * kDay);
  EXPECT_EQ(FindingsIn(At(now)), "") << "its life is short";
  Publish(now - 8 * kDay, now + kDay);
  EXPECT_EQ(FindingsIn(At(now)), "CERTIFICATE_ENDS_SOON node2");
  Publish(now - 720 * kDay, now + kDay);
  EXPECT_EQ(At(now).health(), v1::HEALTH_CRITICAL);
  // A minute's life.
  Publish(now - kDay - absl::Seconds(40), now + absl::Seconds(20));
  EXPECT_EQ(FindingsIn(At(now)), "");
}

TEST_F(CertificateFindingsTest, OneThatNobodyCanRenewIsToldOfAMonthBefore) {
  const absl::Time now = facts_.now;
  Publish(now - 700 * kDay, now + 29 * kDay);
  EXPECT_EQ(FindingsIn(At(now)), "");
  ChangeState(facts_, [&](ClusterState& state) {
    statepb::Authority authority =
        *state.authorities.Find(AuthorityKey(statepb::PLANE_OVN));
    authority.clear_sealed_for();
    state.authorities.Put(AuthorityKey(statepb::PLANE_OVN), authority);
  });
  EXPECT_EQ(FindingsIn(At(now)), "CA_SEALED  | CERTIFICATE_ENDS_SOON node2");
  Publish(now - 700 * kDay, now + 31 * kDay);
  EXPECT_EQ(FindingsIn(At(now)), "CA_SEALED ");
}

TEST_F(CertificateFindingsTest, OneThatEndsWithItsCaIsNoNewsOfItsOwn) {
  Publish(facts_.now - 720 * kDay, end_);
  EXPECT_EQ(FindingsIn(At(end_ - 6 * kDay)), "CA_ENDS_SOON ");
}

TEST_F(CertificateFindingsTest, WhatIsWrongWithAFileIsTold) {
  Publish(facts_.now, facts_.now + 700 * kDay, "its file is gone");
  const v1::ClusterStatus status = At(facts_.now);
  EXPECT_EQ(FindingsIn(status), "CERTIFICATE_NOT_SERVED node2");
  EXPECT_EQ(status.findings(0).message(),
            "the certificate of ovnnb on node2: its file is gone");
}

TEST_F(CertificateFindingsTest, ARotationThatWaitsIsToldOf) {
  const absl::Time now = facts_.now;
  ChangeState(facts_, [&](ClusterState& state) {
    statepb::Authority authority = *state.authorities.Find("ovn");
    authority.set_phase(statepb::Authority::PHASE_DISTRIBUTE);
    authority.set_rotation_id("r");
    state.authorities.Put("ovn", authority);
    statepb::Operation rotation;
    rotation.set_operation_id("r");
    rotation.set_created_seconds(absl::ToUnixSeconds(now));
    statepb::OperationStep* step = rotation.add_steps();
    step->set_state(statepb::OperationStep::STATE_RUNNING);
    step->set_detail("waiting for node3 (does not answer)");
    state.operations.Put("r", rotation);
  });
  EXPECT_EQ(FindingsIn(At(now + absl::Seconds(30))), "");
  const v1::ClusterStatus status = At(now + absl::Seconds(90));
  EXPECT_EQ(FindingsIn(status), "CA_ROTATION_WAITS ");
  EXPECT_EQ(status.findings(0).message(),
            "the rotation of the OVN CA has not ended: waiting for node3 (does "
            "not answer)");
  ChangeState(facts_, [&](ClusterState& state) {
    statepb::Authority authority = *state.authorities.Find("ovn");
    authority.set_phase(statepb::Authority::PHASE_UNSPECIFIED);
    state.authorities.Put("ovn", authority);
  });
  EXPECT_EQ(FindingsIn(At(now + absl::Seconds(90))), "");
}

TEST_F(CertificateFindingsTest, AUsersCaIsNotRotatedByItself) {
  const auto removed = [this](bool user_supplied) {
    ChangeState(facts_, [&](ClusterState& state) {
      statepb::Authority authority = *state.authorities.Find("ovn");
      authority.set_rotation_due("node3");
      authority.set_user_supplied(user_supplied);
      state.authorities.Put("ovn", authority);
    });
    return FindingsIn(At(facts_.now));
  };
  EXPECT_EQ(removed(false), "") << "the leader rotates it";
  EXPECT_EQ(removed(true), "CA_ROTATION_DUE ");
}

}  // namespace
}  // namespace microovn::agent
