// SPDX-License-Identifier: Apache-2.0
#include "agent/member/sealing_watch.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/issuing/testing/issuing_cluster.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/features.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/errors.h"

namespace microovn::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// node1, for which both CAs' keys are sealed to the cluster's sealing key.
class SealingWatchTest : public ::testing::Test {
 protected:
  SealingWatchTest() { Publish(*cluster_.leader().state()); }

  void Publish(const ClusterState& state) {
    store_.Publish(std::make_shared<const ClusterState>(state));
  }
  // With `loaded` as what the disk gives.
  std::unique_ptr<SealingWatch> Watch() {
    return std::make_unique<SealingWatch>(SealingWatch::Parts{
        [this]() -> absl::StatusOr<pki::SealingKey> {
          ++loads_;
          if (out_of_reach_) {
            return pki::SealingKeyOutOfReach("TPM", "another machine's");
          }
          return pki::SealingKey::LoadOrCreate(
              {directory_.path(), pki::SealingMeans()}, cluster_.clock(),
              RandomSource::Real());
        },
        [this](statepb::Command command) {
          proposed_.push_back(std::move(command));
          return absl::OkStatus();
        },
        &issuer_, &store_, &cluster_.clock(), TestId("node1")});
  }
  absl::Status Issues() {
    const auto state = store_.Current();
    return issuer_
        .IssueMember(*state, *state->members.Find(TestId("node1")),
                     cluster_.Request())
        .status();
  }
  // As the log takes it in.
  void ApplyProposed() {
    ClusterState state = *store_.Current();
    for (const Command& proposed : proposed_) {
      Command command = CommandAt(kTestTime);
      *command.mutable_set_sealing_certificate() =
          proposed.set_sealing_certificate();
      MustApply(state, command);
    }
    proposed_.clear();
    Publish(state);
  }

  using Command = statepb::Command;

  IssuingCluster cluster_;
  CertificateIssuer issuer_{nullptr, &cluster_.clock(), &RandomSource::Real()};
  StateStore store_;
  TempDir directory_;
  bool out_of_reach_ = false;
  int loads_ = 0;
  std::vector<Command> proposed_;
};

TEST_F(SealingWatchTest, AKeyOutOfReachIsToldAndAskedForAgain) {
  out_of_reach_ = true;
  const auto watch = Watch();
  EXPECT_TRUE(watch->Facts().out_of_reach);
  EXPECT_EQ(watch->Facts().custody, "out of reach");
  ASSERT_TRUE(watch->Finding().has_value());
  EXPECT_EQ(watch->Finding()->reason(), "SEALING_KEY_OUT_OF_REACH");
  EXPECT_THAT(watch->Finding()->message(),
              HasSubstr("TPM (another machine's)"));
  EXPECT_THAT(watch->Finding()->remedy(),
              HasSubstr("microovnd --recover --new-sealing-key"));
  EXPECT_THAT(Issues(), HasReason("CA_NOT_AVAILABLE"));
  // Changes of the state ask no TPM.
  EXPECT_FALSE(watch->Step());
  EXPECT_EQ(loads_, 1);
  out_of_reach_ = false;
  cluster_.clock().Advance(SealingWatch::kPeriod);
  EXPECT_TRUE(watch->Step());
  EXPECT_EQ(loads_, 2);
  EXPECT_FALSE(watch->Facts().out_of_reach);
  EXPECT_FALSE(watch->Finding().has_value());
}

TEST_F(SealingWatchTest, AnotherKeyIsAnnouncedOnceAndSealedForByAnotherVoter) {
  const auto watch = Watch();
  EXPECT_FALSE(watch->Step());
  ASSERT_EQ(proposed_.size(), 1u);
  ApplyProposed();
  for (const auto& [plane, authority] :
       store_.Current()->authorities.records()) {
    EXPECT_EQ(authority->sealed_for_size(), 0) << plane;
  }
  // What was sealed for its old key it cannot open; now it is not told it can.
  EXPECT_THAT(Issues(), HasReason("CA_NOT_AVAILABLE"));
  EXPECT_FALSE(watch->Step());
  EXPECT_TRUE(proposed_.empty());
  // Another voter, which has the old key, seals it anew.
  ClusterState state = *store_.Current();
  for (const statepb::Plane plane :
       {statepb::PLANE_CLUSTER, statepb::PLANE_OVN}) {
    const auto resealed =
        cluster_.issuer().Reseal(*state.authorities.Find(AuthorityKey(plane)),
                                 {state.members.Find(TestId("node1"))});
    ASSERT_OK(resealed);
    state.authorities.Put(AuthorityKey(plane), *resealed);
  }
  Publish(state);
  EXPECT_FALSE(watch->Step());
  EXPECT_TRUE(proposed_.empty());
  EXPECT_OK(Issues());
}

TEST_F(SealingWatchTest, WhatWasSealedForAnOldKeyIsAskedForAgain) {
  // The cluster knows the key, but who sealed had read the one before.
  const auto watch = Watch();
  watch->Step();
  ASSERT_EQ(proposed_.size(), 1u);
  ClusterState state = *store_.Current();
  statepb::Member self = *state.members.Find(TestId("node1"));
  self.set_sealing_certificate_pem(
      proposed_[0].set_sealing_certificate().sealing_certificate_pem());
  state.members.Put(self.member_id(), self);
  Publish(state);
  proposed_.clear();
  watch->Step();
  EXPECT_EQ(proposed_.size(), 1u);
}

// All keys were lost, and one was found again.
TEST_F(SealingWatchTest, AKeyThatComesBackOpensWhatNobodyCould) {
  ClusterState state = *store_.Current();
  for (const statepb::Plane plane :
       {statepb::PLANE_CLUSTER, statepb::PLANE_OVN}) {
    statepb::Authority authority = *state.authorities.Find(AuthorityKey(plane));
    authority.clear_sealed_for();
    state.authorities.Put(AuthorityKey(plane), authority);
  }
  Publish(state);
  SealingWatch watch({[this]() -> absl::StatusOr<pki::SealingKey> {
                        return cluster_.SameSealingKey();
                      },
                      [this](statepb::Command command) {
                        proposed_.push_back(std::move(command));
                        return absl::OkStatus();
                      },
                      &issuer_, &store_, &cluster_.clock(), TestId("node1")});
  watch.Step();
  ASSERT_EQ(proposed_.size(), 1u);
  EXPECT_EQ(proposed_[0].set_sealing_certificate().opened_size(), 2);
  ApplyProposed();
  for (const auto& [plane, authority] :
       store_.Current()->authorities.records()) {
    EXPECT_THAT(authority->sealed_for(), ElementsAre(TestId("node1"))) << plane;
  }
  EXPECT_OK(Issues());
  watch.Step();
  EXPECT_TRUE(proposed_.empty());
}

TEST_F(SealingWatchTest, NothingIsToldBeforeAllUnderstandIt) {
  ClusterState state = *store_.Current();
  state.features.Erase(kFeatureSealingRenewal);
  Publish(state);
  const auto watch = Watch();
  watch->Step();
  EXPECT_TRUE(proposed_.empty());
}

}  // namespace
}  // namespace microovn::agent
