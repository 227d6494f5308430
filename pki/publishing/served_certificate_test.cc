// SPDX-License-Identifier: Apache-2.0
#include "pki/publishing/served_certificate.h"

#include <openssl/ssl.h>

#include <string>

#include "base/testing/loopback.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "pki/openssl/openssl_ptr.h"
#include "pki/testing/test_pki.h"

namespace microovn::pki {
namespace {

using SslCtxPtr = OpensslPtr<SSL_CTX, SSL_CTX_free>;
using SslPtr = OpensslPtr<SSL, SSL_free>;

class ServedCertificateTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::string> Ask(const HostPort& address) {
    return ServedFingerprint(address, directory_.path(), absl::Seconds(5));
  }
  void Serve(const TestLeaf& leaf, int fd, int version) {
    const SslCtxPtr context(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_set_max_proto_version(context.get(), version);
    SSL_CTX_use_certificate(context.get(), leaf.certificate.x509());
    SSL_CTX_use_PrivateKey(context.get(), leaf.key.evp());
    // As Open vSwitch does.
    SSL_CTX_set_verify(context.get(),
                       SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       nullptr);
    const SslPtr session(SSL_new(context.get()));
    SSL_set_fd(session.get(), fd);
    SSL_accept(session.get());
  }

  TempDir directory_;
  TestPki pki_;
};

TEST_F(ServedCertificateTest, IsWhatThePortServesThoughItRefusesUs) {
  const TestLeaf leaf = pki_.Service(OvnService::kOvnNb, pki_.Facts("node1"));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    OneShotServer server([&](int fd) { Serve(leaf, fd, version); });
    EXPECT_THAT(Ask(server.endpoint()),
                IsOkAndHolds(leaf.certificate.fingerprint()))
        << version;
  }
}

TEST_F(ServedCertificateTest, SaysWhatDoesNotAnswer) {
  HostPort gone;
  {
    OneShotServer rude([](int) {});
    EXPECT_THAT(Ask(rude.endpoint()), StatusIs(absl::StatusCode::kUnavailable));
    gone = rude.endpoint();
  }
  EXPECT_THAT(Ask(gone), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Ask({"no address", 1}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace microovn::pki
