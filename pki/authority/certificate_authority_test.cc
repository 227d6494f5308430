// SPDX-License-Identifier: Apache-2.0
#include "pki/authority/certificate_authority.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/certificate/certificate_builder.h"
#include "pki/certificate/certificate_request.h"
#include "pki/certificate/chain_verifier.h"
#include "pki/certificate/trust_bundle.h"
#include "pki/openssl/openssl_ptr.h"
#include "pki/testing/test_pki.h"

namespace microovn::pki {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

std::string PemOf(const PrivateKey& key) {
  return std::string(key.ToPem(KeyAccess::Granted())->Reveal());
}

PrivateKey RsaKey() {
  const EvpPkeyPtr key(
      EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", size_t{2048}));
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr,
                           nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);  // NOLINT
  return *PrivateKey::FromPem(
      absl::string_view(data, static_cast<size_t>(size)), KeyAccess::Granted());
}

TEST(CertificateAuthority, OwnCasHaveTheDocumentedShape) {
  TestPki pki;
  const Certificate& ovn = pki.ovn_ca().certificate();
  EXPECT_EQ(ovn.subject().common_name, "MicroOVN CA");
  EXPECT_EQ(ovn.not_after() - pki.now(), absl::Hours(3650 * 24));
  EXPECT_EQ(ovn.public_key().type(), KeyType::kP256);
  EXPECT_EQ(pki.cluster_ca().certificate().subject().common_name,
            "MicroOVN Cluster CA");
  for (const CertificateAuthority* ca : {&pki.ovn_ca(), &pki.cluster_ca()}) {
    EXPECT_EQ(X509_get_pathlen(ca->certificate().x509()), 1);
    EXPECT_THAT(ca->chain(), ElementsAre(ca->certificate()));
  }
}

TEST(CertificateAuthority, CertifiesItsSuccessorForWhoTrustsItAlone) {
  TestPki pki;
  const CertificateAuthority& before = pki.cluster_ca();
  const auto after = CertificateAuthority::Create(
      Plane::kCluster, KeyType::kP384, pki.now(), pki.random());
  ASSERT_OK(after);
  const auto cross = before.CrossCertify(
      after->certificate(), pki.now() + absl::Hours(1), pki.random());
  ASSERT_OK(cross);
  EXPECT_EQ(cross->subject(), after->certificate().subject());
  EXPECT_EQ(cross->public_key(), after->certificate().public_key());
  EXPECT_FALSE(cross->is_self_issued());
  EXPECT_EQ(cross->not_after(), before.certificate().not_after())
      << "the earlier end";
  const TestLeaf leaf =
      pki.Issue(*after, *MemberProfile(pki.Facts("node1")), pki.now());
  // As it is shown: both have the successor's name.
  const ChainQuery query = {leaf.certificate,
                            {*cross, after->certificate()},
                            Purpose::kTlsServer,
                            pki.now(),
                            ""};
  EXPECT_OK(VerifyChain(pki.ClusterBundle(), query));
  EXPECT_OK(VerifyChain(*TrustBundle::From(after->chain()), query));
  // Neither the successor's own CAs nor a leaf are certified along.
  EXPECT_FALSE(
      before.CrossCertify(leaf.certificate, pki.now(), pki.random()).ok());
  EXPECT_EQ(X509_get_pathlen(cross->x509()), 0);
}

TEST(CertificateAuthority, IssuesUnderEveryKeyType) {
  TestPki pki;
  const absl::StatusOr<Profile> profile =
      OvnServiceProfile(OvnService::kOvnSb, pki.Facts("node1"));
  ASSERT_OK(profile);
  for (const KeyType type :
       {KeyType::kP256, KeyType::kP384, KeyType::kEd25519}) {
    const absl::StatusOr<CertificateAuthority> ca =
        CertificateAuthority::Create(Plane::kOvn, type, kNow, pki.random());
    ASSERT_OK(ca);
    const TestLeaf leaf = pki.Issue(*ca, *profile, kNow);
    EXPECT_OK(VerifyChain(
        *TrustBundle::From(ca->chain()),
        {leaf.certificate, {}, Purpose::kTlsServer, kNow, "node1"}));
  }
}

TEST(CertificateAuthority, LeafIsMadeFromTheProfileAlone) {
  TestPki pki;
  const MemberFacts facts = pki.Facts("node1", "10.0.0.1");
  const TestLeaf leaf = pki.Service(OvnService::kOvnNb, facts);
  const Certificate& c = leaf.certificate;
  EXPECT_EQ(ToText(c.subject()), "CN=node1, OU=ovnnb, O=MicroOVN");
  EXPECT_THAT(c.names().dns, ElementsAre("node1"));
  EXPECT_THAT(c.names().ip, ElementsAre("10.0.0.1"));
  EXPECT_THAT(c.names().uri, ElementsAre("spiffe://" + facts.cluster_id +
                                         "/member/" + facts.member_id));
  EXPECT_EQ(c.not_after() - pki.now(), absl::Hours(730 * 24));
  EXPECT_EQ(c.not_before(), pki.now() - kBackdating);
}

// A request that asks for CA:TRUE, another subject and more names: only its
// key gets into the certificate.
TEST(CertificateAuthority, IgnoresWhatARequestAsksFor) {
  TestPki pki;
  const absl::StatusOr<PrivateKey> key = PrivateKey::Generate();
  ASSERT_OK(key);
  const X509ReqPtr greedy(X509_REQ_new());
  X509_REQ_set_pubkey(greedy.get(), key->evp());
  const absl::StatusOr<X509NamePtr> subject =
      MakeName({"root", "Evil", "admin"});
  ASSERT_OK(subject);
  X509_REQ_set_subject_name(greedy.get(), subject->get());
  STACK_OF(X509_EXTENSION)* extensions = sk_X509_EXTENSION_new_null();
  for (const auto& [nid, value] :
       {std::pair<int, const char*>{NID_basic_constraints, "critical,CA:TRUE"},
        {NID_key_usage, "keyCertSign"},
        {NID_subject_alt_name, "URI:spiffe://evil/operator/root,DNS:evil"}}) {
    sk_X509_EXTENSION_push(extensions,
                           X509V3_EXT_nconf_nid(nullptr, nullptr, nid, value));
  }
  ASSERT_EQ(X509_REQ_add_extensions(greedy.get(), extensions), 1);
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  ASSERT_GT(X509_REQ_sign(greedy.get(), key->evp(), EVP_sha256()), 0);
  unsigned char* der = nullptr;
  const int size = i2d_X509_REQ(greedy.get(), &der);
  ASSERT_GT(size, 0);
  const OpensslMemory<unsigned char> owner(der);

  const absl::StatusOr<CertificateRequest> request =
      CertificateRequest::FromDer(absl::string_view(
          reinterpret_cast<const char*>(der), static_cast<size_t>(size)));
  ASSERT_OK(request);
  const absl::StatusOr<Profile> profile = MemberProfile(pki.Facts("node1"));
  ASSERT_OK(profile);
  const absl::StatusOr<Certificate> issued = pki.cluster_ca().Issue(
      *profile, request->public_key(), pki.now(), pki.random());
  ASSERT_OK(issued);
  EXPECT_EQ(issued->subject().common_name, "node1");
  EXPECT_FALSE(issued->is_ca());
  EXPECT_FALSE(issued->may_sign_certificates());
  EXPECT_THAT(issued->names().uri, SizeIs(1));
  EXPECT_THAT(issued->names().uri.front(), HasSubstr("/member/"));
  EXPECT_EQ(issued->public_key(), key->public_key());
}

TEST(CertificateAuthority, RefusesTheOtherPlaneAndOtherKeys) {
  TestPki pki;
  const absl::StatusOr<Profile> member = MemberProfile(pki.Facts("node1"));
  ASSERT_OK(member);
  const absl::StatusOr<PrivateKey> ec = PrivateKey::Generate();
  const absl::StatusOr<PrivateKey> ed = PrivateKey::Generate(KeyType::kEd25519);
  ASSERT_OK(ec);
  ASSERT_OK(ed);
  EXPECT_THAT(pki.ovn_ca().Issue(*member, ec->public_key(), kNow, pki.random()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("issues nothing for the cluster plane")));
  // OVS and "openssl ec" want EC keys.
  EXPECT_THAT(
      pki.cluster_ca().Issue(*member, ed->public_key(), kNow, pki.random()),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("Ed25519")));
  EXPECT_THAT(
      pki.cluster_ca().Issue(*member, ec->public_key(),
                             kNow + absl::Hours(36501 * 24), pki.random()),
      HasReason("CA_EXPIRED"));
}

