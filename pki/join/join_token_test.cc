// SPDX-License-Identifier: Apache-2.0
#include "pki/join/join_token.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/testing/status_matchers.h"
#include "base/text/host_port.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/certificate/certificate_request.h"
#include "pki/certificate/chain_verifier.h"
#include "pki/join/join_statement.h"
#include "pki/join/token_issuer.h"
#include "pki/name/member_name.h"
#include "pki/name/peer_identity.h"
#include "pki/testing/test_pki.h"

namespace microovn::pki {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

MemberName Named(absl::string_view text) { return *MemberName::Parse(text); }

class JoinTokenTest : public ::testing::Test {
 protected:
  absl::StatusOr<JoinToken> Issue(TokenRequest request) {
    request.cluster_id = pki_.cluster_id();
    return IssueJoinToken(pki_.cluster_ca(), request, pki_.now(),
                          pki_.random());
  }

  JoinToken Example() {
    return *Issue(
        {"", Named("node2"), {{"10.0.0.1", 6686}, {"fd00::1", 6686}}});
  }

  std::string Encoded() {
    return std::string(EncodeJoinToken(Example())->Reveal());
  }

  // The JSON of a token after `change`, encoded again.
  template <typename Change>
  std::string Altered(Change change) {
    std::string json;
    EXPECT_TRUE(absl::Base64Unescape(Encoded(), &json));
    change(json);
    return absl::Base64Escape(json);
  }

  // What is the same for both forms.
  JoinStatement Node2With(const PublicKey& token_key) {
    JoinStatement statement;
    statement.cluster_id = pki_.cluster_id();
    statement.token_id = TokenId(token_key);
    statement.name = "node2";
    statement.address = "10.0.0.2:6686";
    statement.request_fingerprint = "0123";
    return statement;
  }

