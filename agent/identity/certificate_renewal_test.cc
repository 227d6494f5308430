// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/certificate_renewal.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/state/testing/commands.h"
#include "base/crypto/random.h"
#include "base/status/status_macros.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/certificate_request.h"
#include "pki/certificate/profile.h"
#include "pki/key/key_access.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

TEST(NextRenewalStepTest, IsDecidedFromTheRecordAndTheTime) {
  const absl::Time start = absl::FromUnixSeconds(kTestTime);
  constexpr auto kActive = statepb::Member::STATE_ACTIVE;
  constexpr auto kNothing = RenewalStep::kNothing;
  constexpr auto kRenew = RenewalStep::kRenew;
  constexpr auto kRetire = RenewalStep::kRetireOldKeys;
  const struct {
    const char* what;
    statepb::Member::State state;
    std::vector<std::string> keys;
    absl::Duration after_start;
    absl::Duration shown_for;
    RenewalStep step;
  } cases[] = {
      {"young", kActive, {"new"}, absl::Hours(1), absl::Hours(1), kNothing},
      {"before its time",
       kActive,
       {"new"},
       absl::Hours(15) - absl::Seconds(1),
       absl::Hours(1),
       kNothing},
      {"at its time",
       kActive,
       {"new"},
       absl::Hours(15),
       absl::Hours(1),
       kRenew},
      {"expired", kActive, {"new"}, absl::Hours(31), absl::Hours(1), kRenew},
      {"made under a clock that was ahead",
       kActive,
       {"new"},
       -absl::Hours(1),
       absl::Hours(1),
       kRenew},
      {"renewed a moment ago",
       kActive,
       {"old", "new"},
       absl::Hours(1),
       kKeyOverlap - absl::Milliseconds(1),
       kNothing},
      {"renewed a while ago",
       kActive,
       {"old", "new"},
       absl::Hours(1),
       kKeyOverlap,
       kRetire},
      {"due again before the old key is retired",
       kActive,
       {"old", "new"},
       absl::Hours(20),
       absl::Hours(1),
       kRenew},
      {"not registered: nothing else may be taken away",
       kActive,
       {"old", "other"},
       absl::Hours(1),
       absl::Hours(1),
       kNothing},
      {"joining",
       statepb::Member::STATE_JOINING,
       {"new"},
       absl::Hours(20),
       absl::Hours(1),
       kNothing},
      {"leaving",
       statepb::Member::STATE_LEAVING,
       {"old", "new"},
       absl::Hours(20),
       absl::Hours(1),
       kNothing},
  };
  for (const auto& test : cases) {
    statepb::Member self;
    self.set_state(test.state);
    for (const std::string& key : test.keys) self.add_spki_sha256(key);
    ShownCertificate shown;
    shown.spki_sha256 = "new";
    shown.validity = {start, start + absl::Hours(30)};
    shown.renewal_time = start + absl::Hours(15);
    shown.shown_since = absl::Hours(100);
    EXPECT_EQ(NextRenewalStep(self, shown, start + test.after_start,
                              shown.shown_since + test.shown_for),
              test.step)
        << test.what;
  }
}

