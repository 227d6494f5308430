// Founding a cluster and admitting a joiner, with real keys and the real
// Apply, but without a log or a network.
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/entry/admission.h"
#include "agent/entry/founding.h"
#include "agent/entry/joining.h"
#include "agent/errors/leader_errors.h"
#include "agent/identity/certificate_renewal.h"
#include "agent/identity/identity_store.h"
#include "agent/identity/sealing.h"
#include "agent/issuing/certificate_issuer.h"
#include "agent/issuing/issuing.h"
#include "agent/server/tls_identity.h"
#include "agent/state/apply.h"
#include "agent/state/values/cluster_clock.h"
#include "agent/state/values/result.h"
#include "base/random.h"
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

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

// A leader whose log is Apply itself.
class LogLessMembership final : public Membership, public Issuance {
 public:
  LogLessMembership(internal::node::v1::NodeIdentity identity, FakeClock* clock)
      : identity_(std::move(identity)), clock_(clock), cluster_clock_(clock) {}

  const internal::node::v1::NodeIdentity& identity() const override {
    return identity_;
  }
  std::shared_ptr<const ClusterState> state() const override {
    return std::make_shared<const ClusterState>(state_);
  }
  StateStore& store() override { return store_; }
  absl::StatusOr<statepb::Result> Propose(statepb::Command command,
                                          absl::Duration) override {
    command.set_format(kCommandFormat);
    command.set_time_seconds(absl::ToUnixSeconds(clock_->Now()));
    command.set_clock_seconds(cluster_clock_.Seconds(state_));
    const statepb::Result result = Apply(state_, command);
    store_.Publish(state());
    const absl::Status status = StatusOfResult(result);
    if (!status.ok()) return status;
    return result;
  }
  absl::Status Barrier(absl::Duration) override { return absl::OkStatus(); }
  std::optional<Peer> leader() const override { return std::nullopt; }
  bool leads() const override { return true; }
  PeerClient& peers() override { return peers_; }
  Issuance& issuance() override { return *this; }
  ClusterFacts Gather(bool, bool, absl::Duration) override { return {}; }
  peerpb::GetLocalStatusResponse LocalStatus() override { return {}; }
  absl::StatusOr<peerpb::AdmitResponse> Admit(
      const peerpb::AdmitRequest&) override {
    return NotLeader();
  }
  absl::StatusOr<peerpb::IssueCertificatesResponse> IssueCertificates(
      const std::string&, const peerpb::IssueCertificatesRequest&) override {
    return NotLeader();
  }
  absl::StatusOr<peerpb::IssueTokenResponse> IssueToken(
      const peerpb::IssueTokenRequest&) override {
    return NotLeader();
  }
  absl::Status Reissue(const std::set<pki::OvnService>&,
                       absl::Duration) override {
    return absl::OkStatus();
  }
  absl::Status WaitConverged(uint64_t, absl::Duration) override {
    return absl::OkStatus();
  }

 private:
  const internal::node::v1::NodeIdentity identity_;
  FakeClock* const clock_;
  ClusterClock cluster_clock_;
  ClusterState state_;
  StateStore store_;
  PeerClient peers_{nullptr};
};

class MembershipTest : public testing::Test {
 protected:
  void SetUp() override {
    const IdentityStore store(founder_dir_.path());
    auto sealing_key = LoadSealingKey(store, clock_, random_);
    ASSERT_OK(sealing_key);
    sealing_key_.emplace(*std::move(sealing_key));
    FoundingRequest request;
    request.node = {"node1", "10.0.0.1:6686", "10.0.0.1", {}, {}};
    request.version = "1";
    auto founding = FoundCluster(request, *sealing_key_, clock_, random_);
    ASSERT_OK(founding);
    leader_ = std::make_unique<LogLessMembership>(founding->identity, &clock_);
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
    ports.fetch = [](const HostPort& address) -> absl::StatusOr<PinnedMember> {
      return PinnedMember{address, "", ""};
    };
    ports.ask = [this](const PinnedMember&, const peerpb::AdmitRequest& request)
        -> absl::StatusOr<peerpb::AdmitResponse> {
      peerpb::AdmitRequest sent = request;
      if (tamper_) tamper_(sent);
      auto answer = AdmitJoiner(*leader_, {issuer_.get(), &random_}, sent);
      if (++asked_ <= lost_) return absl::UnavailableError("lost");
      return answer;
    };
    JoinRequest request;
    request.incarnation = 77;
    request.node = {name, "10.0.0.2:6686", "10.0.0.2", services_, {}};
    return RequestAdmission(request, *token, *sealing_key, ports);
  }

