// SPDX-License-Identifier: Apache-2.0
// The TCP port as somebody meets it who speaks TLS himself: what is refused
// before a call is read, and what a renewed certificate changes.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "agent/server/server.h"
#include "agent/server/testing/recording_server.h"
#include "agent/server/tls_identity.h"
#include "base/file/unique_fd.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/text/host_port.h"
#include "base/time/clock.h"
#include "gtest/gtest.h"
#include "openssl/pem.h"
#include "openssl/ssl.h"
#include "pki/key/key_access.h"
#include "pki/openssl/tls_floor.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

// A connection that does its own TLS, and believes any server.
class TlsClient {
 public:
  explicit TlsClient(int port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    connected_ = connect(fd_.get(), reinterpret_cast<sockaddr*>(&address),
                         sizeof(address)) == 0;
    context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_security_level(context_.get(), 0);
    // The floor of this process is the server's; this end offers everything.
    SSL_CTX_clear_options(context_.get(), SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 |
                                              SSL_OP_NO_TLSv1_2 |
                                              SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_CLIENT);
    SSL_CTX_set_app_data(context_.get(), this);
    SSL_CTX_sess_set_new_cb(context_.get(), [](SSL* ssl, SSL_SESSION*) {
      SSL_CTX* const context = SSL_get_SSL_CTX(ssl);
      ++static_cast<TlsClient*>(SSL_CTX_get_app_data(context))->tickets_;
      return 0;
    });
  }

  SSL_CTX* context() { return context_.get(); }
  bool connected() const { return connected_; }
  // How many sessions the server has offered to take up again.
  int tickets() const { return tickets_; }

  void Show(const pki::TestLeaf& leaf) {
    const std::string pem = leaf.certificate.ToPem();
    const std::unique_ptr<BIO, decltype(&BIO_free)> in(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
    X509* certificate = PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr);
    ASSERT_EQ(SSL_CTX_use_certificate(context_.get(), certificate), 1);
    X509_free(certificate);
    auto key = leaf.key.ToPem(pki::KeyAccess::Granted());
    ASSERT_OK(key);
    const std::string secret(key->Reveal());
    const std::unique_ptr<BIO, decltype(&BIO_free)> key_in(
        BIO_new_mem_buf(secret.data(), static_cast<int>(secret.size())),
        &BIO_free);
    EVP_PKEY* parsed =
        PEM_read_bio_PrivateKey(key_in.get(), nullptr, nullptr, nullptr);
    ASSERT_EQ(SSL_CTX_use_PrivateKey(context_.get(), parsed), 1);
    EVP_PKEY_free(parsed);
  }

  // Whether the handshake ends well and the server then says something: in
  // TLS 1.3 it judges a client's certificate after that client is done.
  bool Handshake() {
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), fd_.get());
    static const unsigned char kHttp2[] = {2, 'h', '2'};
    SSL_set_alpn_protos(ssl_.get(), kHttp2, sizeof(kHttp2));
    if (SSL_connect(ssl_.get()) != 1) return false;
    // HTTP/2's preface and an empty SETTINGS frame.
    static const char kPreface[] =
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    SSL_write(ssl_.get(), kPreface, sizeof(kPreface) - 1);
    char answer[9] = {};
    // A SETTINGS frame of the server's.
    return SSL_read(ssl_.get(), answer, sizeof(answer)) == sizeof(answer) &&
           answer[3] == 4;
  }
  int version() const { return SSL_version(ssl_.get()); }
  // What the server showed.
  std::string PeerSerial() const {
    const std::unique_ptr<X509, decltype(&X509_free)> peer(
        SSL_get1_peer_certificate(ssl_.get()), &X509_free);
    if (peer == nullptr) return "";
    const ASN1_INTEGER* serial = X509_get0_serialNumber(peer.get());
    return std::string(reinterpret_cast<const char*>(serial->data),
                       static_cast<size_t>(serial->length));
  }
  // How many certificates the server sent.
  int ChainLength() const {
    STACK_OF(X509)* chain = SSL_get_peer_cert_chain(ssl_.get());
    return chain == nullptr ? 0 : sk_X509_num(chain);
  }

  void Write(const std::string& bytes) {
    EXPECT_EQ(send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  // Whether the server has ended the connection within `patience`.
  bool Ends(absl::Duration patience) {
    const absl::Time deadline = absl::Now() + patience;
    for (;;) {
      const absl::Duration left = deadline - absl::Now();
      if (left <= absl::ZeroDuration()) return false;
      pollfd entry = {fd_.get(), POLLIN, 0};
      if (poll(&entry, 1, static_cast<int>(absl::ToInt64Milliseconds(left))) <=
          0) {
        continue;
      }
      char bytes[256];
      if (recv(fd_.get(), bytes, sizeof(bytes), 0) <= 0) return true;
    }
  }

 private:
  UniqueFd fd_;
  bool connected_ = false;
  int tickets_ = 0;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr,
                                                             &SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, &SSL_free};
};

class ServerTlsTest : public testing::Test {
 protected:
  // As the agent's main does, before anything else.
  static void SetUpTestSuite() { ASSERT_OK(pki::ApplyTlsFloor()); }

