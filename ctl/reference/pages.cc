// SPDX-License-Identifier: Apache-2.0
#include "ctl/reference/pages.h"

#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "ctl/cli/help.h"
#include "ctl/outcome/reasons.h"

namespace microovn::ctl {
namespace {

// Of the help as it stands in a page.
constexpr size_t kColumns = 80;

constexpr char kRewritten[] =
    "Written by `ctl/reference:pages_test`, which fails when this page is not "
    "what\nthe program says.\n";

// Those below `command` before those beside it.
void ForEachCommand(
    const Command& command, const std::string& path,
    const std::function<void(const Command&, const std::string&)>& visit) {
  if (command.hidden) return;
  visit(command, path);
  for (const Command& child : command.children) {
    ForEachCommand(child, absl::StrCat(path, " ", child.name), visit);
  }
}

std::string Anchor(const std::string& path) {
  return absl::StrReplaceAll(path, {{" ", "-"}});
}

std::string CodeBlock(const std::string& text) {
  return absl::StrCat("```text\n", text, "```\n");
}

}  // namespace

std::string CommandsPage(const Command& root) {
  std::string index, sections;
  ForEachCommand(root, root.name,
                 [&](const Command& command, const std::string& path) {
                   if (!command.children.empty()) return;
                   absl::StrAppend(&index, "| [", path, "](#", Anchor(path),
                                   ") | ", command.summary, " |\n");
                   absl::StrAppend(&sections, "\n## ", path, "\n\n",
                                   CodeBlock(OwnHelp(command, path, kColumns)));
                 });
  return absl::StrCat(
      "# Commands\n\n", kRewritten, "\n| command | what it does |\n|---|---|\n",
      index, "\n## Flags of every command\n\n",
      CodeBlock(GlobalHelp(root.flags, kColumns).substr(1)), sections);
}

std::string ReasonsPage() {
  std::string page = absl::StrCat(
      "# Reasons of errors\n\n", kRewritten,
      "\nAn error that the API returns carries one of these as the `reason` of "
      "its\n`google.rpc.ErrorInfo`; `microovn explain REASON` says the same "
      "offline.\n");
  for (const std::string& reason : AllReasons()) {
    const v1::ReasonDetail* detail = FindReason(reason);
    absl::StrAppend(&page, "\n## ", reason, "\n\n", detail->summary(),
                    ".\n\n* Cause: ", detail->cause(),
                    "\n* Remedy: ", detail->remedy(), "\n");
  }
  return page;
}

}  // namespace microovn::ctl
