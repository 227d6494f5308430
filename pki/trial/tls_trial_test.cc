// SPDX-License-Identifier: Apache-2.0
// In a process of its own: what a process speaks is set once.
#include "pki/trial/tls_trial.h"

#include <openssl/ssl.h>

#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"
#include "pki/openssl/tls_floor.h"
#include "pki/testing/test_pki.h"

namespace microovn::pki {
namespace {

TEST(TlsTrialTest, TriesWhatDaemonsSpeakInAnAgentThatDoesNot) {
  ASSERT_OK(ApplyTlsFloor());
  TestPki pki;
  const TestLeaf leaf = pki.Service(OvnService::kOvnSb, pki.Facts("node1"));
  const TrustBundle bundle = pki.OvnBundle();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    EXPECT_OK(TryTls({bundle, leaf.certificate, leaf.key},
                     {bundle, leaf.certificate, leaf.key}, version, pki.now()))
        << version;
  }
}

}  // namespace
}  // namespace microovn::pki
