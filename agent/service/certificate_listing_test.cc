// SPDX-License-Identifier: Apache-2.0
#include "agent/service/certificate_listing.h"

#include <string>

#include "agent/state/testing/commands.h"
#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/key/key_access.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

using testing::HasSubstr;

// What a member with a chassis has published.
class CertificateListingTest : public testing::Test {
 protected:
  void SetUp() override {
    Write("cacert.pem", pki_.OvnBundle().ToPem());
    Publish("ovn-controller", pki::OvnService::kOvnController, pki_);
    Publish("client", pki::OvnService::kClient, pki_);
  }

  void Write(const std::string& name, absl::string_view content) {
    ASSERT_OK(WriteFile(dir_.File(name), content, 0600));
  }
  void Publish(const std::string& name, pki::OvnService service,
               pki::TestPki& by) {
    const pki::TestLeaf leaf = by.Service(service, by.Facts("node1"));
    Write(name + "-cert.pem", leaf.certificate.ToPem());
    auto key = leaf.key.ToPem(pki::KeyAccess::Granted());
    ASSERT_OK(key);
    Write(name + "-privkey.pem", key->Reveal());
  }
  // "" when `service` is verified.
  std::string Problem(const std::string& service, absl::Duration later = {}) {
    const auto rows = ListPublished(
        dir_.path(), TestMember("node1", {statepb::SERVICE_CHASSIS}),
        /*user_supplied_ca=*/false, pki_.now() + later, nullptr);
    EXPECT_EQ(rows.size(), 3u);
    for (const v1::Certificate& row : rows) {
      if (row.service() != service) continue;
      EXPECT_EQ(row.verified(), row.problem().empty());
      return row.problem();
    }
    return "not listed";
  }

  TempDir dir_;
  pki::TestPki pki_;
};

TEST_F(CertificateListingTest, WhatIsWellIsVerified) {
  for (const char* service : {"ca", "ovn-controller", "client"}) {
    EXPECT_EQ(Problem(service), "") << service;
  }
  EXPECT_EQ(Problem("ovnnb"), "not listed") << "it has no central";
}

TEST_F(CertificateListingTest, AKeyOfAnotherCertificateIsTold) {
  const pki::TestLeaf other =
      pki_.Service(pki::OvnService::kClient, pki_.Facts("node1"));
  auto key = other.key.ToPem(pki::KeyAccess::Granted());
  ASSERT_OK(key);
  Write("client-privkey.pem", key->Reveal());
  EXPECT_THAT(Problem("client"), HasSubstr("does not belong"));
  EXPECT_EQ(Problem("ovn-controller"), "");
}

TEST_F(CertificateListingTest, ACertificateOfAnotherCaIsTold) {
  pki::TestPki elsewhere(pki_.now(), /*seed=*/2);
  Publish("client", pki::OvnService::kClient, elsewhere);
  EXPECT_NE(Problem("client"), "");
}

TEST_F(CertificateListingTest, WhatHasExpiredIsTold) {
  EXPECT_NE(Problem("client", absl::Hours(24 * 365 * 3)), "");
  EXPECT_EQ(Problem("ca", absl::Hours(24 * 365 * 3)), "");
  EXPECT_THAT(Problem("ca", absl::Hours(24 * 365 * 30)), HasSubstr("expired"));
}

TEST_F(CertificateListingTest, DamageIsTold) {
  Write("client-cert.pem", "no certificate");
  EXPECT_NE(Problem("client"), "");
  Write("ovn-controller-privkey.pem", "");
  EXPECT_NE(Problem("ovn-controller"), "");
  ASSERT_OK(RemoveTree(dir_.File("cacert.pem")));
  EXPECT_NE(Problem("ca"), "");
}

TEST_F(CertificateListingTest, ACaOfTheUsersIsNotRenewed) {
  const statepb::Member member = TestMember("node1", {});
  EXPECT_TRUE(ListPublished(dir_.path(), member, false, pki_.now(), nullptr)[0]
                  .auto_renew());
  EXPECT_FALSE(ListPublished(dir_.path(), member, true, pki_.now(), nullptr)[0]
                   .auto_renew());
}

TEST_F(CertificateListingTest, TheChainGoesUpToTheRoot) {
  const auto rows = ListPublished(
      dir_.path(), TestMember("node1", {statepb::SERVICE_CHASSIS}),
      /*user_supplied_ca=*/false, pki_.now(), nullptr);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].chain_size(), 0) << "the CA is its own root";
  ASSERT_EQ(rows[1].chain_size(), 1);
  EXPECT_EQ(rows[1].chain(0).fingerprint(), rows[0].fingerprint());
  EXPECT_EQ(rows[1].chain(0).subject(), rows[1].issuer());
}

TEST_F(CertificateListingTest, WhatAPortServesIsComparedWithItsFile) {
  Publish("ovnnb", pki::OvnService::kOvnNb, pki_);
  Publish("ovnsb", pki::OvnService::kOvnSb, pki_);
  Publish("ovn-northd", pki::OvnService::kOvnNorthd, pki_);
  std::string nb;
  const auto list = [&](const ServedCertificate& served) {
    return ListPublished(dir_.path(),
                         TestMember("node1", {statepb::SERVICE_CENTRAL}),
                         /*user_supplied_ca=*/false, pki_.now(), served);
  };
  const auto rows = list([&](pki::OvnService service) {
    return service == pki::OvnService::kOvnNb
               ? absl::StatusOr<std::string>("other")
               : absl::UnavailableError("nothing answers");
  });
  for (const v1::Certificate& row : rows) {
    const bool is_nb = row.service() == "ovnnb";
    const bool is_sb = row.service() == "ovnsb";
    EXPECT_EQ(row.served_fingerprint(), is_nb ? "other" : "") << row.service();
    EXPECT_EQ(row.served_problem(),
              is_nb   ? "it serves another certificate than its file holds"
              : is_sb ? "nothing answers"
                      : "")
        << row.service();
    if (is_nb) nb = row.fingerprint();
  }
  const auto same = list([&](pki::OvnService) { return nb; });
  EXPECT_EQ(same[1].service(), "ovnnb");
  EXPECT_EQ(same[1].served_problem(), "");
}

}  // namespace
}  // namespace microovn::agent
