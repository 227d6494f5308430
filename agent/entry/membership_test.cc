// SPDX-License-Identifier: Apache-2.0
// Founding a cluster and admitting a joiner, with real keys and the real
// Apply, but without a log or a network.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/cluster/testing/fake_membership.h"
#include "agent/entry/admission.h"
#include "agent/entry/founding.h"
#include "agent/entry/joining.h"
#include "agent/identity/certificate_renewal.h"
#include "agent/identity/identity_store.h"
#include "agent/identity/sealing.h"
#include "agent/issuing/certificate_issuer.h"
#include "agent/issuing/issuing.h"
#include "agent/server/tls_identity.h"
#include "agent/state/values/features.h"
#include "base/crypto/random.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/certificate_request.h"
#include "pki/certificate/chain_verifier.h"
#include "pki/certificate/profile.h"
#include "pki/certificate/trust_bundle.h"
#include "pki/join/join_token.h"
#include "pki/key/key_access.h"
#include "pki/key/private_key.h"
#include "pki/name/member_name.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

NodeSettings FirstNode() {
  return {
      *pki::MemberName::Parse("node1"), {"10.0.0.1", 6686}, "10.0.0.1", {}, {}};
}

class MembershipTest : public testing::Test {
 protected:
  void SetUp() override {
    const IdentityStore store(founder_dir_.path());
    auto sealing_key = LoadSealingKey(store, clock_, random_);
    ASSERT_OK(sealing_key);
    sealing_key_.emplace(*std::move(sealing_key));
    const FoundingRequest request = {FirstNode(), "1", "", SecretString()};
    auto founding = FoundCluster(request, *sealing_key_, clock_, random_);
    ASSERT_OK(founding);
    leader_ = std::make_unique<FakeMembership>(founding->identity,
                                               ClusterState(), &clock_);
    ASSERT_OK(leader_->Propose(founding->command, kProposeTimeout));
    issuer_ =
        std::make_unique<CertificateIssuer>(&*sealing_key_, &clock_, &random_);
    founding_.emplace(*std::move(founding));
  }

  std::string NewToken(const std::string& name) {
    peerpb::IssueTokenRequest request;
    request.set_member_name(name);
    request.set_ttl_seconds(3600);
    const auto issued = IssueTokenFor(*leader_, *issuer_, request);
    EXPECT_OK(issued);
    return issued.ok() ? issued->encoded() : "";
  }

  // A whole join of `name` with `encoded`, the network aside.
  absl::StatusOr<Admission> Join(const std::string& encoded,
                                 const std::string& name) {
    auto token = pki::DecodeJoinToken(encoded);
    if (!token.ok()) return token.status();
    const TempDir dir;
    auto sealing_key =
        LoadSealingKey(IdentityStore(dir.path()), clock_, random_);
    if (!sealing_key.ok()) return sealing_key.status();
    JoinPorts ports;
    ports.clock = &clock_;
    ports.sleep = [this](absl::Duration by) { clock_.Advance(by); };
    ports.fetch =
        [this](const HostPort& address) -> absl::StatusOr<PinnedMember> {
      if (address.host == dead_host_) return absl::UnavailableError("off");
      return PinnedMember{address, "", ""};
    };
    ports.ask = [this](const PinnedMember&, const peerpb::AdmitRequest& request)
        -> absl::StatusOr<peerpb::AdmitResponse> {
      peerpb::AdmitRequest sent = request;
      if (tamper_) tamper_(sent);
      sent_ = sent;
      auto answer = AdmitJoiner(*leader_, {issuer_.get(), &random_}, sent);
      if (++asked_ <= lost_) return absl::UnavailableError("lost");
      return answer;
    };
    const JoinRequest request = {{*pki::MemberName::Parse(name),
                                  {"10.0.0.2", 6686},
                                  "10.0.0.2",
                                  services_,
                                  {}},
                                 "1",
                                 /*incarnation=*/77};
    return RequestAdmission(request, *token, *sealing_key, ports);
  }

