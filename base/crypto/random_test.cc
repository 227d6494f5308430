// SPDX-License-Identifier: Apache-2.0
#include "base/crypto/random.h"

#include <set>

#include "gtest/gtest.h"

namespace microovn {
namespace {

TEST(SeededRandom, SameSeedSameNumbers) {
  SeededRandom a(7), b(7), c(8);
  EXPECT_EQ(a.Next(), b.Next());
  EXPECT_TRUE(a == b);
  EXPECT_NE(a.Next(), c.Next());
}

TEST(RandomSource, UniformStaysBelowTheBoundAndReachesAllValues) {
  SeededRandom random(1);
  std::set<uint64_t> seen;
  for (int i = 0; i < 200; ++i) {
    const uint64_t value = random.Uniform(5);
    ASSERT_LT(value, 5u);
    seen.insert(value);
  }
  EXPECT_EQ(seen.size(), 5u);
}

TEST(RandomSource, IdsHaveTheirFormAndDiffer) {
  const std::string a = RandomSource::Real().Id();
  EXPECT_TRUE(IsId(a)) << a;
  EXPECT_NE(a, RandomSource::Real().Id());
  EXPECT_FALSE(IsId(a.substr(1)));
  EXPECT_FALSE(IsId("ABCDEF00000000000000000000000000"));
}

}  // namespace
}  // namespace microovn
