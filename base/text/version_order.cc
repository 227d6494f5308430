// SPDX-License-Identifier: Apache-2.0
#include "base/text/version_order.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_split.h"

namespace microovn {

bool OlderVersion(absl::string_view a, absl::string_view b) {
  const std::vector<absl::string_view> of_a = absl::StrSplit(a, '.');
  const std::vector<absl::string_view> of_b = absl::StrSplit(b, '.');
  return std::lexicographical_compare(
      of_a.begin(), of_a.end(), of_b.begin(), of_b.end(),
      [](absl::string_view x, absl::string_view y) {
        return x.size() != y.size() ? x.size() < y.size() : x < y;
      });
}

}  // namespace microovn