// One member with a certificate of thirty days, and a leader that issues by
// the clock that it is given.
class CertificateRenewalTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(store_.SaveCredentials(CredentialsOf(pki_.Member(facts_))));
    Register({Shown()->public_key().Fingerprint()});
    CertificateRenewal::Parts parts;
    parts.store = &store_;
    parts.state = &state_;
    parts.tls = &tls_;
    parts.clock = &clock_;
    parts.random = &random_;
    parts.self_id = facts_.member_id;
    parts.issue = [this](const peerpb::IssueCertificatesRequest& request) {
      return Issue(request);
    };
    parts.propose = [this](statepb::Command command) {
      proposed_.push_back(std::move(command));
      return absl::OkStatus();
    };
    parts.see = [this](const ClusterCredentials& shown) {
      seen_ = shown.cluster_ca_pem;
      return served_;
    };
    parts.progress = &progress_;
    renewal_ = std::make_unique<CertificateRenewal>(std::move(parts));
  }

  ClusterCredentials CredentialsOf(const pki::TestLeaf& leaf) const {
    ClusterCredentials credentials;
    credentials.certificate_pem = leaf.certificate.ToPem();
    credentials.cluster_ca_pem = pki_.cluster_ca().certificate().ToPem();
    auto key = leaf.key.ToPem(pki::KeyAccess::Granted());
    if (key.ok()) credentials.key_pem = *std::move(key);
    return credentials;
  }

  // What the node would show after a restart.
  absl::StatusOr<pki::Certificate> Shown() const {
    ASSIGN_OR_RETURN(const ClusterCredentials kept, store_.LoadCredentials());
    return pki::Certificate::FromPem(kept.certificate_pem);
  }

  static std::string PemOf(const pki::TestPki& pki) {
    return pki.cluster_ca().certificate().ToPem();
  }

  // A rotation has come so far: `issuer` issues, and the CAs of `bundle` are
  // trusted.
  void Rotate(uint64_t generation, pki::TestPki& issuer,
              const std::string& bundle) {
    issuing_ = &issuer;
    bundle_ = bundle;
    ClusterState state = *state_.Current();
    statepb::Authority authority;
    authority.set_plane(statepb::PLANE_CLUSTER);
    authority.set_certificate_pem(PemOf(issuer));
    authority.set_bundle_pem(bundle);
    authority.set_generation(generation);
    authority.set_rotation_id(TestId("rotation"));
    state.authorities.Put("cluster", authority);
    state_.Publish(std::make_shared<const ClusterState>(std::move(state)));
  }

  void Register(const std::vector<std::string>& keys) {
    ClusterState state;
    statepb::Member self;
    self.set_member_id(facts_.member_id);
    self.set_state(statepb::Member::STATE_ACTIVE);
    for (const std::string& key : keys) self.add_spki_sha256(key);
    state.members.Put(facts_.member_id, self);
    state_.Publish(std::make_shared<const ClusterState>(std::move(state)));
  }

  absl::StatusOr<peerpb::IssueCertificatesResponse> Issue(
      const peerpb::IssueCertificatesRequest& request) {
    ++asked_;
    if (!leader_.ok()) return leader_;
    ASSIGN_OR_RETURN(const pki::CertificateRequest asked,
                     pki::CertificateRequest::FromPem(
                         request.demands(0).certificate_request_pem()));
    ASSIGN_OR_RETURN(const pki::Profile profile, pki::MemberProfile(facts_));
    ASSIGN_OR_RETURN(
        const pki::Certificate made,
        issuing_->cluster_ca().Issue(profile, asked.public_key(),
                                     clock_.Now() + leader_ahead_, random_));
    in_use_ = request.key_in_use();
    peerpb::IssueCertificatesResponse response;
    response.add_certificates_pem(made.ToPem());
    if (!incomplete_) response.set_cluster_bundle_pem(bundle_);
    return response;
  }

  TempDir directory_;
  FakeClock clock_;
  SeededRandom random_{5};
  pki::TestPki pki_;
  const pki::MemberFacts facts_ = pki_.Facts("node1");
  IdentityStore store_{directory_.path()};
  StateStore state_;
  TlsIdentity tls_;
  pki::TestPki next_{absl::FromUnixSeconds(1'700'000'000), 2};
  pki::TestPki* issuing_ = &pki_;
  std::string bundle_ = PemOf(pki_);
  CaProgress progress_;
  absl::Status served_;
  // What was trusted when this agent's port was looked at.
  std::string seen_;
  absl::Status leader_;
  absl::Duration leader_ahead_;
  bool incomplete_ = false;
  int asked_ = 0;
  std::string in_use_;
  std::vector<statepb::Command> proposed_;
  std::unique_ptr<CertificateRenewal> renewal_;
};

TEST_F(CertificateRenewalTest, ANewCertificateIsKeptAndShownAtHalfLife) {
  const std::string old = Shown()->public_key().Fingerprint();
  EXPECT_OK(renewal_->RunOnce());
  EXPECT_EQ(asked_, 0);
  clock_.Advance(absl::Hours(20 * 24));
  EXPECT_OK(renewal_->RunOnce());
  EXPECT_EQ(asked_, 1);
  EXPECT_EQ(in_use_, old);
  const std::string now = Shown()->public_key().Fingerprint();
  EXPECT_NE(now, old);
  ASSERT_NE(tls_.Current(), nullptr);
  EXPECT_EQ(tls_.Current()->chain_pem.find(Shown()->ToPem()), 0u);

  // The leader has registered both; the old one goes when nobody uses it.
  Register({old, now});
  EXPECT_OK(renewal_->RunOnce());
  EXPECT_TRUE(proposed_.empty());
  clock_.Advance(kKeyOverlap);
  EXPECT_OK(renewal_->RunOnce());
  ASSERT_EQ(proposed_.size(), 1u);
  EXPECT_EQ(proposed_[0].renew_member().spki_sha256_size(), 1);
  EXPECT_EQ(proposed_[0].renew_member().spki_sha256(0), now);
  EXPECT_EQ(asked_, 1);
}

TEST_F(CertificateRenewalTest, WhatIsShownStaysUntilThereIsAWholeNewOne) {
  const std::string old = Shown()->public_key().Fingerprint();
  clock_.Advance(absl::Hours(20 * 24));
  leader_ = absl::UnavailableError("no leader");
  EXPECT_THAT(renewal_->RunOnce(), StatusIs(absl::StatusCode::kUnavailable));
  leader_ = absl::OkStatus();
  incomplete_ = true;
  EXPECT_THAT(renewal_->RunOnce(), StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(Shown()->public_key().Fingerprint(), old);
  EXPECT_EQ(tls_.Current(), nullptr) << "nothing was shown anew";
  incomplete_ = false;
  EXPECT_OK(renewal_->RunOnce());
  EXPECT_NE(Shown()->public_key().Fingerprint(), old);
}

TEST_F(CertificateRenewalTest, AnExpiredOneIsRenewedWheneverThatWas) {
  clock_.Advance(absl::Hours(3653 * 24));
  EXPECT_OK(renewal_->RunOnce());
  EXPECT_EQ(asked_, 1);
  EXPECT_GT(Shown()->not_after(), clock_.Now());
  EXPECT_OK(renewal_->RunOnce());
  EXPECT_EQ(asked_, 1);
}

TEST_F(CertificateRenewalTest, AClockThatNobodySharesRenewsOnceInTenMinutes) {
  // This node's clock is forty days ahead of the leader's.
  clock_.Jump(absl::Hours(40 * 24));
  leader_ahead_ = -absl::Hours(40 * 24);
  for (int look = 0; look < 5; ++look) EXPECT_OK(renewal_->RunOnce());
  EXPECT_EQ(asked_, 1);
  clock_.Advance(kInVainPause);
  EXPECT_OK(renewal_->RunOnce());
  EXPECT_EQ(asked_, 2);
  // And with the clock set right there is nothing to do.
  clock_.Jump(-absl::Hours(40 * 24));
  clock_.Advance(kInVainPause);
  EXPECT_OK(renewal_->RunOnce());
  EXPECT_EQ(asked_, 2);
}

TEST_F(CertificateRenewalTest, FollowsARotationOfTheClusterCa) {
  const std::string old_ca = PemOf(pki_);
  const std::string new_ca = PemOf(next_);
  EXPECT_OK(renewal_->RunOnce());
  EXPECT_EQ(progress_.published, 0u) << "nothing is rotated";

  // Both are trusted; its certificate is as good as before.
  Rotate(2, pki_, old_ca + new_ca);
  served_ = absl::UnavailableError("it serves the old list");
  EXPECT_THAT(renewal_->RunOnce(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(asked_, 0);
  ASSERT_NE(tls_.Current(), nullptr);
  EXPECT_EQ(tls_.Current()->roots_pem, old_ca + new_ca);
  EXPECT_EQ(progress_.published, 2u);
  EXPECT_EQ(progress_.observed, 0u);
  served_ = absl::OkStatus();
  EXPECT_OK(renewal_->RunOnce());
  EXPECT_EQ(seen_, old_ca + new_ca);
  EXPECT_EQ(progress_.observed, 2u);

  // The successor issues.
  Rotate(3, next_, new_ca + old_ca);
  EXPECT_OK(renewal_->RunOnce());
  EXPECT_EQ(asked_, 1);
  EXPECT_EQ(Shown()->issuer(), next_.cluster_ca().certificate().subject());
  EXPECT_EQ(progress_.observed, 3u);
  EXPECT_OK(renewal_->RunOnce());
  EXPECT_EQ(asked_, 1) << "once";

  // The predecessor is retired.
  Rotate(4, next_, new_ca);
  EXPECT_OK(renewal_->RunOnce());
  EXPECT_EQ(tls_.Current()->roots_pem, new_ca);
  EXPECT_EQ(store_.LoadCredentials()->cluster_ca_pem, new_ca);
  EXPECT_EQ(progress_.observed, 4u);
  EXPECT_EQ(asked_, 1);
}

TEST_F(CertificateRenewalTest, AfterARestartItGoesOnWithARotation) {
  Rotate(3, next_, PemOf(next_) + PemOf(pki_));
  leader_ = absl::UnavailableError("no leader");
  EXPECT_THAT(renewal_->RunOnce(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(progress_.published, 0u) << "trusted, and not of it";
  EXPECT_EQ(store_.LoadCredentials()->cluster_ca_pem, bundle_);
  leader_ = absl::OkStatus();
  EXPECT_OK(renewal_->RunOnce());
  EXPECT_EQ(progress_.observed, 3u);
}

TEST_F(CertificateRenewalTest, WhoIsNoMemberRenewsNothing) {
  state_.Publish(std::make_shared<const ClusterState>());
  clock_.Advance(absl::Hours(20 * 24));
  EXPECT_OK(renewal_->RunOnce());
  EXPECT_EQ(asked_, 0);
}

}  // namespace
}  // namespace microovn::agent
