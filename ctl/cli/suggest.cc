// SPDX-License-Identifier: Apache-2.0
#include "ctl/cli/suggest.h"

#include <algorithm>

namespace microovn::ctl {

size_t EditDistance(absl::string_view a, absl::string_view b) {
  // table[i][j]: from the first i letters of `a` to the first j of `b`.
  std::vector<std::vector<size_t>> table(a.size() + 1,
                                         std::vector<size_t>(b.size() + 1));
  for (size_t j = 0; j <= b.size(); ++j) table[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    table[i][0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced =
          table[i - 1][j - 1] + (a[i - 1] != b[j - 1] ? 1 : 0);
      table[i][j] =
          std::min({table[i - 1][j] + 1, table[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
      }
    }
  }
  return table[a.size()][b.size()];
}

std::string Nearest(absl::string_view typed,
                    const std::vector<std::string>& candidates) {
  // What a person types is short; anything longer is no misspelling.
  constexpr size_t kLongest = 64;
  if (typed.size() > kLongest) return "";
  size_t best = std::max<size_t>(2, typed.size() / 3) + 1;
  std::string nearest;
  for (const std::string& candidate : candidates) {
    const size_t distance = EditDistance(typed, candidate);
    // A word of which nothing is left is not a misspelling either.
    if (distance >= best || distance >= candidate.size()) continue;
    best = distance;
    nearest = candidate;
  }
  return nearest;
}

}  // namespace microovn::ctl
