// SPDX-License-Identifier: Apache-2.0
#include "ctl/cli/help.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/text/display.h"
#include "ctl/cli/arg_splitter.h"
#include "gflags/gflags.h"

namespace microovn::ctl {
namespace {

using Row = std::pair<std::string, std::string>;

std::string Spelling(const FlagSpec& flag) {
  return flag.letter == 0 ? absl::StrCat("--", flag.name)
                          : absl::StrCat("-", std::string(1, flag.letter),
                                         ", --", flag.name);
}

// Flags with the same entry in the registry are one flag with several names.
std::vector<Row> FlagRows(const std::vector<FlagSpec>& flags) {
  std::vector<Row> rows;
  std::vector<std::string> seen;
  for (const FlagSpec& flag : flags) {
    if (std::find(seen.begin(), seen.end(), flag.registry) != seen.end()) {
      continue;
    }
    seen.push_back(flag.registry);
    std::vector<std::string> names;
    for (const FlagSpec& other : flags) {
      if (other.registry == flag.registry) names.push_back(Spelling(other));
    }
    gflags::CommandLineFlagInfo info;
    gflags::GetCommandLineFlagInfo(flag.registry.c_str(), &info);
    std::string left = absl::StrJoin(names, ", ");
    if (info.type != "bool") absl::StrAppend(&left, " ", flag.value);
    std::string right = info.description;
    if (!flag.choices.empty()) {
      absl::StrAppend(&right, " One of ", absl::StrJoin(flag.choices, ", "),
                      ".");
    }
    rows.push_back({left, right});
  }
  return rows;
}

std::string Section(const std::string& title, const std::vector<Row>& rows,
                    size_t columns) {
  if (rows.empty()) return "";
  // A name longer than this pushes its explanation to the next line.
  const size_t widest = columns < 72 ? columns / 3 : 34;
  size_t width = 0;
  for (const Row& row : rows) {
    if (row.first.size() <= widest) width = std::max(width, row.first.size());
  }
  std::string text = absl::StrCat("\n", title, ":\n");
  for (const Row& row : rows) {
    absl::StrAppend(&text, "  ", row.first);
    if (row.first.size() > width) {
      absl::StrAppend(&text, "\n  ", std::string(width, ' '));
    } else {
      absl::StrAppend(&text, std::string(width - row.first.size(), ' '));
    }
    absl::StrAppend(&text, "  ", FoldWords(row.second, width + 4, columns),
                    "\n");
  }
  return text;
}

}  // namespace

std::string OwnHelp(const Command& command, const std::string& path,
                    size_t width) {
  std::string text = absl::StrCat(FoldWords(command.summary, 0, width),
                                  ".\n\nUsage:\n  ", path);
  if (!command.children.empty()) absl::StrAppend(&text, " COMMAND");
  if (!command.arguments.empty())
    absl::StrAppend(&text, " ", command.arguments);
  absl::StrAppend(&text, command.passthrough ? "\n" : " [flags]\n");
  if (!command.details.empty()) {
    absl::StrAppend(&text, "\n", FoldWords(command.details, 0, width), "\n");
  }
  if (!command.choices.empty()) {
    const std::string sentence =
        absl::StrCat(command.arguments, " is one of ",
                     absl::StrJoin(OfferedChoices(command), ", "), ".");
    absl::StrAppend(&text, "\n", FoldWords(sentence, 0, width), "\n");
  }
  std::vector<Row> children;
  for (const Command& child : command.children) {
    if (!child.hidden) children.push_back({child.name, child.summary});
  }
  absl::StrAppend(&text, Section("Commands", children, width));
  // The root's own flags are the global ones.
  if (command.children.empty()) {
    absl::StrAppend(&text, Section("Flags", FlagRows(command.flags), width));
  }
  return text;
}

std::string GlobalHelp(const std::vector<FlagSpec>& global, size_t width) {
  std::vector<Row> rows = FlagRows(global);
  rows.push_back({"-h, --help", "Explain the command."});
  rows.push_back({"--version", "Print the versions."});
  return Section("Global flags", rows, width);
}

std::string HelpText(const Command& command, const std::string& path,
                     const std::vector<FlagSpec>& global, size_t width) {
  return absl::StrCat(OwnHelp(command, path, width), GlobalHelp(global, width));
}

}  // namespace microovn::ctl