struct UserCa {
  std::string chain;
  PrivateKey root_key;
  PrivateKey issuing_key;
  Certificate root;
  Certificate issuing;
};

UserCa MakeUserCa(RandomSource& random, PrivateKey root_key) {
  CertificateBuilder builder;
  builder.subject = {"Test Root", "Example", ""};
  builder.issued_at = kNow;
  builder.lifetime = absl::Hours(24 * 365);
  builder.is_ca = true;
  builder.path_length = 1;
  Certificate root = *builder.SelfSign(root_key, random);
  PrivateKey issuing_key = *PrivateKey::Generate(KeyType::kP384);
  builder.subject = {"Test CA", "Example", ""};
  builder.path_length = 0;
  Certificate issuing =
      *builder.SignAndBuild(issuing_key.public_key(), root, root_key, random);
  return {issuing.ToPem() + root.ToPem(), std::move(root_key),
          std::move(issuing_key), std::move(root), std::move(issuing)};
}

TEST(CertificateAuthority, TakesAUsersChainInAnyOrder) {
  TestPki pki;
  const UserCa user = MakeUserCa(pki.random(), RsaKey());
  const absl::StatusOr<Profile> profile =
      OvnServiceProfile(OvnService::kOvnNb, pki.Facts("node1"));
  ASSERT_OK(profile);
  for (const std::string& chain : {user.issuing.ToPem() + user.root.ToPem(),
                                   user.root.ToPem() + user.issuing.ToPem()}) {
    const absl::StatusOr<CertificateAuthority> ca =
        CertificateAuthority::FromUser(Plane::kOvn, chain,
                                       PemOf(user.issuing_key), kNow);
    ASSERT_OK(ca);
    EXPECT_THAT(ca->chain(), ElementsAre(user.issuing, user.root));
    const TestLeaf leaf = pki.Issue(*ca, *profile, kNow);
    EXPECT_OK(VerifyChain(
        *TrustBundle::From(ca->chain()),
        {leaf.certificate, {}, Purpose::kTlsServer, kNow, "node1"}));
  }
}

