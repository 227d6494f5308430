// SPDX-License-Identifier: Apache-2.0
// An agent's own port, seen over a real connection.
#include "agent/identity/served_identity.h"

#include <memory>
#include <string>
#include <utility>

#include "agent/identity/certificate_renewal.h"
#include "agent/server/server.h"
#include "agent/server/tls_identity.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/key/key_access.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

using testing::HasSubstr;

class ServedIdentityTest : public testing::Test {
 protected:
  ServedIdentityTest() {
    tls_.Set(MaterialOf(Credentials(leaf_, CaOf(pki_))));
    Server::Options options;
    options.socket_path = directory_.File("s");
    options.identity = &tls_;
    options.clock = &Clock::Real();
    auto server = Server::Start(options);
    EXPECT_OK(server);
    server_ = *std::move(server);
    for (uint16_t port = 21'200; port < 21'300 && address_.port == 0; ++port) {
      const HostPort address = {"127.0.0.1", port};
      if (server_->Listen(address).ok()) address_ = address;
    }
    EXPECT_NE(address_.port, 0) << "no port is free";
  }

  static std::string CaOf(const pki::TestPki& pki) {
    return pki.cluster_ca().certificate().ToPem();
  }
  static ClusterCredentials Credentials(const pki::TestLeaf& leaf,
                                        const std::string& bundle) {
    ClusterCredentials credentials;
    credentials.certificate_pem = leaf.certificate.ToPem();
    credentials.cluster_ca_pem = bundle;
    auto key = leaf.key.ToPem(pki::KeyAccess::Granted());
    EXPECT_OK(key);
    credentials.key_pem = *std::move(key);
    return credentials;
  }
  absl::Status See(const pki::TestLeaf& leaf, const std::string& bundle) {
    return SeeServed(address_, Credentials(leaf, bundle), Clock::Real());
  }

  TempDir directory_;
  pki::TestPki pki_{Clock::Real().Now()};
  pki::TestPki next_{Clock::Real().Now(), 2};
  const pki::MemberFacts facts_ = pki_.Facts("node1");
  const pki::TestLeaf leaf_ = pki_.Member(facts_);
  TlsIdentity tls_;
  HostPort address_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServedIdentityTest, SeesWhatTheNextHandshakeShows) {
  EXPECT_OK(See(leaf_, CaOf(pki_)));
  const std::string both = CaOf(pki_) + CaOf(next_);
  EXPECT_THAT(std::string(See(leaf_, both).message()),
              HasSubstr("does not trust"));
  tls_.Set(MaterialOf(Credentials(leaf_, both)));
  EXPECT_OK(See(leaf_, both));

  const pki::TestLeaf renewed = next_.Member(facts_);
  EXPECT_THAT(std::string(See(renewed, both).message()),
              HasSubstr("certificate before"));
  tls_.Set(MaterialOf(Credentials(renewed, both)));
  EXPECT_OK(See(renewed, both));
}

TEST_F(ServedIdentityTest, APortThatIsClosedShowsNothing) {
  server_->CloseTcp();
  EXPECT_EQ(See(leaf_, CaOf(pki_)).code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace microovn::agent