  TestPki pki_;
};

TEST_F(JoinTokenTest, HasTheSameKeyForTheSameRequest) {
  TokenRequest request = {"", Named("node2"), {{"10.0.0.1", 6686}}};
  const auto id = [this](const TokenRequest& asked) {
    return TokenId(Issue(asked)->key.public_key());
  };
  EXPECT_NE(id(request), id(request)) << "without a request's id";
  request.request_id = "r";
  const std::string first = id(request);
  EXPECT_EQ(id(request), first);
  TokenRequest other = request;
  other.lifetime = absl::Minutes(1);
  EXPECT_EQ(id(other), first);
  other.name = Named("node3");
  EXPECT_NE(id(other), first);
  other = request;
  other.request_id = "s";
  EXPECT_NE(id(other), first);
  // Another cluster's CA has another key.
  TestPki stranger(pki_.now(), 2);
  request.cluster_id = stranger.cluster_id();
  EXPECT_NE(TokenId(IssueJoinToken(stranger.cluster_ca(), request,
                                   stranger.now(), stranger.random())
                        ->key.public_key()),
            first);
}

TEST_F(JoinTokenTest, SurvivesTheWayToTheOtherSystem) {
  const JoinToken token = Example();
  const absl::StatusOr<SecretString> text = EncodeJoinToken(token);
  ASSERT_OK(text);
  EXPECT_TRUE(absl::StartsWith(text->Reveal(), "eyJ"));
  const absl::StatusOr<JoinToken> read = DecodeJoinToken(text->Reveal());
  ASSERT_OK(read);
  EXPECT_EQ(read->name, Named("node2"));
  EXPECT_EQ(read->key.public_key(), token.key.public_key());
  EXPECT_EQ(read->ca_pin,
            pki_.cluster_ca().certificate().public_key().Fingerprint());
  EXPECT_THAT(read->join_addresses, ElementsAre(HostPort{"10.0.0.1", 6686},
                                                HostPort{"fd00::1", 6686}));
  EXPECT_EQ(read->certificate, token.certificate);
  EXPECT_EQ(read->cluster_id, pki_.cluster_id());
  EXPECT_EQ(read->expires, pki_.now() + absl::Hours(3));
}

TEST_F(JoinTokenTest, FieldsAreInTheDocumentedOrder) {
  std::string json;
  ASSERT_TRUE(absl::Base64Unescape(Encoded(), &json));
  size_t last = 0;
  for (const char* field :
       {"{\"name\":\"node2\"", "\"secret\":", "\"fingerprint\":",
        "\"join_addresses\":[\"10.0.0.1:6686\",\"[fd00::1]:6686\"]",
        "\"certificate\":", "\"cluster\":",
        "\"expires\":\"2023-11-15T01:13:20+00:00\"", "\"checksum\":"}) {
    const size_t at = json.find(field);
    ASSERT_NE(at, std::string::npos) << field;
    EXPECT_TRUE(at > last || at == 0) << field;
    last = at;
  }
}

TEST_F(JoinTokenTest, CertificateLetsItsHolderInAsAJoinerOnly) {
  const JoinToken token = Example();
  EXPECT_OK(VerifyChain(
      pki_.ClusterBundle(),
      {token.certificate, {}, Purpose::kTlsClient, pki_.now(), ""}));
  EXPECT_THAT(
      VerifyChain(pki_.ClusterBundle(),
                  {token.certificate, {}, Purpose::kTlsServer, pki_.now(), ""}),
      HasReason("CERTIFICATE_REFUSED"));
  // The clock of who made it may be behind that of who is asked.
  const absl::Time end = token.expires + kBackdating;
  EXPECT_OK(VerifyChain(pki_.ClusterBundle(), {token.certificate,
                                               {},
                                               Purpose::kTlsClient,
                                               end - absl::Seconds(1),
                                               ""}));
  EXPECT_THAT(
      VerifyChain(pki_.ClusterBundle(),
                  {token.certificate, {}, Purpose::kTlsClient, end, ""}),
      HasReason("CERTIFICATE_REFUSED"));
  const absl::StatusOr<PeerIdentity> identity =
      ParsePeerIdentity(token.certificate.names().uri);
  ASSERT_OK(identity);
  EXPECT_EQ(identity->kind, PeerKind::kJoiner);
  EXPECT_EQ(identity->id, TokenId(token.key.public_key()));
  EXPECT_THAT(identity->id, SizeIs(32));
}

TEST_F(JoinTokenTest, WhiteSpaceOfATerminalDoesNotMatter) {
  std::string text = Encoded();
  text.insert(80, "\r\n");
  text.insert(40, " ");
  EXPECT_OK(DecodeJoinToken("  " + text + "\n"));
}

TEST_F(JoinTokenTest, SaysWhatIsWrongWithALine) {
  const std::string good = Encoded();
  const std::pair<std::string, const char*> cases[] = {
      {"", "TOKEN_MALFORMED"},
      {"hello", "TOKEN_MALFORMED"},
      {"eyJ!", "TOKEN_MALFORMED"},
      {absl::Base64Escape("{\"a\":1}"), "TOKEN_MALFORMED"},
      {absl::Base64Escape("[1]"), "TOKEN_MALFORMED"},
      {"eyJ", "TOKEN_TRUNCATED"},
      {good.substr(0, good.size() / 2), "TOKEN_TRUNCATED"},
      {std::string(kMaxTokenBytes + 1, 'e'), "TOKEN_TOO_LONG"},
      {Altered([](std::string& json) { json += json; }), "TOKEN_CORRUPT"},
  };
  for (const auto& [text, reason] : cases) {
    const absl::StatusOr<JoinToken> token = DecodeJoinToken(text);
    EXPECT_THAT(token, HasReason(reason)) << text.substr(0, 100);
    EXPECT_THAT(std::string(token.status().message()),
                ::testing::Not(HasSubstr("\n")));
  }
}

TEST_F(JoinTokenTest, EveryCutIsNoticed) {
  const std::string good = Encoded();
  for (size_t size = 0; size + 2 < good.size(); ++size) {
    const absl::StatusOr<JoinToken> token =
        DecodeJoinToken(absl::string_view(good).substr(0, size));
    EXPECT_THAT(
        token, AnyOf(HasReason("TOKEN_TRUNCATED"), HasReason("TOKEN_MALFORMED"),
                     HasReason("TOKEN_CORRUPT")))
        << size;
  }
}

TEST_F(JoinTokenTest, EveryChangedCharacterIsNoticed) {
  const std::string good = Encoded();
  const size_t end = good.find('=');
  // The last character before padding carries bits that mean nothing.
  for (size_t i = 0; i + 1 < std::min(end, good.size()); ++i) {
    std::string bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(DecodeJoinToken(bad).ok()) << i;
  }
}

// A forger can make the checksum right, so what the fields say is checked too.
TEST_F(JoinTokenTest, FieldsMustAgreeWhateverTheChecksum) {
  const auto encode = [this](auto change) {
    JoinToken token = Example();
    change(token);
    return EncodeJoinToken(token).status();
  };
  const std::string other_cluster = pki_.random().Id();
  EXPECT_THAT(encode([](JoinToken& t) { t.ca_pin = "00"; }),
              HasReason("TOKEN_MALFORMED"));
  EXPECT_THAT(encode([&](JoinToken& t) { t.cluster_id = other_cluster; }),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("names something else")));
  EXPECT_THAT(
      encode([this](JoinToken& t) { t.certificate = Example().certificate; }),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("is not for its secret")));
  EXPECT_FALSE(encode([](JoinToken& t) { t.join_addresses.clear(); }).ok());
  EXPECT_FALSE(encode([](JoinToken& t) {
                 t.join_addresses.assign(65, HostPort{"10.0.0.1", 1});
               }).ok());
  EXPECT_FALSE(encode([](JoinToken& t) {
                 t.key = *PrivateKey::Generate(KeyType::kP256);
               }).ok());
}