TEST(CertificateAuthority, TakesASelfSignedUserCaOfEachAlgorithm) {
  TestPki pki;
  std::vector<PrivateKey> keys;
  keys.push_back(RsaKey());
  keys.push_back(*PrivateKey::Generate(KeyType::kP384));
  keys.push_back(*PrivateKey::Generate(KeyType::kEd25519));
  for (PrivateKey& key : keys) {
    const UserCa user = MakeUserCa(pki.random(), std::move(key));
    // As set-ca --combined sends it: key and certificate in one text.
    const std::string combined =
        absl::StrCat(PemOf(user.root_key), user.root.ToPem());
    const absl::StatusOr<CertificateAuthority> ca =
        CertificateAuthority::FromUser(Plane::kOvn, combined, combined, kNow);
    ASSERT_OK(ca);
    EXPECT_EQ(ca->certificate(), user.root);
  }
}

TEST(CertificateAuthority, SaysWhatIsWrongWithAUsersCa) {
  TestPki pki;
  const UserCa user = MakeUserCa(pki.random(), *PrivateKey::Generate());
  const TestLeaf leaf = pki.Service(OvnService::kClient, pki.Facts("node1"));
  CertificateBuilder plain;
  plain.subject = {"Plain", "", ""};
  plain.issued_at = kNow;
  plain.lifetime = absl::Hours(1);
  const Certificate not_a_ca = *plain.SelfSign(user.issuing_key, pki.random());
  const std::string issuing_key = PemOf(user.issuing_key);
  struct Case {
    std::string chain;
    std::string key;
    absl::Time at;
    std::string why;
  };
  const Case cases[] = {
      {user.chain, PemOf(leaf.key), kNow, "the key belongs to none"},
      {not_a_ca.ToPem(), issuing_key, kNow, "CN=Plain is not a CA"},
      {user.chain + leaf.certificate.ToPem(), issuing_key, kNow, "is not a CA"},
      {user.issuing.ToPem(), issuing_key, kNow,
       "the certificate of CN=Test Root, O=Example, which issued CN=Test CA, "
       "O=Example, is missing"},
      {user.chain + pki.ovn_ca().certificate().ToPem(), issuing_key, kNow,
       "O=MicroOVN does not belong to the chain"},
      {user.chain, issuing_key, kNow + absl::Hours(24 * 366), "it expired at"},
      {user.chain, issuing_key, kNow - absl::Hours(25), "valid only from"},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(
        CertificateAuthority::FromUser(Plane::kOvn, c.chain, c.key, c.at),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(c.why)));
    EXPECT_THAT(
        CertificateAuthority::FromUser(Plane::kOvn, c.chain, c.key, c.at),
        HasReason("CA_INVALID"));
  }
  EXPECT_THAT(
      CertificateAuthority::FromUser(Plane::kOvn, "x", issuing_key, kNow),
      HasReason("CERTIFICATE_INVALID"));
  EXPECT_THAT(
      CertificateAuthority::FromUser(Plane::kOvn, user.chain, "x", kNow),
      HasReason("PRIVATE_KEY_INVALID"));
}