  FakeClock clock_;
  RandomSource& random_ = RandomSource::Real();
  TempDir founder_dir_;
  std::optional<pki::SealingKey> sealing_key_;
  std::optional<Founding> founding_;
  std::unique_ptr<FakeMembership> leader_;
  std::unique_ptr<CertificateIssuer> issuer_;
  std::function<void(peerpb::AdmitRequest&)> tamper_;
  // What was asked last.
  peerpb::AdmitRequest sent_;
  std::string dead_host_;
  // How many answers a joiner does not get, and how often it has asked.
  int lost_ = 0;
  int asked_ = 0;
  // Of joiners; empty for the defaults.
  std::vector<statepb::Service> services_;
};

TEST_F(MembershipTest, TheStateHoldsNoPrivateKeyInClear) {
  const auto state = leader_->state();
  ASSERT_EQ(state->authorities.size(), 2u);
  for (const auto& [key, authority] : state->authorities.records()) {
    EXPECT_EQ(authority->DebugString().find("PRIVATE"), std::string::npos);
    EXPECT_FALSE(authority->sealed_key().empty());
  }
}

TEST_F(MembershipTest, AJoinerGetsACertificateOfTheClusterAndUsesUpItsToken) {
  const std::string token = NewToken("node2");
  const auto admission = Join(token, "node2");
  ASSERT_OK(admission);
  // By it the log knows this node's data directory.
  EXPECT_EQ(leader_->state()
                ->members.Find(admission->identity.member_id())
                ->incarnation(),
            77u);
  EXPECT_EQ(admission->identity.phase(),
            internal::node::v1::NodeIdentity::PHASE_JOINING);
  // Whom it lets lead until it has the log.
  EXPECT_EQ(
      admission->voters,
      (std::vector<raft::MemberId>{*raft::MemberId::FromHex(leader_->id())}));
  const auto leaf =
      pki::Certificate::FromPem(admission->credentials.certificate_pem);
  const auto anchors =
      pki::TrustBundle::FromPem(admission->credentials.cluster_ca_pem);
  ASSERT_OK(leaf);
  ASSERT_OK(anchors);
  EXPECT_OK(pki::VerifyChain(*anchors, {*leaf,
                                        {},
                                        pki::Purpose::kTlsClient,
                                        clock_.Now(),
                                        admission->identity.member_id()}));
  const auto state = leader_->state();
  const statepb::Member* member = FindMember(*state, "node2");
  ASSERT_NE(member, nullptr);
  EXPECT_EQ(member->state(), statepb::Member::STATE_JOINING);
  EXPECT_EQ(FindMemberByKey(*state, leaf->public_key().Fingerprint()), member);

  EXPECT_THAT(Join(token, "node2"), HasReason("TOKEN_USED"));
}

TEST_F(MembershipTest, AJoinerWhoseAnswerIsLostGetsItWhenItAsksAgain) {
  lost_ = 3;
  const auto admission = Join(NewToken("node2"), "node2");
  ASSERT_OK(admission);
  EXPECT_EQ(asked_, 4);
  const auto state = leader_->state();
  EXPECT_EQ(state->members.size(), 2u);
  const statepb::Member* member = FindMember(*state, "node2");
  ASSERT_NE(member, nullptr);
  EXPECT_EQ(admission->identity.member_id(), member->member_id());
  EXPECT_EQ(admission->credentials.certificate_pem, member->certificate_pem());
}

TEST_F(MembershipTest, AJoinerThatIsNeverAnsweredGivesUp) {
  lost_ = 1000;
  EXPECT_THAT(Join(NewToken("node2"), "node2"),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_GT(asked_, 10);
}

TEST_F(MembershipTest, ATokenIsForOneName) {
  const std::string token = NewToken("node2");
  EXPECT_FALSE(Join(token, "node3").ok());
  EXPECT_OK(Join(token, "node2")) << "the wrong try has not used it up";
}

TEST_F(MembershipTest, AnExpiredTokenIsRefused) {
  const std::string token = NewToken("node2");
  clock_.Advance(absl::Hours(2));
  EXPECT_FALSE(Join(token, "node2").ok());
  EXPECT_EQ(FindMember(*leader_->state(), "node2"), nullptr);
}

TEST_F(MembershipTest, WrongProofsAreCountedAndLockTheToken) {
  const std::string token = NewToken("node2");
  tamper_ = [](peerpb::AdmitRequest& request) {
    request.set_address("10.0.0.66:6686");
  };
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(Join(token, "node2"), HasReason("JOIN_STATEMENT_REFUSED"));
  }
  tamper_ = nullptr;
  EXPECT_THAT(Join(token, "node2"), HasReason("TOKEN_LOCKED"));
}

