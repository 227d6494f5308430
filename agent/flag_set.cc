// SPDX-License-Identifier: Apache-2.0
#include "agent/flag_set.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace microovn::agent {
namespace {

constexpr size_t kColumns = 80;
constexpr size_t kHelpColumn = 26;

const Flag* Find(const std::vector<FlagGroup>& groups,
                 const std::string& name) {
  for (const FlagGroup& group : groups) {
    for (const Flag& flag : group.flags) {
      if (flag.name == name) return &flag;
    }
  }
  return nullptr;
}

// The text in lines that begin at kHelpColumn, without the first indentation.
std::string Wrapped(const std::string& text) {
  std::string out;
  size_t column = kHelpColumn;
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    if (column > kHelpColumn && column + 1 + word.size() > kColumns) {
      absl::StrAppend(&out, "\n", std::string(kHelpColumn, ' '));
      column = kHelpColumn;
    } else if (column > kHelpColumn) {
      out += ' ';
      ++column;
    }
    absl::StrAppend(&out, word);
    column += word.size();
  }
  return out;
}

std::string Line(const Flag& flag) {
  std::string head = absl::StrCat("  --", flag.name);
  if (!flag.value.empty()) absl::StrAppend(&head, "=", flag.value);
  std::string help = flag.help;
  if (!flag.default_value.empty()) {
    absl::StrAppend(&help, " (default: ", flag.default_value, ")");
  }
  if (head.size() + 2 > kHelpColumn) {
    absl::StrAppend(&head, "\n", std::string(kHelpColumn, ' '));
  } else {
    head.resize(kHelpColumn, ' ');
  }
  return absl::StrCat(head, Wrapped(help), "\n");
}

}  // namespace

absl::Status ParseArguments(const std::vector<FlagGroup>& groups,
                            const std::vector<std::string>& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (!absl::StartsWith(argument, "-") || argument == "-") {
      return absl::InvalidArgumentError(
          absl::StrCat("unexpected argument \"", argument, "\""));
    }
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(argument, absl::MaxSplits('=', 1));
    const size_t dashes =
        std::min(parts.first.find_first_not_of('-'), parts.first.size());
    const std::string name =
        absl::StrReplaceAll(parts.first.substr(dashes), {{"_", "-"}});
    const Flag* flag = dashes > 2 ? nullptr : Find(groups, name);
    if (flag == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("unknown flag \"", parts.first, "\""));
    }
    const bool has_value = absl::StrContains(argument, '=');
    std::string value = parts.second;
    if (flag->value.empty() && has_value) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", name, " takes no value"));
    }
    if (!flag->value.empty() && !has_value) {
      if (i + 1 == arguments.size()) {
        return absl::InvalidArgumentError(
            absl::StrCat("--", name, " needs a value: ", flag->value));
      }
      value = arguments[++i];
    }
    const absl::Status set = flag->set(value);
    if (!set.ok()) return set;
  }
  return absl::OkStatus();
}

std::string DescribeFlags(const std::vector<FlagGroup>& groups) {
  std::string text;
  for (const FlagGroup& group : groups) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", group.title, ":\n");
    for (const Flag& flag : group.flags) text += Line(flag);
  }
  return text;
}

}  // namespace microovn::agent
