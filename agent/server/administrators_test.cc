// SPDX-License-Identifier: Apache-2.0
#include "agent/server/administrators.h"

#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

TEST(AdministratorsTest, AreRootAndTheGroup) {
  constexpr gid_t kGroup = 990;
  EXPECT_TRUE(IsAdministrator({0, 0, {}}, std::nullopt));
  EXPECT_TRUE(IsAdministrator({0, 5, {}}, kGroup));
  EXPECT_TRUE(IsAdministrator({1000, kGroup, {}}, kGroup));
  EXPECT_TRUE(IsAdministrator({1000, 1000, {4, kGroup}}, kGroup));
  EXPECT_FALSE(IsAdministrator({1000, 1000, {4, 24}}, kGroup));
  EXPECT_FALSE(IsAdministrator({1000, 0, {0}}, kGroup)) << "root's group";
  EXPECT_FALSE(IsAdministrator({1000, kGroup, {kGroup}}, std::nullopt));
}

}  // namespace
}  // namespace microovn::agent