TEST_F(JoinTokenTest, RefusesOddJson) {
  EXPECT_THAT(DecodeJoinToken(Altered(
                  [](std::string& json) { json.insert(1, "\"extra\":1,"); })),
              HasReason("TOKEN_MALFORMED"));
  EXPECT_THAT(DecodeJoinToken(Altered([](std::string& json) {
                absl::StrReplaceAll({{"\"node2\"", "[\"node2\"]"}}, &json);
              })),
              HasReason("TOKEN_MALFORMED"));
  EXPECT_THAT(DecodeJoinToken(Altered([](std::string& json) {
                absl::StrReplaceAll({{"node2", "node3"}}, &json);
              })),
              HasReason("TOKEN_CORRUPT"));
  EXPECT_THAT(DecodeJoinToken(Altered([](std::string& json) {
                absl::StrReplaceAll({{"node2", "nod\xff"}}, &json);
              })),
              HasReason("TOKEN_CORRUPT"));
  // Deep nesting must not exhaust the stack.
  EXPECT_FALSE(
      DecodeJoinToken(absl::Base64Escape("{\"" + std::string(12000, '[')))
          .ok());
  EXPECT_FALSE(
      DecodeJoinToken(absl::Base64Escape("{\"a\":" + std::string(6000, '[') +
                                         std::string(6000, ']') + "}"))
          .ok());
}

TEST_F(JoinTokenTest, IsForOneName) {
  const JoinToken token = Example();
  EXPECT_OK(CheckJoinToken(token, Named("node2")));
  const absl::Status wrong_name = CheckJoinToken(token, Named("node3"));
  EXPECT_THAT(wrong_name, HasReason("TOKEN_NAME_MISMATCH"));
  EXPECT_EQ(wrong_name.message(),
            "the join token is for 'node2', this system is 'node3'");
}

TEST_F(JoinTokenTest, IssuerBoundsItsRequest) {
  const std::vector<HostPort> here = {{"10.0.0.1", 6686}};
  const MemberName name = Named("node2");
  EXPECT_FALSE(Issue({"", name, {}}).ok());
  EXPECT_FALSE(Issue({"", name, here, absl::ZeroDuration()}).ok());
  EXPECT_FALSE(Issue({"", name, here, absl::Hours(24 * 31)}).ok());
  const absl::StatusOr<JoinToken> many =
      Issue({"", name, std::vector<HostPort>(100, here[0])});
  ASSERT_OK(many);
  EXPECT_THAT(many->join_addresses, SizeIs(64));
  const absl::StatusOr<SecretString> text = EncodeJoinToken(*many);
  ASSERT_OK(text);
  EXPECT_OK(DecodeJoinToken(text->Reveal()));
}

