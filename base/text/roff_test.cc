// SPDX-License-Identifier: Apache-2.0
#include "base/text/roff.h"

#include "gtest/gtest.h"

namespace microovn {
namespace {

TEST(RoffTest, NothingIsTakenForARequest) {
  EXPECT_EQ(RoffText(".TH x\n'so y\na.b 'c'"), "\\&.TH x\n\\&'so y\na.b 'c'");
}

TEST(RoffTest, BackslashesAndDashesStayWhatTheyAre) {
  EXPECT_EQ(RoffText("--root=\\x"), "\\-\\-root=\\ex");
}

TEST(RoffTest, VerbatimTextEndsItsLine) {
  EXPECT_EQ(RoffVerbatim("a\n  b"), ".nf\na\n  b\n.fi\n");
  EXPECT_EQ(RoffVerbatim("a\n"), ".nf\na\n.fi\n");
  EXPECT_EQ(RoffVerbatim(""), ".nf\n\n.fi\n");
}

}  // namespace
}  // namespace microovn