// By the member that passes the request on: with a sealing certificate of its
// own it would get the keys of the CAs once the joiner votes.
TEST_F(MembershipTest, NothingThatAJoinerAsksForIsChangedOnTheWay) {
  const std::string thief = sealing_key_->certificate().ToPem();
  const struct {
    const char* what;
    std::function<void(peerpb::AdmitRequest&)> tamper;
  } cases[] = {
      {"sealing certificate",
       [&](auto& r) { r.set_sealing_certificate_pem(thief); }},
      {"tunnel address", [](auto& r) { r.set_encap_ip("10.0.0.77"); }},
      {"no tunnel address", [](auto& r) { r.clear_encap_ip(); }},
      {"services", [](auto& r) { r.add_services(statepb::SERVICE_CENTRAL); }},
      {"no services", [](auto& r) { r.clear_services(); }},
      {"defaults", [](auto& r) { r.set_default_services(true); }},
      {"address", [](auto& r) { r.set_address("10.0.0.66:6686"); }},
      {"version", [](auto& r) { r.set_version("2"); }},
      {"features", [](auto& r) { r.mutable_features(0)->set_level(9); }},
      {"fewer features", [](auto& r) { r.mutable_features()->RemoveLast(); }},
      {"incarnation", [](auto& r) { r.set_incarnation(78); }},
      {"signature", [](auto& r) { r.mutable_signature()->back() ^= 1; }},
      {"certificate request",
       [](auto& r) {
         const auto key = pki::PrivateKey::Generate();
         const auto request = pki::CertificateRequest::Create(*key);
         r.set_certificate_request_pem(request->ToPem());
       }},
  };
  services_ = {statepb::SERVICE_SWITCH};
  int number = 10;
  for (const auto& test : cases) {
    const std::string name = "node" + std::to_string(++number);
    const std::string token = NewToken(name);
    tamper_ = test.tamper;
    const size_t before = leader_->proposals().size();
    EXPECT_THAT(Join(token, name), HasReason("JOIN_STATEMENT_REFUSED"))
        << test.what;
    ASSERT_EQ(leader_->proposals().size(), before + 1) << test.what;
    EXPECT_TRUE(leader_->proposals().back().has_count_token_failure());
    EXPECT_EQ(leader_->state()->members.size(), 1u) << test.what;
  }
  tamper_ = nullptr;
  EXPECT_OK(Join(NewToken("node2"), "node2"));
}

// Older members would not apply it as this one does.
TEST_F(MembershipTest, NobodyJoinsBeforeAllMembersCanCheckWhatIsSigned) {
  const std::string token = NewToken("node2");
  ClusterState state = *leader_->state();
  state.features.Erase(kFeatureJoinStatement);
  leader_ =
      std::make_unique<FakeMembership>(founding_->identity, state, &clock_);
  for (int i = 0; i < 6; ++i) {
    EXPECT_THAT(Join(token, "node2"), HasReason("FEATURE_NOT_SUPPORTED"));
  }
  EXPECT_TRUE(leader_->proposals().empty()) << "no attempt is counted";
}

