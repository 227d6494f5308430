// SPDX-License-Identifier: Apache-2.0
#include "agent/member/peer_keys.h"

#include <memory>
#include <string>
#include <utility>

#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

constexpr absl::Duration kLife = absl::Hours(30 * 24);

// node1 asks, node2 shows a certificate; both vote.
class PeerKeysTest : public testing::Test {
 protected:
  PeerKeysTest() {
    statepb::Member member;
    member.set_member_id(peer_.member_id);
    member.set_certificate_pem(registered_.ToPem());
    member.add_spki_sha256(registered_.public_key().Fingerprint());
    state_.members.Put(peer_.member_id, member);
    facts_.self_id = self_;
    facts_.voters = {self_, peer_.member_id};
    facts_.now = pki_.now();
  }

  const ClusterFacts& Facts() {
    facts_.state = std::make_shared<const ClusterState>(state_);
    return facts_;
  }
  absl::Status Check(const pki::Certificate& certificate) {
    return CheckLogCaller(Facts(), peer_.member_id, certificate);
  }
  bool Accepts(ExpiredUse use, const pki::Certificate& certificate) {
    return AcceptsExpiredKey(Facts(), use, peer_.member_id, certificate);
  }
  pki::Certificate Made(absl::Duration ago) {
    return pki_.Member(peer_, ago).certificate;
  }

  pki::TestPki pki_;
  const std::string self_ = pki_.Facts("node1").member_id;
  const pki::MemberFacts peer_ = pki_.Facts("node2");
  const pki::Certificate registered_ =
      pki_.Member(peer_, absl::Hours(24)).certificate;
  ClusterState state_;
  ClusterFacts facts_;
};

TEST_F(PeerKeysTest, ARegisteredKeyIsEnoughForVotersAtAnyTime) {
  for (const absl::Duration later :
       {absl::ZeroDuration(), kLife, absl::Hours(3653 * 24)}) {
    facts_.now = pki_.now() + later;
    EXPECT_OK(Check(registered_)) << later;
    EXPECT_TRUE(Accepts(ExpiredUse::kLog, registered_));
    EXPECT_TRUE(Accepts(ExpiredUse::kRenewal, registered_));
  }
}

TEST_F(PeerKeysTest, ExpiredItIsNotEnoughWhereOneEndIsNoVoter) {
  for (const auto& voters :
       {std::set<std::string>{self_}, std::set<std::string>{peer_.member_id}}) {
    facts_.voters = voters;
    facts_.now = pki_.now();
    EXPECT_OK(Check(registered_));
    facts_.now = pki_.now() + kLife;
    EXPECT_THAT(Check(registered_), HasReason("BAD_PEER_CERTIFICATE"));
    EXPECT_FALSE(Accepts(ExpiredUse::kLog, registered_));
    EXPECT_TRUE(Accepts(ExpiredUse::kRenewal, registered_));
  }
}

TEST_F(PeerKeysTest, ARetiredKeyIsRefusedAlways) {
  const pki::Certificate retired = Made(absl::Hours(48));
  EXPECT_EQ(StandingOf(state_, peer_.member_id, retired, facts_.now),
            KeyStanding::kRetired);
  EXPECT_THAT(Check(retired), HasReason("CERTIFICATE_NOT_REGISTERED"));
  facts_.now = pki_.now() + kLife;
  EXPECT_THAT(Check(retired), HasReason("CERTIFICATE_NOT_REGISTERED"));
  EXPECT_FALSE(Accepts(ExpiredUse::kLog, retired));
  EXPECT_FALSE(Accepts(ExpiredUse::kRenewal, retired));
}

