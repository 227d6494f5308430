// SPDX-License-Identifier: Apache-2.0
#include "base/crypto/scoped_wipe.h"

#include <string>

#include "gtest/gtest.h"

namespace microovn {
namespace {

TEST(ScopedWipe, LeavesNothingInTheMemoryOfAString) {
  for (const size_t size : {size_t{0}, size_t{3}, size_t{500}}) {
    std::string text(size, 's');
    text.reserve(1000);
    const char* const memory = text.data();
    {
      const ScopedWipe wiped(&text);
      EXPECT_EQ(text.size(), size);
      text.resize(size / 2);
    }
    EXPECT_TRUE(text.empty());
    EXPECT_EQ(text.data(), memory);
    EXPECT_EQ(std::string(memory, size).find('s'), std::string::npos);
  }
}

}  // namespace
}  // namespace microovn
