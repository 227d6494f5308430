// SPDX-License-Identifier: Apache-2.0
#include "pki/join/pin_fetcher.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/testing/loopback.h"
#include "base/testing/status_matchers.h"
#include "base/text/host_port.h"
#include "base/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/join/token_issuer.h"
#include "pki/name/member_name.h"
#include "pki/openssl/openssl_ptr.h"
#include "pki/testing/test_pki.h"

namespace microovn::pki {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Long enough for a loaded machine; only the silent cases use it up.
constexpr absl::Duration kTimeout = absl::Seconds(20);
constexpr absl::Duration kShortTimeout = absl::Milliseconds(100);

using SslCtxPtr = OpensslPtr<SSL_CTX, SSL_CTX_free>;
using SslPtr = OpensslPtr<SSL, SSL_free>;

// What a TLS server saw of its client.
struct Seen {
  bool handshake = false;
  std::string peer_fingerprint;
};

// Serves `leaf` with `above` it, asking for the client's certificate.
std::function<void(int)> TlsServer(const TestLeaf& leaf,
                                   std::vector<Certificate> above, Seen& seen) {
  return [&leaf, above = std::move(above), &seen](int fd) {
    const SslCtxPtr context(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(context.get(), leaf.certificate.x509());
    SSL_CTX_use_PrivateKey(context.get(), leaf.key.evp());
    for (const Certificate& certificate : above) {
      SSL_CTX_add1_chain_cert(context.get(), certificate.x509());
    }
    // A joiner hangs up before it would read them.
    SSL_CTX_set_num_tickets(context.get(), 0);
    SSL_CTX_set_verify(context.get(),
                       SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       [](int, X509_STORE_CTX*) { return 1; });
    const SslPtr session(SSL_new(context.get()));
    SSL_set_fd(session.get(), fd);
    seen.handshake = SSL_accept(session.get()) == 1;
    const X509Ptr peer(SSL_get1_peer_certificate(session.get()));
    if (peer == nullptr) return;
    unsigned char* der = nullptr;
    const int size = i2d_X509(peer.get(), &der);
    const OpensslMemory<unsigned char> owner(der);
    seen.peer_fingerprint =
        Certificate::FromDer(
            absl::string_view(reinterpret_cast<const char*>(der),
                              static_cast<size_t>(size)))
            ->fingerprint();
  };
}

// The machine's timer under a wall clock that the certificates agree with.
class TestClock final : public Clock {
 public:
  explicit TestClock(absl::Time now) : now_(now) {}
  absl::Time Now() const override { return now_; }
  absl::Duration Monotonic() const override {
    return Clock::Real().Monotonic();
  }

 private:
  absl::Time now_;
};

class PinFetcherTest : public ::testing::Test {
 protected:
  PinFetcherTest()
      : token_(*IssueJoinToken(pki_.cluster_ca(),
                               {pki_.cluster_id(),
                                *MemberName::Parse("node2"),
                                {{"127.0.0.1", 6686}}},
                               pki_.now(), pki_.random())) {}

  absl::StatusOr<PinnedPeer> Fetch(const HostPort& endpoint,
                                   absl::Duration timeout = kTimeout) {
    return FetchPinnedCa(endpoint, token_, timeout,
                         TestClock(pki_.now() + off_));
  }

  // What a joiner makes of a server with `leaf` and `above`; the server must
  // not get to see the joiner's certificate.
  absl::Status Refusal(const TestLeaf& leaf, std::vector<Certificate> above) {
    Seen seen;
    OneShotServer server(TlsServer(leaf, std::move(above), seen));
    absl::Status status = Fetch(server.endpoint()).status();
    server.Wait();
    EXPECT_FALSE(seen.handshake);
    EXPECT_THAT(seen.peer_fingerprint, IsEmpty());
    return status;
  }

  TestPki pki_;
  JoinToken token_;
  // How far this system's clock is ahead of the cluster's.
  absl::Duration off_;
};

TEST_F(PinFetcherTest, FindsTheClusterOfItsToken) {
  const MemberFacts facts = pki_.Facts("node1");
  const TestLeaf leaf = pki_.Member(facts);
  Seen seen;
  OneShotServer server(TlsServer(leaf, pki_.cluster_ca().chain(), seen));
  const absl::StatusOr<PinnedPeer> peer = Fetch(server.endpoint());
  server.Wait();
  ASSERT_OK(peer);
  EXPECT_EQ(peer->ca, pki_.cluster_ca().certificate());
  EXPECT_EQ(peer->leaf, leaf.certificate);
  EXPECT_EQ(peer->identity.id, facts.member_id);
  // The server knows the joiner by its token's certificate.
  EXPECT_TRUE(seen.handshake);
  EXPECT_EQ(seen.peer_fingerprint, token_.certificate.fingerprint());
}

// Members that were set aside know the others by it; its key is the pinned one.
TEST_F(PinFetcherTest, ACrossCertificateIsNotTheCa) {
  const TestPki before(pki_.now(), 2);
  SeededRandom random(3);
  const auto cross = before.cluster_ca().CrossCertify(
      pki_.cluster_ca().certificate(), pki_.now(), random);
  ASSERT_OK(cross);
  const TestLeaf leaf = pki_.Member(pki_.Facts("node1"));
  Seen seen;
  OneShotServer server(
      TlsServer(leaf, {*cross, pki_.cluster_ca().certificate()}, seen));
  const absl::StatusOr<PinnedPeer> peer = Fetch(server.endpoint());
  server.Wait();
  ASSERT_OK(peer);
  EXPECT_EQ(peer->ca, pki_.cluster_ca().certificate());
}

TEST_F(PinFetcherTest, StopsAtAnotherCaBeforeShowingItsCertificate) {
  TestPki impostor(pki_.now(), 2);
  const TestLeaf leaf = impostor.Member(pki_.Facts("node1"));
  EXPECT_THAT(Refusal(leaf, impostor.cluster_ca().chain()),
              HasReason("CA_PIN_MISMATCH"));
  // The right CA in the chain does not help a leaf that it did not issue.
  EXPECT_THAT(Refusal(leaf, pki_.cluster_ca().chain()),
              HasReason("CERTIFICATE_REFUSED"));
  // Nor does a leaf of the right CA that comes without it.
  EXPECT_THAT(Refusal(pki_.Member(pki_.Facts("node1")), {}),
              HasReason("CA_PIN_MISMATCH"));
}

TEST_F(PinFetcherTest, StopsAtAPeerThatIsNoMemberNow) {
  const MemberFacts facts = pki_.Facts("node1");
  const std::vector<Certificate>& chain = pki_.cluster_ca().chain();
  EXPECT_THAT(Refusal(pki_.Member(facts, absl::Hours(31 * 24)), chain),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("it expired at")));
  EXPECT_THAT(Refusal(pki_.Member(facts, -absl::Hours(25)), chain),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("and the clock says")));
  MemberFacts foreign = facts;
  foreign.cluster_id = pki_.random().Id();
  EXPECT_THAT(Refusal(pki_.Member(foreign), chain),
              HasReason("PEER_IDENTITY_REFUSED"));
  // Whoever has a token of the cluster is not a member yet.
  const absl::StatusOr<Profile> joiner =
      JoinerProfile(pki_.cluster_id(), facts.member_id, absl::Hours(1));
  ASSERT_OK(joiner);
  EXPECT_THAT(Refusal(pki_.Issue(pki_.cluster_ca(), *joiner, pki_.now(),
                                 KeyType::kEd25519),
                      chain),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("may not be used by a TLS server")));
}

