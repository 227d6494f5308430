// SPDX-License-Identifier: Apache-2.0
// What a leader issues to whom, on a leader without a log.
#include "agent/issuing/issuing.h"

#include <string>
#include <vector>

#include "agent/issuing/testing/issuing_cluster.h"
#include "agent/state/testing/certificates.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/users.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/certificate/certificate.h"
#include "pki/join/join_token.h"
#include "pki/join/token_issuer.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;
using testing::ElementsAre;

class IssuingTest : public testing::Test {
 protected:
  peerpb::IssueCertificatesRequest DemandOf(
      const std::vector<std::string>& services) {
    peerpb::IssueCertificatesRequest request;
    for (const std::string& service : services) {
      peerpb::CertificateDemand* demand = request.add_demands();
      demand->set_service(service);
      demand->set_certificate_request_pem(cluster_.Request());
    }
    return request;
  }

  absl::StatusOr<peerpb::IssueCertificatesResponse> Issue(
      const std::string& name,
      const peerpb::IssueCertificatesRequest& request) {
    return IssueForMember(leader_, cluster_.issuer(), TestId(name), request);
  }

  // Makes `name` show the key that `word` stands for.
  void Register(const std::string& name, const std::string& word) {
    statepb::Member member = *leader_.state()->members.Find(TestId(name));
    statepb::Command command;
    statepb::RenewMember* renew = command.mutable_renew_member();
    renew->set_member_id(member.member_id());
    renew->set_certificate_pem(TestCertificatePem(word));
    renew->add_spki_sha256(TestKeyDigest(word));
    ASSERT_OK(leader_.Propose(command, kProposeTimeout));
  }

  std::vector<std::string> KeysOf(const std::string& name) {
    const auto state = leader_.state();
    const auto& keys = state->members.Find(TestId(name))->spki_sha256();
    return {keys.begin(), keys.end()};
  }

  // Node3 is taken back without this leader's knowing it yet.
  void RemoveElsewhere(const std::string& name) {
    statepb::Command command;
    command.mutable_take_back_member()->set_member_id(TestId(name));
    command.mutable_take_back_member()->set_reason("gone");
    EXPECT_EQ(leader_.CommitElsewhere(command).code(), 0);
    ASSERT_NE(leader_.state()->members.Find(TestId(name)), nullptr);
  }

  absl::StatusOr<peerpb::IssueTokenResponse> Token(
      const std::string& request_id, int64_t seconds) {
    peerpb::IssueTokenRequest request;
    request.set_member_name("node9");
    request.set_ttl_seconds(seconds);
    request.set_request_id(request_id);
    return IssueTokenFor(leader_, cluster_.issuer(), request);
  }

  IssuingCluster cluster_;
  FakeMembership& leader_ = cluster_.leader();
};

TEST_F(IssuingTest, CertificatesAreForWhatAMemberRuns) {
  const struct {
    const char* member;
    const char* service;
    bool granted;
  } cases[] = {
      {"node1", "ovnnb", true},       {"node1", "ovnsb", true},
      {"node1", "ovn-northd", true},  {"node1", "ovn-controller", true},
      {"node1", "client", true},      {"node2", "client", true},
      {"node2", "ovnnb", false},      {"node2", "ovnsb", false},
      {"node2", "ovn-northd", false}, {"node2", "ovn-controller", false},
  };
  for (const auto& test : cases) {
    const auto issued = Issue(test.member, DemandOf({test.service}));
    if (!test.granted) {
      EXPECT_THAT(issued, HasReason("CERTIFICATE_SERVICE_NOT_ENABLED"))
          << test.member << " " << test.service;
      continue;
    }
    ASSERT_OK(issued) << test.member << " " << test.service;
    const auto leaf = pki::Certificate::FromPem(issued->certificates_pem(0));
    ASSERT_OK(leaf);
    EXPECT_EQ(leaf->subject().common_name, test.member);
    EXPECT_EQ(leaf->subject().organizational_unit, test.service);
    EXPECT_EQ(issued->ovn_bundle_pem(), cluster_.pki().OvnBundle().ToPem());
  }
  EXPECT_FALSE(Issue("node1", DemandOf({"mail"})).ok());
}