// A wrong attempt by who has the token costs no entry but the count.
TEST_F(MembershipTest, WhatATokenDoesNotAllowIsRefusedWithoutAnEntry) {
  const std::string token = NewToken("node2");
  const std::string expired = NewToken("node3");
  const struct {
    const char* reason;
    std::function<void(peerpb::AdmitRequest&)> tamper;
  } cases[] = {
      {"TOKEN_NAME_MISMATCH", [](auto& r) { r.set_name("node9"); }},
      {"MEMBER_ADDRESS_TAKEN", [](auto& r) { r.set_address("10.0.0.1:6686"); }},
      {"TOKEN_UNKNOWN", [](auto& r) { r.set_token_id(std::string(32, 'f')); }},
      {"BAD_ADDRESS", [](auto& r) { r.set_encap_ip("nowhere"); }},
      {"ENCAP_ADDRESS_TAKEN", [](auto& r) { r.set_encap_ip("10.0.0.1"); }},
      {"ENCAP_ADDRESS_UNFIT", [](auto& r) { r.set_encap_ip("fd00::2"); }},
      {"BAD_ADDRESS", [](auto& r) { r.set_address("node2:6686"); }},
      {"BAD_ADDRESS", [](auto& r) { r.set_address("10.0.0.2"); }},
      {"BAD_ADDRESS", [](auto& r) { r.clear_address(); }},
      {"MEMBER_NAME_INVALID", [](auto& r) { r.set_name("../node2"); }},
      {"MEMBER_ADDRESS_TAKEN",
       [](auto& r) { r.set_address("10.0.0.1:06686"); }},
      {"", [](auto& r) { r.set_sealing_certificate_pem("none"); }},
      {"", [](auto& r) { r.set_certificate_request_pem("none"); }},
  };
  for (const auto& test : cases) {
    const size_t before = leader_->proposals().size();
    tamper_ = test.tamper;
    const auto joined = Join(token, "node2");
    EXPECT_FALSE(joined.ok()) << test.reason;
    if (*test.reason != '\0') EXPECT_THAT(joined, HasReason(test.reason));
    EXPECT_EQ(leader_->proposals().size(), before) << joined.status();
  }
  tamper_ = nullptr;
  clock_.Advance(absl::Hours(2));
  // So that the log's clock has moved.
  statepb::Command config;
  config.mutable_set_config()->set_key("cluster.voters");
  config.mutable_set_config()->set_value("3");
  ASSERT_OK(leader_->Propose(config, kProposeTimeout));
  const size_t before = leader_->proposals().size();
  EXPECT_THAT(Join(expired, "node3"), HasReason("TOKEN_EXPIRED"));
  EXPECT_EQ(leader_->proposals().size(), before);
}

TEST_F(MembershipTest, ALockedTokenCostsNothingMore) {
  const std::string token = NewToken("node2");
  tamper_ = [](peerpb::AdmitRequest& request) {
    request.set_address("10.0.0.66:6686");
  };
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(Join(token, "node2").ok());
  const size_t before = leader_->proposals().size();
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Join(token, "node2"), HasReason("TOKEN_LOCKED"));
  }
  tamper_ = nullptr;
  EXPECT_THAT(Join(token, "node2"), HasReason("TOKEN_LOCKED"));
  EXPECT_EQ(leader_->proposals().size(), before);
}

TEST_F(MembershipTest, ARequestIsTheSameWhoeverPassesItOn) {
  const auto admission = Join(NewToken("node2"), "node2");
  ASSERT_OK(admission);
  sent_.set_forwarded(true);
  const auto again = AdmitJoiner(*leader_, {issuer_.get(), &random_}, sent_);
  ASSERT_OK(again);
  EXPECT_EQ(again->member().member_id(), admission->identity.member_id());
  EXPECT_EQ(leader_->state()->members.size(), 2u);
}

// Its token is good again, and the certificate that it did not hear of is not.
TEST_F(MembershipTest, AJoinThatWasTakenBackIsNotAnsweredAsBefore) {
  lost_ = 1000;
  ASSERT_FALSE(Join(NewToken("node2"), "node2").ok());
  const statepb::Member* member = FindMember(*leader_->state(), "node2");
  ASSERT_NE(member, nullptr);
  statepb::Command command;
  command.mutable_take_back_member()->set_member_id(member->member_id());
  command.mutable_take_back_member()->set_reason("it did not come");
  ASSERT_OK(leader_->Propose(command, kProposeTimeout));
  EXPECT_THAT(AdmitJoiner(*leader_, {issuer_.get(), &random_}, sent_),
              HasReason("MEMBER_NOT_JOINING"));
}

