// SPDX-License-Identifier: Apache-2.0
#include "pki/name/member_name.h"

#include <string>
#include <vector>

#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/name/peer_identity.h"

namespace microovn::pki {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(MemberName, HostNamesInLowerCaseAreOnes) {
  for (const std::string& name :
       {std::string("a"), std::string("node1"), std::string("n-1"),
        std::string("0a"), std::string("node1.example.org"),
        std::string(63, 'a'), std::string("xn--bcher-kva")}) {
    const absl::StatusOr<MemberName> parsed = MemberName::Parse(name);
    ASSERT_OK(parsed) << name;
    EXPECT_EQ(parsed->text(), name);
    EXPECT_TRUE(IsMemberName(name)) << name;
  }
}

TEST(MemberName, PathsOptionsAndTricksAreNot) {
  const std::string bad[] = {
      "",
      ".",
      "..",
      "../x",
      "a/b",
      "a\\b",
      "-o",
      "a-",
      "a.-b",
      "a..b",
      ".a",
      "a.",
      "A",
      "node_1",
      "a b",
      "a\n",
      "%i",
      "a@b",
      "\\x2d",
      "a:b",
      "node\xc2\xb2",
      "\xd0\xb0",
      std::string("a\0b", 3),
      "a,b",
      "0",
      "1",
      "127.0.0.1",
      "10.1",
      "localhost",
      "a.localhost",
      std::string(64, 'a'),
      std::string(254, 'a'),
  };
  for (const std::string& name : bad) {
    EXPECT_THAT(MemberName::Parse(name), HasReason("MEMBER_NAME_INVALID"))
        << name;
    // One printable line whatever was typed.
    const std::string message(MemberName::Parse(name).status().message());
    EXPECT_THAT(message, Not(HasSubstr("\n")));
    EXPECT_EQ(message.find('\0'), std::string::npos);
    EXPECT_LT(message.size(), 350u);
  }
}

TEST(MemberName, DotsExtendItTo253) {
  std::string name = std::string(63, 'a');
  for (int i = 0; i < 2; ++i) name += "." + std::string(63, 'a');
  EXPECT_TRUE(IsMemberName(name + "." + std::string(61, 'a')));
  EXPECT_FALSE(IsMemberName(name + "." + std::string(62, 'a')));
}

constexpr char kCluster[] = "0123456789abcdef0123456789abcdef";
constexpr char kId[] = "fedcba9876543210fedcba9876543210";

TEST(PeerIdentity, IsWhatItsUriSays) {
  for (const PeerIdentity& identity :
       {PeerIdentity{PeerKind::kMember, kCluster, kId},
        PeerIdentity{PeerKind::kJoiner, kCluster, kId},
        PeerIdentity{PeerKind::kOperator, kCluster, "alice"}}) {
    EXPECT_THAT(ParsePeerIdentity({ToUri(identity)}), IsOkAndHolds(identity));
  }
  EXPECT_EQ(ToUri({PeerKind::kJoiner, "c", "i"}), "spiffe://c/token/i");
  EXPECT_EQ(PeerKindName(PeerKind::kJoiner), "joiner");
}

TEST(PeerIdentity, RefusesAnythingElse) {
  const std::string base = std::string("spiffe://") + kCluster;
  const std::string good = base + "/member/" + kId;
  const std::vector<std::string> bad[] = {
      {},
      {good, good},
      {""},
      {"https://" + good},
      {base + "/member/"},
      {base + "/member/" + kId + "/"},
      {base + "/member/../" + kId},
      {base + "/node/" + kId},
      {base + "/joiner/" + kId},
      {base + "/member/" + std::string(kId).substr(1)},
      {base + "/member/FEDCBA9876543210FEDCBA9876543210"},
      {std::string("spiffe://x/member/") + kId},
      {base + "/operator/Alice"},
      {base + "/operator/-o"},
  };
  for (const std::vector<std::string>& uris : bad) {
    EXPECT_THAT(ParsePeerIdentity(uris), HasReason("PEER_IDENTITY_REFUSED"))
        << (uris.empty() ? "none" : uris.front());
  }
}

}  // namespace
}  // namespace microovn::pki
