// SPDX-License-Identifier: Apache-2.0
#include "agent/service/paging.h"

#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

TEST(Paging, WalksTheWholeListOnce) {
  int seen = 0;
  std::string token;
  do {
    const auto page = PageOf(7, 3, token);
    ASSERT_OK(page);
    EXPECT_EQ(page->begin, seen);
    seen = page->end;
    token = page->next_token;
  } while (!token.empty());
  EXPECT_EQ(seen, 7);
}

TEST(Paging, ZeroTakesAllAndHugeSizesDoNotOverflow) {
  EXPECT_EQ(PageOf(7, 0, "")->end, 7);
  EXPECT_EQ(PageOf(7, INT32_MAX, "5")->end, 7);
  EXPECT_EQ(PageOf(0, 10, "")->end, 0);
}

TEST(Paging, NonsenseIsRefused) {
  EXPECT_THAT(PageOf(7, -1, ""), HasReason("BAD_PAGE"));
  EXPECT_THAT(PageOf(7, 1, "8"), HasReason("BAD_PAGE"));
  EXPECT_THAT(PageOf(7, 1, "-1"), HasReason("BAD_PAGE"));
  EXPECT_THAT(PageOf(7, 1, "x"), HasReason("BAD_PAGE"));
}

}  // namespace
}  // namespace microovn::agent