TEST_F(PeerKeysTest, AYoungerKeyCountsWhileNoLeaderIsHeard) {
  const pki::Certificate younger = Made(absl::ZeroDuration());
  EXPECT_EQ(StandingOf(state_, peer_.member_id, younger, facts_.now),
            KeyStanding::kYounger);
  for (const absl::Duration later : {absl::ZeroDuration(), kLife}) {
    facts_.now = pki_.now() + later;
    facts_.leader_id = "";
    EXPECT_OK(Check(younger));
    EXPECT_TRUE(Accepts(ExpiredUse::kLog, younger));
    facts_.leader_id = self_;
    EXPECT_THAT(Check(younger), HasReason("CERTIFICATE_NOT_REGISTERED"));
    EXPECT_FALSE(Accepts(ExpiredUse::kLog, younger));
  }
}

// By less than certificates are backdated, and by ten years.
TEST_F(PeerKeysTest, WhenClocksWereSetBackTheKeyThatIsValidNowCounts) {
  for (const absl::Duration back : {absl::Hours(30), absl::Hours(3653 * 24)}) {
    facts_.now = pki_.now() - back;
    facts_.leader_id = "";
    const pki::Certificate made_now = Made(back);
    EXPECT_OK(Check(made_now)) << back;
    EXPECT_THAT(Check(Made(back + kLife + absl::Hours(1))),
                HasReason("CERTIFICATE_NOT_REGISTERED"));
    facts_.leader_id = self_;
    EXPECT_THAT(Check(made_now), HasReason("CERTIFICATE_NOT_REGISTERED"));
  }
}

TEST_F(PeerKeysTest, ARemovedMemberIsRefusedWhateverItShows) {
  state_.members.Erase(peer_.member_id);
  state_.tombstones.Put(peer_.member_id, statepb::Tombstone());
  for (const absl::Duration later : {absl::ZeroDuration(), kLife}) {
    facts_.now = pki_.now() + later;
    EXPECT_THAT(Check(registered_), HasReason("MEMBER_REMOVED"));
    EXPECT_THAT(Check(Made(absl::ZeroDuration())), HasReason("MEMBER_REMOVED"));
    EXPECT_FALSE(Accepts(ExpiredUse::kLog, registered_));
    EXPECT_FALSE(Accepts(ExpiredUse::kRenewal, registered_));
  }
}

// Where the CA that made these certificates was replaced while node2 was off.
TEST_F(PeerKeysTest, OfARetiredCaTheRegisteredKeyIsEnoughForEveryMember) {
  statepb::Authority authority;
  authority.mutable_retired()->set_certificate_pem(
      pki_.cluster_ca().certificate().ToPem());
  state_.authorities.Put(AuthorityKey(statepb::PLANE_CLUSTER), authority);
  for (const auto& voters : {facts_.voters, std::set<std::string>{self_}}) {
    facts_.voters = voters;
    for (const absl::Duration later : {absl::ZeroDuration(), kLife}) {
      facts_.now = pki_.now() + later;
      facts_.leader_id = self_;
      EXPECT_OK(Check(registered_)) << later;
      EXPECT_TRUE(Accepts(ExpiredUse::kLog, registered_));
      EXPECT_TRUE(Accepts(ExpiredUse::kRenewal, registered_));
      // Who has that CA's key makes as many as he likes.
      facts_.leader_id = "";
      const pki::Certificate younger = Made(absl::ZeroDuration());
      EXPECT_FALSE(Check(younger).ok());
      EXPECT_FALSE(Accepts(ExpiredUse::kLog, younger));
      EXPECT_FALSE(Accepts(ExpiredUse::kRenewal, younger));
    }
  }
  state_.members.Erase(peer_.member_id);
  facts_.now = pki_.now();
  EXPECT_THAT(Check(registered_), HasReason("BAD_PEER_CERTIFICATE"))
      << "nobody is admitted by that CA";
}

TEST_F(PeerKeysTest, AMemberNotHeardOfYetSpeaksWithinItsDatesOnly) {
  state_.members.Erase(peer_.member_id);
  EXPECT_OK(Check(registered_));
  facts_.now = pki_.now() + kLife;
  EXPECT_THAT(Check(registered_), HasReason("BAD_PEER_CERTIFICATE"));
  EXPECT_FALSE(Accepts(ExpiredUse::kLog, registered_));
}

}  // namespace
}  // namespace microovn::agent
