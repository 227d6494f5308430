// SPDX-License-Identifier: Apache-2.0
// "did you mean": the nearest of some names, if one is near. Pure.
#ifndef MICROOVN_CTL_CLI_SUGGEST_H_
#define MICROOVN_CTL_CLI_SUGGEST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace microovn::ctl {

// Insertions, deletions, replacements and swaps of neighbours from `a` to `b`.
size_t EditDistance(absl::string_view a, absl::string_view b);

// The candidate with the smallest distance, the first of equals; empty when
// even that one differs in more than a third of the typed letters (two
// letters in short names).
std::string Nearest(absl::string_view typed,
                    const std::vector<std::string>& candidates);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_CLI_SUGGEST_H_
