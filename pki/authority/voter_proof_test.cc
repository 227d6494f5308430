// SPDX-License-Identifier: Apache-2.0
#include "pki/authority/voter_proof.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/crypto/random.h"
#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"
#include "pki/certificate/profile.h"

namespace microovn::pki {
namespace {

CertificateAuthority NewAuthority() {
  auto authority = CertificateAuthority::Create(
      Plane::kCluster, KeyType::kP256, absl::Now(), RandomSource::Real());
  EXPECT_OK(authority);
  return *std::move(authority);
}

class VoterProofTest : public testing::Test {
 protected:
  const CertificateAuthority authority_ = NewAuthority();
  const VoterStatement statement_{"cluster", "member", 12};
  const std::string proof_ = *SignVoterStatement(authority_, statement_);
};

TEST_F(VoterProofTest, IsReadByWhoTrustsTheAuthority) {
  const CertificateAuthority before = NewAuthority();
  const auto read =
      ReadVoterProof(proof_, "cluster", "member",
                     {before.certificate(), authority_.certificate()});
  ASSERT_OK(read);
  EXPECT_EQ(*read, 12u);
}

// Who was left behind by a rotation of the cluster CA.
TEST_F(VoterProofTest, IsReadByWhoTrustsTheAuthorityBeforeAlone) {
  const CertificateAuthority before = NewAuthority();
  const CertificateAuthority other = NewAuthority();
  RandomSource& random = RandomSource::Real();
  const auto cross =
      before.CrossCertify(authority_.certificate(), absl::Now(), random);
  ASSERT_OK(cross);
  const auto linked =
      SignVoterStatement(authority_, statement_, cross->ToPem());
  ASSERT_OK(linked);
  const auto read = [](const std::string& proof,
                       const CertificateAuthority& trusted) {
    return ReadVoterProof(proof, "cluster", "member", {trusted.certificate()})
        .value_or(0);
  };
  EXPECT_EQ(read(*linked, before), 12u);
  EXPECT_EQ(read(*linked, authority_), 12u);
  EXPECT_EQ(read(*linked, other), 0u);
  EXPECT_EQ(read(proof_, before), 0u);
  // A link to somebody else makes nobody's signature good.
  const auto elsewhere =
      before.CrossCertify(other.certificate(), absl::Now(), random);
  ASSERT_OK(elsewhere);
  EXPECT_EQ(
      read(*SignVoterStatement(authority_, statement_, elsewhere->ToPem()),
           before),
      0u);
  EXPECT_EQ(read(absl::StrCat(proof_, "no PEM"), authority_), 12u);
  EXPECT_EQ(read(absl::StrCat(proof_, "no PEM"), before), 0u);
}

TEST_F(VoterProofTest, IsForNothingElse) {
  const CertificateAuthority other = NewAuthority();
  const std::string signature = proof_.substr(proof_.find(' '));
  const struct {
    const char* what;
    std::string proof;
    std::string cluster;
    std::string member;
    const CertificateAuthority* trusted;
  } cases[] = {
      {"another cluster", proof_, "cluster2", "member", &authority_},
      {"another member", proof_, "cluster", "member2", &authority_},
      {"fields that run together", proof_, "clustermember", "", &authority_},
      {"another authority", proof_, "cluster", "member", &other},
      {"another number", absl::StrCat("13", signature), "cluster", "member",
       &authority_},
      {"the number in another way", absl::StrCat("+12", signature), "cluster2",
       "member", &authority_},
      {"no number", signature, "cluster", "member", &authority_},
      {"a negative number", absl::StrCat("-12", signature), "cluster", "member",
       &authority_},
      {"no signature", "12 0 ", "cluster", "member", &authority_},
      {"no length", "12 ", "cluster", "member", &authority_},
      {"a length beyond its end", "12 99 x", "cluster", "member", &authority_},
      {"no blank", "12", "cluster", "member", &authority_},
      {"nothing", "", "cluster", "member", &authority_},
      {"a cut signature", proof_.substr(0, proof_.size() - 1), "cluster",
       "member", &authority_},
      {"too much", absl::StrCat(proof_, std::string(4096, 'x')), "cluster",
       "member", &authority_},
  };
  for (const auto& each : cases) {
    const auto read = ReadVoterProof(each.proof, each.cluster, each.member,
                                     {each.trusted->certificate()});
    EXPECT_EQ(read.status().code(), absl::StatusCode::kPermissionDenied)
        << each.what;
  }
  EXPECT_FALSE(ReadVoterProof(proof_, "cluster", "member", {}).ok());
}

}  // namespace
}  // namespace microovn::pki
