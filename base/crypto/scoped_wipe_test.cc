// SPDX-License-Identifier: Apache-2.0
#include "base/crypto/scoped_wipe.h"

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace microovn {
namespace {

TEST(ScopedWipe, LeavesNothingInTheMemoryOfAString) {
  for (const size_t size : {size_t{0}, size_t{3}, size_t{500}}) {
    std::string text(size, 's');
    text.reserve(1000);
    const auto memory = reinterpret_cast<uintptr_t>(text.data());
    const size_t capacity = text.capacity();
    {
      const ScopedWipe wiped(&text);
      EXPECT_EQ(text.size(), size);
      text.resize(size / 2);
    }
    EXPECT_TRUE(text.empty());
    // It is the same memory still, so that what is in it may be looked at.
    ASSERT_EQ(text.capacity(), capacity);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(text.data()), memory);
    EXPECT_EQ(absl::string_view(text.data(), size).find('s'),
              absl::string_view::npos);
  }
}

}  // namespace
}  // namespace microovn
