// SPDX-License-Identifier: Apache-2.0
// Page tokens as clients give them.
#include <cstdint>
#include <string>
#include <vector>

#include "agent/service/paging.h"
#include "base/testing/fuzz_target.h"

namespace microovn {

std::vector<std::string> FuzzSeeds() {
  return {"", std::string("\3") + agent::PageOf(10, 3, "")->next_token};
}

// The first byte is the page's size, the rest the token.
void FuzzOne(absl::string_view input) {
  constexpr int kItems = 10;
  const int32_t size =
      input.empty() ? 0 : static_cast<signed char>(input.front());
  const std::string token(input.substr(input.empty() ? 0 : 1));
  const auto page = agent::PageOf(kItems, size, token);
  if (!page.ok()) return;
  FuzzCheck(0 <= page->begin && page->begin <= page->end && page->end <= kItems,
            "a page is within the list");
  FuzzCheck(page->next_token.empty() == (page->end == kItems),
            "the last page says so");
  if (page->next_token.empty()) return;
  const auto next = agent::PageOf(kItems, size, page->next_token);
  FuzzCheck(next.ok() && next->begin == page->end && next->end > page->end,
            "each page goes on where the one before has ended");
}

}  // namespace microovn