TEST_F(MembershipTest, AnAddressThatCannotBeUsedDoesNotEndTheSearch) {
  const auto node2 = Join(NewToken("node2"), "node2");
  ASSERT_OK(node2);
  statepb::Command confirm;
  confirm.mutable_confirm_member()->set_member_id(node2->identity.member_id());
  ASSERT_OK(leader_->Propose(confirm, kProposeTimeout));
  for (const char* dead : {"10.0.0.1", "10.0.0.2"}) {
    dead_host_ = dead;
    asked_ = 0;
    // Its address is node2's: a member has been asked, and refuses.
    EXPECT_THAT(Join(NewToken("node3"), "node3"),
                HasReason("MEMBER_ADDRESS_TAKEN"))
        << dead;
    EXPECT_EQ(asked_, 1) << dead;
  }
}

TEST_F(MembershipTest, ACaThatWasGivenIsUsedAndNotRenewed) {
  pki::TestPki given(clock_.Now());
  FoundingRequest request = {FirstNode(), "1", "", SecretString()};
  const auto ours = FoundCluster(request, *sealing_key_, clock_, random_);
  ASSERT_OK(ours);
  request.ovn_ca_pem = given.ovn_ca().certificate().ToPem();
  auto key = given.ovn_ca()
                 .key(pki::KeyAccess::Granted())
                 .ToPem(pki::KeyAccess::Granted());
  ASSERT_OK(key);
  request.ovn_ca_key_pem = *std::move(key);
  const auto theirs = FoundCluster(request, *sealing_key_, clock_, random_);
  ASSERT_OK(theirs);
  const auto ovn = [](const Founding& founding) {
    for (const auto& authority : founding.command.bootstrap().authorities()) {
      if (authority.plane() == statepb::PLANE_OVN) return authority;
    }
    return statepb::Authority();
  };
  EXPECT_FALSE(ovn(*ours).user_supplied());
  EXPECT_TRUE(ovn(*theirs).user_supplied());
  EXPECT_EQ(ovn(*theirs).certificate_pem(), request.ovn_ca_pem);
  for (const auto& authority : theirs->command.bootstrap().authorities()) {
    if (authority.plane() == statepb::PLANE_OVN) continue;
    EXPECT_FALSE(authority.user_supplied());
  }
  request.ovn_ca_pem = "no certificate";
  EXPECT_FALSE(FoundCluster(request, *sealing_key_, clock_, random_).ok());
}

class RenewalTest : public MembershipTest {
 protected:
  void SetUp() override {
    MembershipTest::SetUp();
    ASSERT_OK(store_.SaveCredentials(founding_->credentials));
  }

  CertificateRenewal Renewal() {
    CertificateRenewal::Parts parts;
    parts.store = &store_;
    parts.state = &leader_->store();
    parts.tls = &tls_;
    parts.clock = &clock_;
    parts.random = &random_;
    parts.self_id = leader_->id();
    parts.issue = [this](const peerpb::IssueCertificatesRequest& request)
        -> absl::StatusOr<peerpb::IssueCertificatesResponse> {
      auto issued = IssueForMember(*leader_, *issuer_, leader_->id(), request);
      if (lose_answer_) return absl::UnavailableError("lost");
      return issued;
    };
    parts.propose = [this](statepb::Command command) {
      return leader_->Propose(std::move(command), kProposeTimeout).status();
    };
    return CertificateRenewal(std::move(parts));
  }

  std::string StoredKey() {
    const auto credentials = store_.LoadCredentials();
    EXPECT_OK(credentials);
    const auto certificate =
        pki::Certificate::FromPem(credentials->certificate_pem);
    EXPECT_OK(certificate);
    const auto key = pki::PrivateKey::FromPem(credentials->key_pem.Reveal(),
                                              pki::KeyAccess::Granted());
    EXPECT_OK(key);
    EXPECT_EQ(key->public_key().Fingerprint(),
              certificate->public_key().Fingerprint());
    return certificate->public_key().Fingerprint();
  }

  std::vector<std::string> Registered() {
    const auto state = leader_->state();
    const auto& keys = state->members.Find(leader_->id())->spki_sha256();
    return {keys.begin(), keys.end()};
  }

  const IdentityStore store_{founder_dir_.path()};
  TlsIdentity tls_;
  bool lose_answer_ = false;
};

