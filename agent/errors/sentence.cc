// SPDX-License-Identifier: Apache-2.0
#include "agent/errors/sentence.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace microovn::agent {

bool HasArgument(const Arguments& arguments, absl::string_view name) {
  for (const auto& [known, value] : arguments) {
    if (known == name) return true;
  }
  return false;
}

std::string ArgumentOf(const Arguments& arguments, absl::string_view name) {
  std::vector<absl::string_view> values;
  for (const auto& [known, value] : arguments) {
    if (known == name) values.push_back(value);
  }
  return absl::StrJoin(values, ", ");
}

std::string Fill(absl::string_view sentence, const Arguments& arguments) {
  std::string filled;
  while (!sentence.empty()) {
    const size_t open = sentence.find('{');
    const size_t close = sentence.find('}', open);
    absl::StrAppend(&filled, sentence.substr(0, open));
    if (close == absl::string_view::npos) break;
    absl::StrAppend(
        &filled,
        ArgumentOf(arguments, sentence.substr(open + 1, close - open - 1)));
    sentence.remove_prefix(close + 1);
  }
  return filled;
}

std::string Plain(absl::string_view name, const Arguments& arguments) {
  std::string plain(name);
  for (const auto& [known, value] : arguments) {
    absl::StrAppend(&plain, " ", known, "=", value);
  }
  return plain;
}

}  // namespace microovn::agent
