// SPDX-License-Identifier: Apache-2.0
// Which CAs the leader renews by itself, and for which nobody is waited.
#include "agent/operations/ca_dates.h"

#include <string>

#include "agent/state/testing/commands.h"
#include "base/crypto/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::Duration kDay = absl::Hours(24);

class CaDatesTest : public testing::Test {
 protected:
  CaDatesTest() {
    statepb::Authority ca = *state_.authorities.Find("ovn");
    ca.set_certificate_pem(pki_.ovn_ca().certificate().ToPem());
    Put(ca);
  }
  statepb::Authority Ca() { return *state_.authorities.Find("ovn"); }
  void Put(const statepb::Authority& ca) { state_.authorities.Put("ovn", ca); }
  // Before the CA's end.
  absl::Time Before(absl::Duration left) const {
    return pki_.ovn_ca().certificate().not_after() - left;
  }

  pki::TestPki pki_;
  ClusterState state_ = TestCluster({"node1", "node2", "node3"});
};

TEST_F(CaDatesTest, OneOfTheClustersIsRenewedNearItsEnd) {
  EXPECT_THAT(DueRenewals(state_, pki_.now()), IsEmpty());
  EXPECT_THAT(DueRenewals(state_, Before(101 * kDay)), IsEmpty());
  EXPECT_THAT(DueRenewals(state_, Before(100 * kDay)), ElementsAre("ovn"));
  EXPECT_THAT(DueRenewals(state_, Before(-kDay)), ElementsAre("ovn"));
}

TEST_F(CaDatesTest, OneThatWasMadeUnderAClockThatWasAheadIsRenewed) {
  EXPECT_THAT(DueRenewals(state_, pki_.now() - 2 * kDay), ElementsAre("ovn"));
}

TEST_F(CaDatesTest, AClockThatIsWrongAloneRenewsNothing) {
  const absl::Time end = Before(-kDay);
  const auto renewed = [&](const char* name, absl::Time at) {
    statepb::Member member = *state_.members.Find(TestId(name));
    member.set_certificate_pem(
        pki_.Member(pki_.Facts(name), pki_.now() - at).certificate.ToPem());
    state_.members.Put(member.member_id(), member);
  };
  for (const char* name : {"node1", "node2", "node3"}) {
    renewed(name, pki_.now());
  }
  EXPECT_THAT(DueRenewals(state_, end), IsEmpty());
  renewed("node1", end);
  EXPECT_THAT(DueRenewals(state_, end), IsEmpty()) << "one of three";
  renewed("node2", end);
  EXPECT_THAT(DueRenewals(state_, end), ElementsAre("ovn"));
}

TEST_F(CaDatesTest, NobodyRenewsAUsersCa) {
  statepb::Authority ca = Ca();
  ca.set_user_supplied(true);
  Put(ca);
  EXPECT_THAT(DueRenewals(state_, Before(kDay)), IsEmpty());
}

TEST_F(CaDatesTest, WhileOneIsRotatedNoneIsDue) {
  statepb::Authority ca = Ca();
  ca.set_phase(statepb::Authority::PHASE_REISSUE);
  Put(ca);
  EXPECT_THAT(DueRenewals(state_, Before(kDay)), IsEmpty());
}

TEST_F(CaDatesTest, ACancelledRenewalBeginsAgainADayLater) {
  statepb::Authority ca = Ca();
  ca.set_rotation_id(TestId("renewal"));
  Put(ca);
  statepb::Operation operation;
  operation.set_operation_id(TestId("renewal"));
  operation.set_done(true);
  operation.set_error_reason("OPERATION_CANCELLED");
  operation.set_ended_seconds(absl::ToUnixSeconds(Before(50 * kDay)));
  state_.operations.Put(TestId("renewal"), operation);
  EXPECT_THAT(DueRenewals(state_, Before(50 * kDay) + absl::Hours(23)),
              IsEmpty());
  EXPECT_THAT(DueRenewals(state_, Before(49 * kDay)), ElementsAre("ovn"));
  operation.set_error_reason("");
  state_.operations.Put(TestId("renewal"), operation);
  EXPECT_THAT(DueRenewals(state_, Before(50 * kDay)), ElementsAre("ovn"));
}

TEST_F(CaDatesTest, NobodyIsWaitedForWhenTheCaInUseIsAtItsEnd) {
  statepb::Authority ca = Ca();
  EXPECT_THAT(EndingAuthorities(state_, Before(kDay)), IsEmpty())
      << "there is no other";
  ca.set_phase(statepb::Authority::PHASE_DISTRIBUTE);
  Put(ca);
  EXPECT_THAT(EndingAuthorities(state_, Before(11 * kDay)), IsEmpty());
  EXPECT_THAT(EndingAuthorities(state_, Before(10 * kDay)), ElementsAre("ovn"));
  ca.set_user_supplied(true);
  Put(ca);
  EXPECT_THAT(EndingAuthorities(state_, Before(kDay)), ElementsAre("ovn"));
}

TEST_F(CaDatesTest, WhatCannotBeReadIsLeftAlone) {
  statepb::Authority ca = Ca();
  ca.set_certificate_pem("-----BEGIN CERTIFICATE-----\nx\n");
  ca.set_phase(statepb::Authority::PHASE_DISTRIBUTE);
  Put(ca);
  EXPECT_THAT(EndingAuthorities(state_, Before(kDay)), IsEmpty());
  EXPECT_THAT(DueRenewals(state_, Before(kDay)), IsEmpty());
}

}  // namespace
}  // namespace microovn::agent