// The OVN CA's certificate without the extension `nid`, for `key` and signed by
// it.
Certificate WithoutExtension(const TestPki& pki, int nid,
                             const PrivateKey& key) {
  const X509Ptr x509(X509_dup(pki.ovn_ca().certificate().x509()));
  X509_set_pubkey(x509.get(), key.evp());
  const int index = X509_get_ext_by_NID(x509.get(), nid, -1);
  EXPECT_GE(index, 0);
  X509_EXTENSION_free(X509_delete_ext(x509.get(), index));
  EXPECT_GT(X509_sign(x509.get(), key.evp(), EVP_sha256()), 0);
  unsigned char* der = nullptr;
  const int size = i2d_X509(x509.get(), &der);
  EXPECT_GT(size, 0);
  const OpensslMemory<unsigned char> owner(der);
  return *Certificate::FromDer(absl::string_view(
      reinterpret_cast<const char*>(der), static_cast<size_t>(size)));
}

// CA:TRUE alone is not enough: OVS and openssl look at the key usage, too.
TEST(CertificateAuthority, WantsKeyCertSign) {
  TestPki pki;
  const absl::StatusOr<PrivateKey> key = PrivateKey::Generate();
  ASSERT_OK(key);
  const Certificate ca = WithoutExtension(pki, NID_key_usage, *key);
  EXPECT_THAT(CertificateAuthority::FromUser(Plane::kOvn, ca.ToPem(),
                                             PemOf(*key), kNow),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("lacks the key usage keyCertSign")));
}

// Nor is keyCertSign: what such a certificate issues verifies nowhere.
TEST(CertificateAuthority, WantsCaTrue) {
  TestPki pki;
  absl::StatusOr<PrivateKey> key = PrivateKey::Generate();
  ASSERT_OK(key);
  const Certificate ca = WithoutExtension(pki, NID_basic_constraints, *key);
  ASSERT_TRUE(ca.may_sign_certificates());
  EXPECT_THAT(
      CertificateAuthority::FromParts(Plane::kOvn, {ca}, *std::move(key)),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("CA:TRUE is missing")));
}

TEST(CertificateAuthority, PartsMustMatch) {
  TestPki pki;
  const std::string pem = PemOf(pki.ovn_ca().key(KeyAccess::Granted()));
  const auto key = [&pem] {
    return *PrivateKey::FromPem(pem, KeyAccess::Granted());
  };
  EXPECT_OK(CertificateAuthority::FromParts(Plane::kOvn, pki.ovn_ca().chain(),
                                            key()));
  EXPECT_THAT(CertificateAuthority::FromParts(Plane::kOvn,
                                              pki.cluster_ca().chain(), key()),
              HasReason("CA_INVALID"));
  EXPECT_THAT(CertificateAuthority::FromParts(Plane::kOvn, {}, key()),
              HasReason("CA_INVALID"));
}