TEST_F(IssuingTest, WhatIsIssuedIsInTheLog) {
  const auto issued = Issue("node1", DemandOf({"ovnnb", "client"}));
  ASSERT_OK(issued);
  ASSERT_EQ(issued->certificates_pem_size(), 2);
  for (const std::string& pem : issued->certificates_pem()) {
    const auto leaf = pki::Certificate::FromPem(pem);
    ASSERT_OK(leaf);
    bool recorded = false;
    for (const auto& [key, record] : leader_.state()->certificates.records()) {
      recorded = recorded || record->serial() == leaf->serial();
    }
    EXPECT_TRUE(recorded);
  }
}

TEST_F(IssuingTest, ARefusalIssuesNothing) {
  const size_t before = leader_.proposals().size();
  EXPECT_THAT(Issue("node2", DemandOf({"client", "ovnnb"})),
              HasReason("CERTIFICATE_SERVICE_NOT_ENABLED"));
  EXPECT_THAT(Issue("node1", DemandOf(std::vector<std::string>(17, "client"))),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_OK(Issue("node1", DemandOf(std::vector<std::string>(16, "client"))));
  EXPECT_EQ(leader_.proposals().size(), before + 1);
}

TEST_F(IssuingTest, WhoIsNoMemberAnyMoreGetsNothing) {
  RemoveElsewhere("node3");
  EXPECT_THAT(Issue("node3", DemandOf({"client"})),
              HasReason("MEMBER_NOT_FOUND"));
  peerpb::IssueCertificatesRequest renewal = DemandOf({"member"});
  renewal.set_key_in_use(TestDigest("key"));
  EXPECT_THAT(Issue("node3", renewal), HasReason("MEMBER_NOT_FOUND"));
}

// Only who has just asked the others knows what a member runs.
TEST_F(IssuingTest, WhatWasDisabledElsewhereGetsNoCertificate) {
  EXPECT_EQ(leader_
                .CommitElsewhere(ServiceCommand(
                    "node1", statepb::SERVICE_CHASSIS, false, "op"))
                .code(),
            0);
  EXPECT_THAT(Issue("node1", DemandOf({"ovn-controller"})),
              HasReason("CERTIFICATE_SERVICE_NOT_ENABLED"));
}

TEST_F(IssuingTest, WithoutAQuorumNothingIsIssued) {
  leader_.LoseQuorum();
  EXPECT_THAT(Issue("node1", DemandOf({"client"})), HasReason("NO_LEADER"));
  EXPECT_THAT(Issue("node1", DemandOf({"member"})), HasReason("NO_LEADER"));
  EXPECT_THAT(Token("r", 60), HasReason("NO_LEADER"));
}

TEST_F(IssuingTest, ARenewalKeepsTheKeyInUseAndDropsOthers) {
  Register("node2", "in use");
  peerpb::IssueCertificatesRequest renewal = DemandOf({"member"});
  renewal.set_key_in_use(TestKeyDigest("in use"));
  const auto first = Issue("node2", renewal);
  ASSERT_OK(first);
  const auto lost = pki::Certificate::FromPem(first->certificates_pem(0));
  ASSERT_OK(lost);
  EXPECT_EQ(first->cluster_bundle_pem(),
            cluster_.pki().ClusterBundle().ToPem());
  EXPECT_THAT(KeysOf("node2"), ElementsAre(TestKeyDigest("in use"),
                                           lost->public_key().Fingerprint()));

  // The answer was lost: nobody has the key of the first try.
  renewal = DemandOf({"member"});
  renewal.set_key_in_use(TestKeyDigest("in use"));
  const auto second = Issue("node2", renewal);
  ASSERT_OK(second);
  const auto kept = pki::Certificate::FromPem(second->certificates_pem(0));
  ASSERT_OK(kept);
  EXPECT_THAT(KeysOf("node2"), ElementsAre(TestKeyDigest("in use"),
                                           kept->public_key().Fingerprint()));
  EXPECT_EQ(leader_.state()->members.Find(TestId("node2"))->certificate_pem(),
            second->certificates_pem(0));
}

TEST_F(IssuingTest, AKeyThatIsNotRegisteredRenewsNothing) {
  Register("node2", "in use");
  peerpb::IssueCertificatesRequest renewal = DemandOf({"member"});
  for (const std::string& key : {std::string(), TestDigest("another")}) {
    renewal.set_key_in_use(key);
    EXPECT_THAT(Issue("node2", renewal),
                HasReason("CERTIFICATE_NOT_REGISTERED"));
  }
  EXPECT_THAT(KeysOf("node2"), ElementsAre(TestKeyDigest("in use")));
}

TEST_F(IssuingTest, ATokenLivesWithinBounds) {
  const int64_t longest = absl::ToInt64Seconds(pki::kMaxTokenLifetime);
  for (const int64_t bad : {int64_t{-1}, int64_t{0}, longest + 1}) {
    EXPECT_THAT(Token("", bad), HasReason("TOKEN_LIFETIME_INVALID")) << bad;
  }
  EXPECT_TRUE(leader_.proposals().empty());
  for (const int64_t good : {int64_t{1}, longest}) {
    const auto token = Token("", good);
    ASSERT_OK(token) << good;
    EXPECT_EQ(token->token().expire_seconds(), kTestTime + good);
  }
}

TEST_F(IssuingTest, OneRequestMakesOneTokenWhichEndsWhenItWould) {
  const size_t before = leader_.state()->tokens.size();
  const auto first = Token("r", 3600);
  ASSERT_OK(first);
  const auto made = pki::DecodeJoinToken(first->encoded());
  ASSERT_OK(made);
  cluster_.clock().Advance(absl::Minutes(40));
  // So that the log's clock has moved.
  ASSERT_OK(leader_.Propose(SetConfigCommand("cluster.voters", "3"),
                            kProposeTimeout));
  const auto again = Token("r", 3600);
  ASSERT_OK(again);
  EXPECT_EQ(again->token().token_id(), first->token().token_id());
  EXPECT_EQ(leader_.state()->tokens.size(), before + 1);
  const auto told = pki::DecodeJoinToken(again->encoded());
  ASSERT_OK(told);
  EXPECT_LE(told->certificate.not_after(),
            made->certificate.not_after() + absl::Minutes(1));
  EXPECT_THAT(Token("r", 60), HasReason("REQUEST_ID_REUSED"));
}

// The key of its token came from the CA that signed it.
TEST_F(IssuingTest, ATokenThatCannotBeToldAgainIsNotToldWrong) {
  ASSERT_OK(Token("r", 3600));
  pki::TestPki next(cluster_.clock().Now(), /*seed=*/2);
  auto record = FoundAuthority(next.cluster_ca(), TestId("node1"),
                               cluster_.sealing_key().certificate(),
                               /*user_supplied=*/false);
  ASSERT_OK(record);
  ClusterState state = leader_.committed();
  state.authorities.Put(AuthorityKey(statepb::PLANE_CLUSTER), *record);
  FakeMembership successor(leader_.identity(), state, &cluster_.clock());
  peerpb::IssueTokenRequest request;
  request.set_member_name("node9");
  request.set_ttl_seconds(3600);
  request.set_request_id("r");
  EXPECT_THAT(IssueTokenFor(successor, cluster_.issuer(), request),
              HasReason("TOKEN_ALREADY_ISSUED"));
}

TEST_F(IssuingTest, WhoLeadsAsksItself) {
  ASSERT_OK(AskLeader(leader_, DemandOf({"client"}), kProposeTimeout));
  EXPECT_THAT(leader_.issued_for(), ElementsAre(TestId("node1")));
  leader_.LoseQuorum();
  EXPECT_THAT(AskLeader(leader_, DemandOf({"client"}), kProposeTimeout),
              HasReason("NO_LEADER"));
  EXPECT_EQ(leader_.issued_for().size(), 1u);
}

TEST_F(IssuingTest, WithoutALeaderTheVotersAreAskedForARenewalOnly) {
  leader_.Follow(std::nullopt);
  EXPECT_THAT(AskLeader(leader_, DemandOf({"client"}), kProposeTimeout),
              HasReason("NO_LEADER"));
  // Nobody is reached without an identity, but they were asked.
  EXPECT_THAT(AskForRenewal(leader_, DemandOf({"member"})),
              HasReason("NOT_BOOTSTRAPPED"));
}

TEST_F(IssuingTest, OvnsDemandsAreNamed) {
  const auto issued = DemandFromLeader(
      leader_, {{pki::OvnService::kClient, cluster_.Request()}},
      statepb::Asker(), kProposeTimeout);
  ASSERT_OK(issued);
  EXPECT_THAT(leader_.issued_for(), ElementsAre(TestId("node1")));
}

class UserTest : public IssuingTest {
 protected:
  absl::StatusOr<peerpb::IssueUserResponse> Issue(
      const std::string& name, const std::string& request_pem,
      const std::string& request_id = "") {
    peerpb::IssueUserRequest request;
    request.set_name(name);
    request.set_role(statepb::User::ROLE_OPERATOR);
    request.set_ttl_seconds(3600);
    request.set_certificate_request_pem(request_pem);
    request.set_request_id(request_id);
    return IssueUserFor(leader_, cluster_.issuer(), request);
  }
};

TEST_F(UserTest, ACertificateSaysWhoAndWhatAndForHowLong) {
  const auto issued = Issue("alice", cluster_.Request());
  ASSERT_OK(issued);
  const auto certificate =
      pki::Certificate::FromPem(issued->user().certificate_pem());
  ASSERT_OK(certificate);
  EXPECT_EQ(certificate->subject().common_name, "alice");
  EXPECT_EQ(certificate->subject().organizational_unit, "operator");
  ASSERT_EQ(certificate->names().uri.size(), 1u);
  EXPECT_THAT(certificate->names().uri[0],
              testing::EndsWith("/operator/alice"));
  EXPECT_TRUE(certificate->names().dns.empty()) << "no server's";
  EXPECT_EQ(certificate->not_after(),
            absl::FromUnixSeconds(issued->user().not_after_seconds()));
  EXPECT_LE(certificate->not_after(), cluster_.clock().Now() + absl::Hours(1));
  const auto state = leader_.state();
  const statepb::User* kept = state->users.Find("alice");
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(kept->spki_sha256(), certificate->public_key().Fingerprint());
  EXPECT_EQ(StandingOf(*state, *kept, cluster_.clock().Now()),
            UserStanding::kValid);
}

// What the log, the state and the answer have of it is no key.
TEST_F(UserTest, NoKeyIsIssued) {
  const auto issued = Issue("alice", cluster_.Request());
  ASSERT_OK(issued);
  EXPECT_EQ(issued->SerializeAsString().find("PRIVATE"), std::string::npos);
  for (const statepb::Command& command : leader_.proposals()) {
    EXPECT_EQ(command.SerializeAsString().find("PRIVATE"), std::string::npos);
  }
}

TEST_F(UserTest, ARequestThatIsNoneIsRefused) {
  for (const std::string& request :
       {std::string(), std::string("no request"),
        std::string("-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n"
                    "-----END CERTIFICATE REQUEST-----\n")}) {
    EXPECT_THAT(Issue("alice", request), HasReason("USER_REQUEST_INVALID"));
  }
  EXPECT_TRUE(leader_.state()->users.empty());
}

TEST_F(UserTest, ARepeatedRequestHasTheSameAnswer) {
  const std::string request = cluster_.Request();
  const auto first = Issue("alice", request, "once");
  ASSERT_OK(first);
  const auto again = Issue("alice", request, "once");
  ASSERT_OK(again);
  EXPECT_EQ(again->user().certificate_pem(), first->user().certificate_pem());
  EXPECT_THAT(Issue("alice", cluster_.Request(), "once"),
              HasReason("REQUEST_ID_REUSED"));
}

TEST_F(UserTest, AnotherFollowsOnceItsTimeIsOver) {
  ASSERT_OK(Issue("alice", cluster_.Request()));
  EXPECT_THAT(Issue("alice", cluster_.Request()), HasReason("USER_EXISTS"));
  cluster_.clock().Advance(absl::Hours(2));
  EXPECT_OK(Issue("alice", cluster_.Request()));
}

}  // namespace
}  // namespace microovn::agent