// Both clocks are named: which one is wrong is for the operator to see.
TEST_F(PinFetcherTest, AWrongClockIsSaidToBeOne) {
  const TestLeaf leaf = pki_.Member(pki_.Facts("node1"));
  const std::vector<Certificate>& chain = pki_.cluster_ca().chain();
  off_ = -absl::Hours(25);
  const absl::Status behind = Refusal(leaf, chain);
  EXPECT_THAT(behind, HasReason("CLOCK_SKEW"));
  EXPECT_THAT(std::string(behind.message()),
              HasSubstr("it is 2023-11-13T21:13:20+00:00 here, and the token "
                        "was made at 2023-11-14T22:13:20+00:00 by the "
                        "cluster's clock, 25h later"));
  off_ = absl::Hours(31 * 24);
  const absl::Status ahead = Refusal(leaf, chain);
  EXPECT_THAT(ahead, HasReason("CLOCK_SKEW"));
  EXPECT_THAT(std::string(ahead.message()), HasSubstr("744h earlier"));
  // Before the cluster's CA, as on a machine whose clock has no battery.
  off_ = -absl::Hours(24 * 365 * 50);
  EXPECT_THAT(Refusal(leaf, chain), HasReason("CLOCK_SKEW"));
}

TEST_F(PinFetcherTest, AClockThatIsOffByHoursIsNoHindrance) {
  for (const int hours : {-23, -1, 1, 23, 29 * 24}) {
    off_ = absl::Hours(hours);
    const TestLeaf leaf = pki_.Member(pki_.Facts("node1"));
    Seen seen;
    OneShotServer server(TlsServer(leaf, pki_.cluster_ca().chain(), seen));
    EXPECT_OK(Fetch(server.endpoint())) << hours;
    server.Wait();
  }
}