  FakeClock clock_;
  RandomSource& random_ = RandomSource::Real();
  TempDir founder_dir_;
  std::optional<pki::SealingKey> sealing_key_;
  std::optional<Founding> founding_;
  std::unique_ptr<LogLessMembership> leader_;
  std::unique_ptr<CertificateIssuer> issuer_;
  std::function<void(peerpb::AdmitRequest&)> tamper_;
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

TEST_F(MembershipTest, ARepeatedRequestGetsTheSameToken) {
  peerpb::IssueTokenRequest request;
  request.set_member_name("node2");
  request.set_ttl_seconds(3600);
  request.set_request_id("r");
  const auto first = IssueTokenFor(*leader_, *issuer_, request);
  ASSERT_OK(first);
  clock_.Advance(absl::Minutes(10));
  const auto again = IssueTokenFor(*leader_, *issuer_, request);
  ASSERT_OK(again);
  EXPECT_EQ(again->token().token_id(), first->token().token_id());
  EXPECT_EQ(leader_->state()->tokens.size(), 1u);
  EXPECT_OK(Join(again->encoded(), "node2"));
  EXPECT_THAT(Join(first->encoded(), "node2"), HasReason("TOKEN_USED"));

  request.set_ttl_seconds(60);
  EXPECT_THAT(IssueTokenFor(*leader_, *issuer_, request),
              HasReason("REQUEST_ID_REUSED"));
  request.set_request_id("another");
  request.set_member_name("node3");
  const auto other = IssueTokenFor(*leader_, *issuer_, request);
  ASSERT_OK(other);
  EXPECT_NE(other->token().token_id(), first->token().token_id());
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

TEST_F(MembershipTest, CertificatesAreForServicesThatAreWanted) {
  const auto key = pki::PrivateKey::Generate();
  ASSERT_OK(key);
  const auto csr = pki::CertificateRequest::Create(*key);
  ASSERT_OK(csr);
  peerpb::IssueCertificatesRequest request;
  peerpb::CertificateDemand* demand = request.add_demands();
  demand->set_service("ovnnb");
  demand->set_certificate_request_pem(csr->ToPem());
  const auto issued =
      IssueForMember(*leader_, *issuer_, leader_->id(), request);
  ASSERT_OK(issued);
  const auto leaf = pki::Certificate::FromPem(issued->certificates_pem(0));
  ASSERT_OK(leaf);
  EXPECT_EQ(leaf->subject().common_name, "node1");
  EXPECT_EQ(leaf->subject().organizational_unit, "ovnnb");

  services_ = {statepb::SERVICE_CHASSIS};
  const auto chassis = Join(NewToken("node2"), "node2");
  ASSERT_OK(chassis);
  EXPECT_THAT(IssueForMember(*leader_, *issuer_, chassis->identity.member_id(),
                             request),
              HasReason("CERTIFICATE_SERVICE_NOT_ENABLED"));
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

TEST_F(RenewalTest, IsOnlyForAKeyThatIsRegistered) {
  const auto key = pki::PrivateKey::Generate();
  ASSERT_OK(key);
  const auto csr = pki::CertificateRequest::Create(*key);
  ASSERT_OK(csr);
  peerpb::IssueCertificatesRequest request;
  request.add_demands()->set_service("member");
  request.mutable_demands(0)->set_certificate_request_pem(csr->ToPem());
  request.set_key_in_use(key->public_key().Fingerprint());
  EXPECT_THAT(IssueForMember(*leader_, *issuer_, leader_->id(), request),
              HasReason("CERTIFICATE_NOT_REGISTERED"));
}

TEST_F(MembershipTest, AMemberWithoutASealedKeyCannotIssue) {
  const TempDir dir;
  const auto other = LoadSealingKey(IdentityStore(dir.path()), clock_, random_);
  ASSERT_OK(other);
  CertificateIssuer stranger(&*other, &clock_, &random_);
  peerpb::IssueTokenRequest request;
  request.set_member_name("node2");
  request.set_ttl_seconds(60);
  EXPECT_THAT(IssueTokenFor(*leader_, stranger, request),
              HasReason("CA_NOT_AVAILABLE"));
}

}  // namespace
}  // namespace microovn::agent
