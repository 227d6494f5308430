// SPDX-License-Identifier: Apache-2.0
#include "base/testing/expect_page.h"

#include <stdlib.h>

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace microovn {
namespace {

constexpr size_t kLongestPage = 1 << 20;
// As much as is shown of either where they part.
constexpr size_t kShown = 200;

}  // namespace

void ExpectPage(const std::string& name, const std::string& said) {
  const char* const rewrite = getenv("MICROOVN_REWRITE_GOLDEN");
  if (rewrite != nullptr) {
    EXPECT_OK(WriteFile(absl::StrCat(rewrite, "/", name), said, 0644));
    return;
  }
  const auto page =
      ReadFile(absl::StrCat("docs/reference/", name), kLongestPage);
  ASSERT_OK(page);
  if (*page == said) return;
  size_t same = 0;
  while (same < page->size() && same < said.size() &&
         (*page)[same] == said[same]) {
    ++same;
  }
  ADD_FAILURE() << "docs/reference/" << name << " says\n"
                << page->substr(same, kShown) << "\nwhere the program says\n"
                << said.substr(same, kShown);
}

}  // namespace microovn
