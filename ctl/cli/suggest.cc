#include "ctl/cli/suggest.h"

#include <algorithm>
#include <numeric>

namespace microovn::ctl {

size_t EditDistance(absl::string_view a, absl::string_view b) {
  // One row of the dynamic programming table at a time.
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] != b[j - 1] ? 1 : 0);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
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