TEST_F(RenewalTest, HappensAtHalfOfTheLifeAndRetiresTheOldKey) {
  CertificateRenewal renewal = Renewal();
  const std::string first = StoredKey();
  // A tenth of the half is left to chance.
  clock_.Advance(pki::kMemberLifetime * 0.44);
  ASSERT_OK(renewal.RunOnce());
  EXPECT_EQ(StoredKey(), first);
  EXPECT_EQ(tls_.Current(), nullptr);

  clock_.Advance(pki::kMemberLifetime * 0.12);
  ASSERT_OK(renewal.RunOnce());
  const std::string second = StoredKey();
  EXPECT_NE(second, first);
  EXPECT_THAT(Registered(), testing::UnorderedElementsAre(first, second));
  ASSERT_NE(tls_.Current(), nullptr);
  EXPECT_EQ(tls_.Current()->key_pem.Reveal(),
            store_.LoadCredentials()->key_pem.Reveal());

  clock_.Advance(kKeyOverlap - absl::Seconds(1));
  ASSERT_OK(renewal.RunOnce());
  EXPECT_EQ(Registered().size(), 2u);
  clock_.Advance(absl::Seconds(1));
  ASSERT_OK(renewal.RunOnce());
  EXPECT_THAT(Registered(), testing::ElementsAre(second));
  const auto state = leader_->state();
  EXPECT_EQ(state->members.Find(leader_->id())->certificate_pem(),
            store_.LoadCredentials()->certificate_pem);
  ASSERT_OK(renewal.RunOnce());
  EXPECT_EQ(StoredKey(), second);
}

TEST_F(RenewalTest, ALostAnswerLeavesTheOldCertificateInUse) {
  CertificateRenewal renewal = Renewal();
  const std::string first = StoredKey();
  clock_.Advance(pki::kMemberLifetime * 0.6);
  lose_answer_ = true;
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(renewal.RunOnce().ok());
    EXPECT_EQ(StoredKey(), first);
    // The key of the try before, which nobody has, goes.
    EXPECT_EQ(Registered().size(), 2u);
    EXPECT_EQ(Registered()[0], first);
  }
  lose_answer_ = false;
  ASSERT_OK(renewal.RunOnce());
  clock_.Advance(kKeyOverlap);
  ASSERT_OK(renewal.RunOnce());
  EXPECT_THAT(Registered(), testing::ElementsAre(StoredKey()));
}

// After a crash between the two, another process retires the old key.
TEST_F(RenewalTest, ARestartGoesOn) {
  clock_.Advance(pki::kMemberLifetime * 0.6);
  {
    CertificateRenewal renewal = Renewal();
    ASSERT_OK(renewal.RunOnce());
  }
  EXPECT_EQ(Registered().size(), 2u);
  CertificateRenewal renewal = Renewal();
  ASSERT_OK(renewal.RunOnce());
  EXPECT_EQ(Registered().size(), 2u) << "it has not shown the new one yet";
  clock_.Advance(kKeyOverlap);
  ASSERT_OK(renewal.RunOnce());
  EXPECT_THAT(Registered(), testing::ElementsAre(StoredKey()));
}

TEST_F(RenewalTest, LastsAsLongAsConfigured) {
  statepb::Command command;
  command.mutable_set_config()->set_key("cluster.certificate-lifetime");
  command.mutable_set_config()->set_value("60");
  ASSERT_OK(leader_->Propose(command, kProposeTimeout));
  CertificateRenewal renewal = Renewal();
  // Also of what was made before.
  const std::string first = StoredKey();
  clock_.Advance(absl::Seconds(26));
  ASSERT_OK(renewal.RunOnce());
  EXPECT_EQ(StoredKey(), first);
  clock_.Advance(absl::Seconds(8));
  ASSERT_OK(renewal.RunOnce());
  const std::string second = StoredKey();
  EXPECT_NE(second, first);
  clock_.Advance(absl::Seconds(26));
  ASSERT_OK(renewal.RunOnce());
  EXPECT_EQ(StoredKey(), second);
  EXPECT_THAT(Registered(), testing::ElementsAre(second));
  clock_.Advance(absl::Seconds(8));
  ASSERT_OK(renewal.RunOnce());
  EXPECT_NE(StoredKey(), second);
}

}  // namespace
}  // namespace microovn::agent
