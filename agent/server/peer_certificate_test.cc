// SPDX-License-Identifier: Apache-2.0
#include "agent/server/peer_certificate.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

TEST(PeerCertificate, IsTheOneThatWasShown) {
  pki::TestPki pki(absl::Now());
  std::vector<pki::TestLeaf> leaves;
  for (size_t i = 0; i < 3; ++i) {
    leaves.push_back(pki.Member(pki.Facts(absl::StrCat("node", i))));
  }
  for (int again = 0; again < 2; ++again) {
    for (const pki::TestLeaf& leaf : leaves) {
      const auto found = PeerCertificate(leaf.certificate.ToPem());
      ASSERT_OK(found);
      EXPECT_EQ(*found, leaf.certificate);
    }
  }
}

TEST(PeerCertificate, WhatIsNoneIsNoneAgain) {
  EXPECT_THAT(PeerCertificate("junk"), HasReason("CERTIFICATE_INVALID"));
  EXPECT_THAT(PeerCertificate("junk"), HasReason("CERTIFICATE_INVALID"));
}

TEST(PeerCertificate, MoreThanAreKeptAreDecodedAnyway) {
  pki::TestPki pki(absl::Now());
  const pki::TestLeaf leaf = pki.Member(pki.Facts("node1"));
  const std::string pem = leaf.certificate.ToPem();
  for (size_t i = 0; i < 2 * kPeerCertificatesKept + 2; ++i) {
    // Text around the block is not looked at, and another text.
    const auto found = PeerCertificate(absl::StrCat("# ", i, "\n", pem));
    ASSERT_OK(found);
    ASSERT_EQ(*found, leaf.certificate);
  }
}

}  // namespace
}  // namespace microovn::agent
