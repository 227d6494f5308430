// SPDX-License-Identifier: Apache-2.0
#include "base/crypto/secret_string.h"

#include <type_traits>

#include "gtest/gtest.h"

namespace microovn {
namespace {

TEST(SecretString, RevealsOnRequestOnly) {
  const SecretString secret("hunter2");
  EXPECT_EQ(secret.Reveal(), "hunter2");
  static_assert(!std::is_convertible_v<SecretString, std::string>);
  static_assert(!std::is_copy_constructible_v<SecretString>);
}

TEST(SecretString, MoveLeavesNothingBehind) {
  SecretString from("short");
  const SecretString to(std::move(from));
  EXPECT_EQ(to.Reveal(), "short");
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move)
}

}  // namespace
}  // namespace microovn