TEST(Profile, JoinerAndOperatorAreClientsWithOneUri) {
  TestPki pki;
  const std::string id = pki.random().Id();
  const absl::StatusOr<Profile> joiner =
      JoinerProfile(pki.cluster_id(), id, absl::Hours(3));
  ASSERT_OK(joiner);
  EXPECT_THAT(joiner->names.uri,
              ElementsAre("spiffe://" + pki.cluster_id() + "/token/" + id));
  EXPECT_THAT(joiner->names.dns, IsEmpty());
  EXPECT_FALSE(joiner->server_auth);
  EXPECT_TRUE(joiner->client_auth);
  const absl::StatusOr<Profile> admin = OperatorProfile(
      pki.cluster_id(), "alice", OperatorRole::kAdmin, absl::Hours(1));
  ASSERT_OK(admin);
  EXPECT_THAT(admin->names.uri,
              ElementsAre("spiffe://" + pki.cluster_id() + "/operator/alice"));
  EXPECT_EQ(admin->subject.organizational_unit, "admin");
  EXPECT_FALSE(admin->server_auth);
}

TEST(Profile, MemberIsServerAndClientUnderIdNameAndAddress) {
  TestPki pki;
  const MemberFacts facts = pki.Facts("node1", "fd00:0::1");
  const absl::StatusOr<Profile> member = MemberProfile(facts);
  ASSERT_OK(member);
  EXPECT_EQ(ToText(member->subject), "CN=node1, OU=member, O=MicroOVN");
  EXPECT_THAT(member->names.dns, ElementsAre(facts.member_id, "node1"));
  EXPECT_THAT(member->names.ip, ElementsAre("fd00::1"));
  EXPECT_EQ(member->lifetime, absl::Hours(30 * 24));
  EXPECT_TRUE(member->server_auth && member->client_auth);
}

TEST(Profile, NameTooLongForASubjectIsStillAnAlternativeName) {
  TestPki pki;
  const std::string name = std::string(63, 'a') + "." + std::string(63, 'b');
  const MemberFacts facts = pki.Facts(name);
  const TestLeaf leaf = pki.Member(facts);
  EXPECT_EQ(leaf.certificate.subject().common_name, facts.member_id);
  EXPECT_THAT(leaf.certificate.names().dns, ElementsAre(facts.member_id, name));
}

TEST(Profile, RefusesFactsThatAreNotWellFormed) {
  TestPki pki;
  const MemberFacts good = pki.Facts("node1");
  const auto with = [&good](auto change) {
    MemberFacts facts = good;
    change(facts);
    return facts;
  };
  const MemberFacts bad[] = {
      with([](MemberFacts& f) { f.cluster_id = "x"; }),
      with([](MemberFacts& f) { f.member_id = "../../etc"; }),
      with([](MemberFacts& f) { f.address = "10.0.0.1,DNS:evil"; }),
  };
  for (const MemberFacts& facts : bad) {
    EXPECT_FALSE(MemberProfile(facts).ok());
    EXPECT_FALSE(OvnServiceProfile(OvnService::kClient, facts).ok());
  }
  EXPECT_FALSE(MemberProfile(good, absl::ZeroDuration()).ok());
  EXPECT_FALSE(MemberProfile(good, absl::Hours(24 * 4000)).ok());
  EXPECT_FALSE(JoinerProfile(good.cluster_id, "id", absl::Hours(1)).ok());
  EXPECT_FALSE(OperatorProfile(good.cluster_id, "A/b", OperatorRole::kViewer,
                               absl::Hours(1))
                   .ok());
}

TEST(OvnService, NamesAndFilesAreMicroOvns) {
  std::vector<std::string> files;
  for (const OvnService service : kOvnServices) {
    files.push_back(CertificateFile(service));
    files.push_back(PrivateKeyFile(service));
    EXPECT_THAT(ParseOvnService(OvnServiceName(service)),
                IsOkAndHolds(service));
  }
  EXPECT_THAT(
      files,
      ElementsAre("client-cert.pem", "client-privkey.pem", "ovnnb-cert.pem",
                  "ovnnb-privkey.pem", "ovnsb-cert.pem", "ovnsb-privkey.pem",
                  "ovn-northd-cert.pem", "ovn-northd-privkey.pem",
                  "ovn-controller-cert.pem", "ovn-controller-privkey.pem"));
  EXPECT_FALSE(ParseOvnService("../client").ok());
}

}  // namespace
}  // namespace microovn::pki
