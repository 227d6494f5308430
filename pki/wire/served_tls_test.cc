// SPDX-License-Identifier: Apache-2.0
#include "pki/wire/served_tls.h"

#include <openssl/ssl.h>
#include <signal.h>

#include <vector>

#include "base/testing/loopback.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/openssl/openssl_ptr.h"
#include "pki/openssl/tls_floor.h"
#include "pki/testing/test_pki.h"

namespace microovn::pki {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(20);

// Serves one connection on loopback as Open vSwitch does.
class OneConnection {
 public:
  OneConnection(const TestLeaf& leaf, const std::vector<Certificate>& cas,
                int version)
      : server_([this, &leaf, cas, version](int peer) {
          Serve(leaf, cas, version, peer);
        }) {}

  HostPort endpoint() const { return server_.endpoint(); }
  bool Wait() {
    server_.Stop();
    return accepted_;
  }

 private:
  void Serve(const TestLeaf& leaf, const std::vector<Certificate>& cas,
             int version, int peer) {
    // Who connects hangs up as soon as it has seen enough.
    signal(SIGPIPE, SIG_IGN);
    const OpensslPtr<SSL_CTX, SSL_CTX_free> context(
        SSL_CTX_new(TLS_server_method()));
    SSL_CTX_clear_options(context.get(), SSL_OP_NO_TLSv1_2);
    SSL_CTX_set_max_proto_version(context.get(), version);
    SSL_CTX_use_certificate(context.get(), leaf.certificate.x509());
    SSL_CTX_use_PrivateKey(context.get(), leaf.key.evp());
    for (const Certificate& ca : cas) {
      SSL_CTX_add_client_CA(context.get(), ca.x509());
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), ca.x509());
    }
    SSL_CTX_set_verify(context.get(),
                       SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       nullptr);
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context.get()),
                                X509_V_FLAG_NO_CHECK_TIME);
    const OpensslPtr<SSL, SSL_free> session(SSL_new(context.get()));
    SSL_set_fd(session.get(), peer);
    accepted_ = SSL_accept(session.get()) == 1;
    char byte = 0;
    SSL_read(session.get(), &byte, 1);
  }

  bool accepted_ = false;
  OneShotServer server_;
};

TEST(ServedTlsTest, SeesTheLeafAndWhichCasAreTrusted) {
  // As in an agent, which speaks TLS 1.3 alone.
  ASSERT_OK(ApplyTlsFloor());
  TestPki pki;
  TestPki next(pki.now(), 2);
  const TestLeaf server = pki.Service(OvnService::kOvnNb, pki.Facts("node1"));
  const TestLeaf client = pki.Service(OvnService::kClient, pki.Facts("node1"));
  const Certificate& old_ca = pki.ovn_ca().certificate();
  const Certificate& new_ca = next.ovn_ca().certificate();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    OneConnection before(server, {old_ca}, version);
    auto served = ObserveTls(before.endpoint(), client.certificate, client.key,
                             kTimeout, Clock::Real());
    ASSERT_OK(served.status());
    EXPECT_EQ(served->leaf, server.certificate);
    EXPECT_TRUE(AsksFor(*served, old_ca));
    EXPECT_FALSE(AsksFor(*served, new_ca)) << "the same name would not do";
    EXPECT_TRUE(before.Wait()) << "our certificate was shown";

    OneConnection during(server, {old_ca, new_ca}, version);
    served = ObserveTls(during.endpoint(), client.certificate, client.key,
                        kTimeout, Clock::Real());
    ASSERT_OK(served.status());
    EXPECT_TRUE(AsksFor(*served, new_ca));
  }
}

TEST(ServedTlsTest, WhereNobodyListensThereIsNothing) {
  TestPki pki;
  const TestLeaf client = pki.Service(OvnService::kClient, pki.Facts("node1"));
  HostPort free_port;
  {
    OneConnection gone(client, {}, TLS1_3_VERSION);
    free_port = gone.endpoint();
  }
  EXPECT_FALSE(ObserveTls(free_port, client.certificate, client.key, kTimeout,
                          Clock::Real())
                   .ok());
}

}  // namespace
}  // namespace microovn::pki
