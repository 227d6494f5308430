// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/log_levels.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace microovn::agent {

bool LogsAt(absl::string_view level, absl::string_view vlog_list) {
  // A heading, a line below it, then "MODULE CONSOLE SYSLOG FILE".
  constexpr size_t kHeading = 2;
  const std::vector<absl::string_view> lines =
      absl::StrSplit(vlog_list, '\n', absl::SkipWhitespace());
  for (size_t i = kHeading; i < lines.size(); ++i) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(lines[i], ' ', absl::SkipEmpty());
    if (words.size() != 4 || !absl::EqualsIgnoreCase(words[1], level)) {
      return false;
    }
  }
  return lines.size() > kHeading;
}

}  // namespace microovn::agent
