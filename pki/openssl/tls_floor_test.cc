// SPDX-License-Identifier: Apache-2.0
#include "pki/openssl/tls_floor.h"

#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include <fstream>
#include <string>

#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"
#include "pki/key/private_key.h"
#include "pki/openssl/openssl_ptr.h"
#include "pki/testing/test_pki.h"

namespace microovn::pki {
namespace {

using SslCtxPtr = OpensslPtr<SSL_CTX, SSL_CTX_free>;
using SslPtr = OpensslPtr<SSL, SSL_free>;

int tickets_seen = 0;

// A server as gRPC 1.51 makes it: TLS 1.2 to 1.3, everything else by default.
SslCtxPtr ServerContext() {
  static TestPki* const kPki = new TestPki();
  static const TestLeaf* const kLeaf =
      new TestLeaf(kPki->Member(kPki->Facts("node1")));
  SslCtxPtr context(SSL_CTX_new(TLS_method()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_use_certificate(context.get(), kLeaf->certificate.x509());
  SSL_CTX_use_PrivateKey(context.get(), kLeaf->key.evp());
  return context;
}

// A client that we do not control: the floor of this process does not bind it.
SslCtxPtr ClientContext(int version) {
  SslCtxPtr context(SSL_CTX_new(TLS_method()));
  SSL_CTX_clear_options(context.get(), SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TICKET);
  SSL_CTX_set_min_proto_version(context.get(), version);
  SSL_CTX_set_max_proto_version(context.get(), version);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT);
  SSL_CTX_sess_set_new_cb(context.get(), [](SSL*, SSL_SESSION*) {
    ++tickets_seen;
    return 0;
  });
  return context;
}

// Whether client and server, joined in memory, agree.
bool Handshake(SSL* client, SSL* server) {
  BIO* client_bio = nullptr;
  BIO* server_bio = nullptr;
  BIO_new_bio_pair(&client_bio, 0, &server_bio, 0);
  SSL_set_bio(client, client_bio, client_bio);
  SSL_set_bio(server, server_bio, server_bio);
  SSL_set_connect_state(client);
  SSL_set_accept_state(server);
  bool done = false;
  for (int i = 0; i < 20 && !done; ++i) {
    const int a = SSL_do_handshake(client);
    const int b = SSL_do_handshake(server);
    done = a == 1 && b == 1;
  }
  // Tickets of TLS 1.3 come with the first data.
  char byte = 'x';
  if (done) SSL_write(server, &byte, 1);
  if (done) SSL_read(client, &byte, 1);
  return done;
}

bool Connects(int client_version) {
  const SslCtxPtr server_context = ServerContext();
  const SslCtxPtr client_context = ClientContext(client_version);
  const SslPtr server(SSL_new(server_context.get()));
  const SslPtr client(SSL_new(client_context.get()));
  return Handshake(client.get(), server.get());
}

// Of this process, as the kernel says.
int LockedKilobytes() {
  std::ifstream status("/proc/self/status");
  int kilobytes = -1;
  for (std::string word; status >> word && kilobytes < 0;) {
    if (word == "VmLck:") status >> kilobytes;
  }
  return kilobytes;
}

// One test, for the floor holds for the rest of the process.
TEST(TlsFloor, LeavesOnlyTls13WithoutTickets) {
  tickets_seen = 0;
  EXPECT_TRUE(Connects(TLS1_2_VERSION)) << "the test cannot fail otherwise";
  EXPECT_TRUE(Connects(TLS1_3_VERSION));
  EXPECT_GT(tickets_seen, 0) << "the test cannot fail otherwise";

  ASSERT_OK(ApplyTlsFloor());
  ASSERT_OK(ApplyTlsFloor());
  tickets_seen = 0;
  EXPECT_FALSE(Connects(TLS1_2_VERSION));
  EXPECT_TRUE(Connects(TLS1_3_VERSION));
  EXPECT_EQ(tickets_seen, 0);
  EXPECT_EQ(CRYPTO_secure_malloc_initialized(), 1);
  EXPECT_EQ(PrivateKeysAreLocked(), LockedKilobytes() >= 1024);
  // Where a private key is.
  const size_t used = CRYPTO_secure_used();
  const auto ec = PrivateKey::Generate(KeyType::kP256);
  const auto ed25519 = PrivateKey::Generate(KeyType::kEd25519);
  ASSERT_OK(ec);
  ASSERT_OK(ed25519);
  EXPECT_GE(CRYPTO_secure_used(), used + 64);
}

}  // namespace
}  // namespace microovn::pki