// A wrong clock makes no bad chain a good one, and is not blamed for it.
TEST_F(PinFetcherTest, AWrongClockHidesNothing) {
  off_ = -absl::Hours(25);
  TestPki impostor(pki_.now(), 2);
  EXPECT_THAT(
      Refusal(impostor.Member(pki_.Facts("node1")), pki_.cluster_ca().chain()),
      HasReason("CERTIFICATE_REFUSED"));
}

// The uses of a certificate are not who it is for: one that a TLS server may
// use is still a joiner's or an operator's.
TEST_F(PinFetcherTest, StopsAtAServerThatIsNoMember) {
  absl::StatusOr<Profile> joiner =
      JoinerProfile(pki_.cluster_id(), pki_.random().Id(), absl::Hours(1));
  ASSERT_OK(joiner);
  absl::StatusOr<Profile> admin = OperatorProfile(
      pki_.cluster_id(), "alice", OperatorRole::kAdmin, absl::Hours(1));
  ASSERT_OK(admin);
  joiner->server_auth = true;
  admin->server_auth = true;
  const std::vector<Certificate>& chain = pki_.cluster_ca().chain();
  EXPECT_THAT(Refusal(pki_.Issue(pki_.cluster_ca(), *joiner, pki_.now(),
                                 KeyType::kEd25519),
                      chain),
              HasReason("PEER_IDENTITY_REFUSED"));
  EXPECT_THAT(Refusal(pki_.Issue(pki_.cluster_ca(), *admin, pki_.now()), chain),
              HasReason("PEER_IDENTITY_REFUSED"));
}

// A key with the public half of `claimed` and the private half of `own`, which
// OpenSSL takes for the key of a certificate for `claimed`.
EvpPkeyPtr Chimera(const PrivateKey& claimed, const PrivateKey& own) {
  unsigned char point[128] = {};
  size_t size = 0;
  EXPECT_EQ(
      EVP_PKEY_get_octet_string_param(claimed.evp(), OSSL_PKEY_PARAM_PUB_KEY,
                                      point, sizeof(point), &size),
      1);
  BIGNUM* scalar = nullptr;
  EXPECT_EQ(EVP_PKEY_get_bn_param(own.evp(), OSSL_PKEY_PARAM_PRIV_KEY, &scalar),
            1);
  const BignumPtr owner(scalar);
  const OpensslPtr<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(
      OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                  "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                   point, size);
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar);
  const OpensslPtr<OSSL_PARAM, OSSL_PARAM_free> parameters(
      OSSL_PARAM_BLD_to_param(builder.get()));
  const OpensslPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(
      EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  EXPECT_EQ(EVP_PKEY_fromdata_init(context.get()), 1);
  EXPECT_EQ(EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR,
                              parameters.get()),
            1);
  return EvpPkeyPtr(key);
}

