// SPDX-License-Identifier: Apache-2.0
#include "pki/certificate/tls_dates.h"

#include <openssl/ssl.h>

#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"
#include "pki/openssl/openssl_ptr.h"
#include "pki/testing/test_pki.h"

namespace microovn::pki {
namespace {

using SslCtxPtr = OpensslPtr<SSL_CTX, SSL_CTX_free>;
using SslPtr = OpensslPtr<SSL, SSL_free>;

// As gRPC makes them: each side verifies the other.
SslCtxPtr Context(const TestLeaf& leaf, const CertificateAuthority& trusted) {
  SslCtxPtr context(SSL_CTX_new(TLS_method()));
  SSL_CTX_use_certificate(context.get(), leaf.certificate.x509());
  SSL_CTX_use_PrivateKey(context.get(), leaf.key.evp());
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()),
                      trusted.certificate().x509());
  SSL_CTX_set_verify(context.get(),
                     SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                     nullptr);
  return context;
}

bool Connects(const SslCtxPtr& client_context, const SslCtxPtr& own) {
  const SslPtr client(SSL_new(client_context.get()));
  const SslPtr server(SSL_new(own.get()));
  BIO* client_bio = nullptr;
  BIO* server_bio = nullptr;
  BIO_new_bio_pair(&client_bio, 0, &server_bio, 0);
  SSL_set_bio(client.get(), client_bio, client_bio);
  SSL_set_bio(server.get(), server_bio, server_bio);
  SSL_set_connect_state(client.get());
  SSL_set_accept_state(server.get());
  for (int i = 0; i < 20; ++i) {
    const int a = SSL_do_handshake(client.get());
    const int b = SSL_do_handshake(server.get());
    if (a == 1 && b == 1) return true;
  }
  return false;
}

// One test, for it holds for the rest of the process.
TEST(LeaveDatesToCallers, TakesDatesOutOfHandshakesAndNothingElse) {
  TestPki here(absl::Now());
  TestPki elsewhere(absl::Now(), /*seed=*/2);
  const MemberFacts facts = here.Facts("node1");
  const TestLeaf good = here.Member(facts);
  const TestLeaf old = here.Member(facts, absl::Hours(31 * 24));
  const TestLeaf ahead = here.Member(facts, -absl::Hours(24));
  const TestLeaf stranger = elsewhere.Member(elsewhere.Facts("node1"));
  const auto connects = [&](const TestLeaf& client, const TestLeaf& server) {
    return Connects(Context(client, here.cluster_ca()),
                    Context(server, here.cluster_ca()));
  };
  EXPECT_TRUE(connects(good, good));
  EXPECT_FALSE(connects(old, good)) << "the test cannot fail otherwise";
  EXPECT_FALSE(connects(good, old)) << "the test cannot fail otherwise";

  ASSERT_OK(LeaveDatesToCallers());
  ASSERT_OK(LeaveDatesToCallers());
  EXPECT_TRUE(connects(old, good));
  EXPECT_TRUE(connects(good, old));
  EXPECT_TRUE(connects(old, old));
  EXPECT_TRUE(connects(ahead, good));
  EXPECT_FALSE(connects(stranger, good));
  EXPECT_FALSE(connects(good, stranger));
  // A joiner's certificate is for clients only.
  const auto joiner =
      JoinerProfile(here.cluster_id(), here.random().Id(), absl::Hours(1));
  ASSERT_OK(joiner);
  const TestLeaf client_only =
      here.Issue(here.cluster_ca(), *joiner, here.now(), KeyType::kEd25519);
  EXPECT_FALSE(connects(good, client_only));
}

TEST(CheckDates, SaysWhichEnd) {
  TestPki pki;
  const Certificate leaf = pki.Member(pki.Facts("node1")).certificate;
  EXPECT_OK(CheckDates(leaf, leaf.not_before()));
  EXPECT_OK(CheckDates(leaf, leaf.not_after() - absl::Seconds(1)));
  const absl::Status over = CheckDates(leaf, leaf.not_after());
  EXPECT_THAT(over, HasReason("CERTIFICATE_REFUSED"));
  EXPECT_NE(over.message().find("it expired at 20"), absl::string_view::npos);
  const absl::Status early =
      CheckDates(leaf, leaf.not_before() - absl::Seconds(1));
  EXPECT_THAT(early, HasReason("CERTIFICATE_REFUSED"));
  EXPECT_NE(early.message().find("valid only from"), absl::string_view::npos);
}

}  // namespace
}  // namespace microovn::pki
