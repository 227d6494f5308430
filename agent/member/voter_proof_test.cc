// SPDX-License-Identifier: Apache-2.0
#include "agent/member/voter_proof.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/testing/fake_clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/authority/voter_proof.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class VoterProofTest : public testing::Test {
 protected:
  // What was shown since the last call.
  std::vector<std::string> Shown() { return std::exchange(shown_, {}); }

  FakeClock clock_;
  uint64_t votes_at_ = 0;
  bool sealed_ = false;
  std::vector<std::string> shown_;
  VoterProof proof_{{[this] { return votes_at_; },
                     [this](uint64_t at) -> absl::StatusOr<std::string> {
                       if (sealed_) return absl::UnavailableError("sealed");
                       return absl::StrCat("proof of ", at);
                     },
                     [this](std::string proof) { shown_.push_back(proof); },
                     &clock_}};
};

TEST_F(VoterProofTest, WhoDoesNotVoteShowsNothing) {
  EXPECT_FALSE(proof_.Step());
  EXPECT_THAT(Shown(), IsEmpty());
}

TEST_F(VoterProofTest, AVoterShowsEachOfItsConfigurationsOnce) {
  votes_at_ = 3;
  EXPECT_TRUE(proof_.Step());
  EXPECT_FALSE(proof_.Step());
  votes_at_ = 7;
  EXPECT_TRUE(proof_.Step());
  EXPECT_THAT(Shown(), ElementsAre("proof of 3", "proof of 7"));
}

TEST_F(VoterProofTest, AndAgainNowAndThen) {
  votes_at_ = 3;
  proof_.Step();
  Shown();
  clock_.Advance(VoterProof::kRepeat);
  EXPECT_TRUE(proof_.Step());
  EXPECT_THAT(Shown(), ElementsAre("proof of 3"));
}

TEST_F(VoterProofTest, WhoVotesNoLongerTakesItBack) {
  votes_at_ = 3;
  proof_.Step();
  Shown();
  votes_at_ = 0;
  EXPECT_TRUE(proof_.Step());
  EXPECT_FALSE(proof_.Step());
  EXPECT_THAT(Shown(), ElementsAre(""));
}

TEST_F(VoterProofTest, AKeyOutOfReachIsTriedAgain) {
  sealed_ = true;
  votes_at_ = 3;
  EXPECT_FALSE(proof_.Step());
  EXPECT_THAT(Shown(), IsEmpty());
  sealed_ = false;
  EXPECT_TRUE(proof_.Step());
  EXPECT_THAT(Shown(), ElementsAre("proof of 3"));
}

TEST(ProofsTrustedByTest, ItIsTheNodesOwnAuthorityThatCounts) {
  const pki::TestPki pki;
  const pki::TestPki other(pki.now(), 2);
  const raft::ClusterId cluster(1, 2);
  const raft::MemberId member(3, 4);
  TlsIdentity tls;
  const raft::VoterProofCheck check = ProofsTrustedBy(&tls);
  const std::string proof = *pki::SignVoterStatement(
      pki.cluster_ca(), {cluster.ToHex(), member.ToHex(), 9});
  EXPECT_EQ(check(cluster, member, proof), raft::LogIndex(0)) << "no member";
  TlsMaterial material;
  material.roots_pem = pki.cluster_ca().certificate().ToPem();
  tls.Set(std::move(material));
  EXPECT_EQ(check(cluster, member, proof), raft::LogIndex(9));
  EXPECT_EQ(check(cluster, raft::MemberId(3, 5), proof), raft::LogIndex(0));
  const std::string foreign = *pki::SignVoterStatement(
      other.cluster_ca(), {cluster.ToHex(), member.ToHex(), 9});
  EXPECT_EQ(check(cluster, member, foreign), raft::LogIndex(0));
}

}  // namespace
}  // namespace microovn::agent