// Anyone can send a member's chain; only the member can sign for it.
TEST_F(PinFetcherTest, StopsAtAReplayedChain) {
  const TestLeaf good = pki_.Member(pki_.Facts("node1"));
  const absl::StatusOr<PrivateKey> own = PrivateKey::Generate();
  ASSERT_OK(own);
  const EvpPkeyPtr key = Chimera(good.key, *own);
  const X509Ptr ca(X509_dup(pki_.cluster_ca().certificate().x509()));
  OneShotServer server([&](int fd) {
    const SslCtxPtr context(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(context.get(), good.certificate.x509());
    EXPECT_EQ(SSL_CTX_use_PrivateKey(context.get(), key.get()), 1);
    SSL_CTX_add1_chain_cert(context.get(), ca.get());
    const SslPtr session(SSL_new(context.get()));
    SSL_set_fd(session.get(), fd);
    EXPECT_NE(SSL_accept(session.get()), 1);
  });
  EXPECT_THAT(Fetch(server.endpoint()), StatusIs(absl::StatusCode::kUnavailable,
                                                 HasSubstr("bad signature")));
}

TEST_F(PinFetcherTest, SaysSoWhenNobodySpeaksTlsThere) {
  OneShotServer plain([](int fd) {
    constexpr char kHello[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
    EXPECT_GT(send(fd, kHello, sizeof(kHello) - 1, MSG_NOSIGNAL), 0);
    char buffer[64];
    while (recv(fd, buffer, sizeof(buffer), 0) > 0) {
    }
  });
  EXPECT_THAT(Fetch(plain.endpoint()),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr("does not answer in TLS 1.3")));
  OneShotServer rude([](int) {});
  EXPECT_THAT(Fetch(rude.endpoint()), HasReason("JOIN_ADDRESS_UNUSABLE"));
}

TEST_F(PinFetcherTest, RefusesOlderTls) {
  const TestLeaf leaf = pki_.Member(pki_.Facts("node1"));
  OneShotServer server([&leaf](int fd) {
    const SslCtxPtr context(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_use_certificate(context.get(), leaf.certificate.x509());
    SSL_CTX_use_PrivateKey(context.get(), leaf.key.evp());
    const SslPtr session(SSL_new(context.get()));
    SSL_set_fd(session.get(), fd);
    EXPECT_NE(SSL_accept(session.get()), 1);
  });
  EXPECT_THAT(Fetch(server.endpoint()), HasReason("JOIN_ADDRESS_UNUSABLE"));
}

TEST_F(PinFetcherTest, DoesNotWaitForeverForASilentServer) {
  OneShotServer server([](int fd) {
    char buffer[1024];
    while (recv(fd, buffer, sizeof(buffer), 0) > 0) {
    }
  });
  EXPECT_THAT(
      Fetch(server.endpoint(), kShortTimeout),
      StatusIs(absl::StatusCode::kUnavailable, HasSubstr("no answer in time")));
}

TEST_F(PinFetcherTest, SaysSoWhenNobodyListens) {
  HostPort endpoint;
  {
    OneShotServer gone([](int) {});
    endpoint = gone.endpoint();
  }
  EXPECT_THAT(Fetch(endpoint), StatusIs(absl::StatusCode::kUnavailable,
                                        HasSubstr("Connection refused")));
}

}  // namespace
}  // namespace microovn::pki