TEST_F(JoinTokenTest, StatementIsGoodForExactlyWhatItSays) {
  const JoinToken token = Example();
  const PublicKey& kept_by_cluster = token.key.public_key();
  const absl::StatusOr<PrivateKey> member_key = PrivateKey::Generate();
  ASSERT_OK(member_key);
  const absl::StatusOr<CertificateRequest> request =
      CertificateRequest::Create(*member_key);
  ASSERT_OK(request);
  JoinStatement good = Node2With(kept_by_cluster);
  good.request_fingerprint = request->Fingerprint();
  good.encap_ip = "10.1.0.2";
  good.sealing_certificate_pem = "a certificate";
  good.services = "default";
  good.features = "x=1";
  good.version = "1.0";
  good.incarnation = 77;
  const absl::StatusOr<std::string> signature =
      SignJoinStatement(token.key, good);
  ASSERT_OK(signature);
  EXPECT_OK(VerifyJoinStatement(kept_by_cluster, good, *signature));

  std::string JoinStatement::*const fields[] = {
      &JoinStatement::cluster_id,
      &JoinStatement::token_id,
      &JoinStatement::name,
      &JoinStatement::address,
      &JoinStatement::request_fingerprint,
      &JoinStatement::encap_ip,
      &JoinStatement::sealing_certificate_pem,
      &JoinStatement::services,
      &JoinStatement::features,
      &JoinStatement::version};
  for (const auto field : fields) {
    JoinStatement other = good;
    (other.*field) += "x";
    EXPECT_THAT(VerifyJoinStatement(kept_by_cluster, other, *signature),
                HasReason("JOIN_STATEMENT_REFUSED"));
  }
  JoinStatement elsewhere = good;
  elsewhere.incarnation = 78;
  EXPECT_THAT(VerifyJoinStatement(kept_by_cluster, elsewhere, *signature),
              HasReason("JOIN_STATEMENT_REFUSED"));
  // Moving a byte from one field to the next is another statement.
  JoinStatement shifted = good;
  shifted.name = "node21";
  shifted.address = "0.0.0.2:6686";
  EXPECT_THAT(VerifyJoinStatement(kept_by_cluster, shifted, *signature),
              HasReason("JOIN_STATEMENT_REFUSED"));
  const JoinToken another = Example();
  EXPECT_THAT(VerifyJoinStatement(another.key.public_key(), good, *signature),
              HasReason("JOIN_STATEMENT_REFUSED"));
  EXPECT_THAT(VerifyJoinStatement(kept_by_cluster, good, ""),
              HasReason("JOIN_STATEMENT_REFUSED"));
}

TEST_F(JoinTokenTest, SignatureIsGoodForItsOwnFormOnly) {
  const JoinToken token = Example();
  const PublicKey& key = token.key.public_key();
  const JoinStatement statement = Node2With(key);
  for (const StatementForm signed_in :
       {StatementForm::kNameAndKey, StatementForm::kWhole}) {
    const absl::StatusOr<std::string> signature =
        SignJoinStatement(token.key, statement, signed_in);
    ASSERT_OK(signature);
    EXPECT_EQ(VerifyJoinStatement(key, statement, *signature).ok(),
              signed_in == StatementForm::kWhole);
    for (const StatementForm read_as :
         {StatementForm::kNameAndKey, StatementForm::kWhole}) {
      EXPECT_EQ(VerifyJoinSignature(key, statement, *signature, read_as).ok(),
                signed_in == read_as);
    }
  }
}

// Whatever its reader looked the key up by.
TEST_F(JoinTokenTest, StatementIsOfTheTokenThatItNames) {
  const JoinToken named = Example();
  const JoinToken signer = Example();
  JoinStatement statement = Node2With(named.key.public_key());
  const absl::StatusOr<std::string> signature =
      SignJoinStatement(signer.key, statement);
  ASSERT_OK(signature);
  EXPECT_THAT(
      VerifyJoinStatement(signer.key.public_key(), statement, *signature),
      HasReason("JOIN_STATEMENT_REFUSED"));
  statement.token_id = TokenId(signer.key.public_key());
  const absl::StatusOr<std::string> own =
      SignJoinStatement(signer.key, statement);
  ASSERT_OK(own);
  EXPECT_OK(VerifyJoinStatement(signer.key.public_key(), statement, *own));
}

}  // namespace
}  // namespace microovn::pki