  ServerTlsTest() {
    // OpenSSL writes to a connection that the server may have ended.
    signal(SIGPIPE, SIG_IGN);
    identity_.Set(TestMaterial(pki_, first_));
    Server::Options options;
    options.socket_path = directory_.File("s");
    options.identity = &identity_;
    options.clock = &Clock::Real();
    auto server = Server::Start(options);
    EXPECT_OK(server);
    server_ = *std::move(server);
    port_ = Listen(20'600);
  }

  static HostPort Local(int port) {
    return {"127.0.0.1", static_cast<uint16_t>(port)};
  }

  // The first port from `from` on that is free.
  int Listen(int from) {
    for (int port = from; port < from + 200; ++port) {
      if (server_->Listen(Local(port)).ok()) return port;
    }
    ADD_FAILURE() << "no port is free";
    return 0;
  }

  TempDir directory_;
  pki::TestPki pki_{absl::Now() - absl::Minutes(1)};
  const pki::MemberFacts facts_ = pki_.Facts("node1");
  const pki::TestLeaf first_ = pki_.Member(facts_);
  const pki::TestLeaf client_ = pki_.Member(pki_.Facts("node2"));
  TlsIdentity identity_;
  std::unique_ptr<Server> server_;
  int port_ = 0;
};

TEST_F(ServerTlsTest, AMemberIsLetInAndSeesTheClustersCa) {
  TlsClient client(port_);
  client.Show(client_);
  ASSERT_TRUE(client.Handshake());
  EXPECT_EQ(client.version(), TLS1_3_VERSION);
  EXPECT_EQ(client.ChainLength(), 2)
      << "a joiner compares the CA with its token";
  // With a ticket it would come back without its certificate being looked at.
  EXPECT_EQ(client.tickets(), 0);
}

TEST_F(ServerTlsTest, OldProtocolsAreRefused) {
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION}) {
    TlsClient client(port_);
    client.Show(client_);
    SSL_CTX_set_min_proto_version(client.context(), version);
    SSL_CTX_set_max_proto_version(client.context(), version);
    EXPECT_FALSE(client.Handshake()) << version;
  }
}

TEST_F(ServerTlsTest, WhoShowsNothingIsRefused) {
  TlsClient client(port_);
  EXPECT_FALSE(client.Handshake());
}

TEST_F(ServerTlsTest, ACertificateOfOvnsCaIsRefused) {
  TlsClient client(port_);
  client.Show(pki_.Service(pki::OvnService::kClient, pki_.Facts("node2")));
  EXPECT_FALSE(client.Handshake()) << "OVN's daemons are nobody here";
}

TEST_F(ServerTlsTest, ANewHandshakeSeesTheRenewedCertificate) {
  TlsClient before(port_);
  before.Show(client_);
  ASSERT_TRUE(before.Handshake());
  identity_.Set(TestMaterial(pki_, pki_.Member(facts_)));
  TlsClient after(port_);
  after.Show(client_);
  ASSERT_TRUE(after.Handshake());
  EXPECT_NE(after.PeerSerial(), before.PeerSerial());
  // A renewal cuts nobody off.
  EXPECT_FALSE(before.Ends(absl::Milliseconds(100)));
}

// A membership that ended: its certificate is shown no more, and what it let in
// is let in no more.
TEST_F(ServerTlsTest, AnEndedMembershipLetsNobodyIn) {
  identity_.Clear();
  TlsClient client(port_);
  client.Show(client_);
  EXPECT_FALSE(client.Handshake());
  identity_.Set(TestMaterial(pki_, first_));
  TlsClient again(port_);
  again.Show(client_);
  EXPECT_TRUE(again.Handshake());
}

TEST_F(ServerTlsTest, WhatIsNoTlsIsHungUpOn) {
  TlsClient http(port_);
  http.Write("GET / HTTP/1.1\r\nHost: node1\r\n\r\n");
  EXPECT_TRUE(http.Ends(absl::Seconds(4)));
  TlsClient h2(port_);
  h2.Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  EXPECT_TRUE(h2.Ends(absl::Seconds(4)));
}

// Somebody who connects and says nothing would hold a descriptor for ever.
TEST_F(ServerTlsTest, SilenceIsHungUpOn) {
  TlsClient client(port_);
  ASSERT_TRUE(client.connected());
  EXPECT_TRUE(client.Ends(absl::Seconds(20)));
}

TEST_F(ServerTlsTest, ANewAddressTakesTheOldOnesPlace) {
  const int moved = Listen(port_ + 1);
  TlsClient there(moved);
  there.Show(client_);
  EXPECT_TRUE(there.Handshake());
  EXPECT_FALSE(TlsClient(port_).connected());
}

TEST_F(ServerTlsTest, AnAddressThatIsTakenIsSaidToBe) {
  TempDir directory;
  Server::Options options;
  options.socket_path = directory.File("s");
  options.identity = &identity_;
  options.clock = &Clock::Real();
  auto other = Server::Start(options);
  ASSERT_OK(other);
  EXPECT_THAT((*other)->Listen(Local(port_)), HasReason("ADDRESS_NOT_USABLE"));
  TlsClient client(port_);
  client.Show(client_);
  EXPECT_TRUE(client.Handshake()) << "whose it is keeps it";
}

TEST_F(ServerTlsTest, AClosedPortIsClosedAndCanBeOpenedAgain) {
  server_->CloseTcp();
  EXPECT_FALSE(TlsClient(port_).connected());
  ASSERT_OK(server_->Listen(Local(port_)));
  TlsClient client(port_);
  client.Show(client_);
  EXPECT_TRUE(client.Handshake());
}

}  // namespace
}  // namespace microovn::agent
