// SPDX-License-Identifier: Apache-2.0
// What connections share: who this agent is, and whom it puts up with.
#include "agent/server/tls_identity.h"

#include <memory>
#include <string>

#include "agent/server/key_registry.h"
#include "gtest/gtest.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

TlsMaterial MaterialOf(const std::string& chain) {
  TlsMaterial material;
  material.chain_pem = chain;
  return material;
}

TEST(TlsIdentityTest, EachChangeIsANewGeneration) {
  TlsIdentity identity;
  EXPECT_EQ(identity.Current(), nullptr);
  identity.Set(MaterialOf("first"));
  const auto first = identity.Current();
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->chain_pem, "first");
  identity.Set(MaterialOf("first"));
  EXPECT_GT(identity.Current()->generation, first->generation)
      << "connections must be made anew";
  identity.Clear();
  EXPECT_EQ(identity.Current(), nullptr);
  EXPECT_EQ(first->chain_pem, "first") << "whoever holds it still has it";
  identity.Set(MaterialOf("again"));
  EXPECT_GT(identity.Current()->generation, first->generation + 1);
}

TEST(TlsIdentityTest, ALinkIsBetweenTheLeafAndTheCa) {
  const auto pem = [](const std::string& word) {
    return "-----BEGIN CERTIFICATE-----\n" + word +
           "\n-----END CERTIFICATE-----\n";
  };
  TlsIdentity identity;
  const CaLink link = {pem("cross"), pem("before")};
  identity.SetLink(link);
  EXPECT_EQ(identity.Current(), nullptr);
  identity.Set(MaterialOf(pem("leaf") + pem("ca")));
  const auto first = identity.Current();
  EXPECT_EQ(first->chain_pem, pem("leaf") + pem("cross") + pem("ca"));
  EXPECT_EQ(first->retired_pem, pem("before"));
  identity.SetLink(link);
  EXPECT_EQ(identity.Current(), first) << "connections stay";
  identity.SetLink(CaLink());
  EXPECT_EQ(identity.Current()->chain_pem, pem("leaf") + pem("ca"));
  EXPECT_EQ(identity.Current()->retired_pem, "");
  EXPECT_GT(identity.Current()->generation, first->generation);
}

TEST(KeyRegistryTest, NobodyIsPutUpWithWhileNobodyCanSay) {
  pki::TestPki pki;
  const pki::MemberFacts facts = pki.Facts("node1");
  const pki::Certificate certificate = pki.Member(facts).certificate;
  auto registry = TlsIdentity().registry();
  EXPECT_FALSE(
      registry->Accepts(ExpiredUse::kLog, facts.member_id, certificate));
  EXPECT_FALSE(registry->IsRegistered(certificate));
  EXPECT_FALSE(registry->IsMemberAddress("10.0.0.1"));
  KeyRegistry::Questions questions;
  questions.accepts_expired = [&](ExpiredUse use, const std::string& id,
                                  const pki::Certificate& shown) {
    return use == ExpiredUse::kLog && id == facts.member_id &&
           shown.fingerprint() == certificate.fingerprint();
  };
  registry->Set(std::move(questions));
  EXPECT_TRUE(
      registry->Accepts(ExpiredUse::kLog, facts.member_id, certificate));
  EXPECT_FALSE(
      registry->Accepts(ExpiredUse::kRenewal, facts.member_id, certificate));
  EXPECT_FALSE(registry->Accepts(ExpiredUse::kLog, "another", certificate));
  registry->Clear();
  EXPECT_FALSE(
      registry->Accepts(ExpiredUse::kLog, facts.member_id, certificate));
}

}  // namespace
}  // namespace microovn::agent
