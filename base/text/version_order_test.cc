// SPDX-License-Identifier: Apache-2.0
#include "base/text/version_order.h"

#include "gtest/gtest.h"

namespace microovn {
namespace {

TEST(OlderVersion, ComparesNumbersAndNotTheirDigits) {
  EXPECT_TRUE(OlderVersion("20.27.0", "20.41.0"));
  EXPECT_TRUE(OlderVersion("20.9.0", "20.27.0"));
  EXPECT_TRUE(OlderVersion("7.0.0", "7.0.1"));
  EXPECT_TRUE(OlderVersion("20.41.0", "21.8.0"));
  EXPECT_TRUE(OlderVersion("", "7.0.0"));
  EXPECT_FALSE(OlderVersion("20.27.0", "20.27.0"));
  EXPECT_FALSE(OlderVersion("20.27.0", "20.9.0"));
  EXPECT_FALSE(OlderVersion("7.0.0", ""));
}

}  // namespace
}  // namespace microovn
