// SPDX-License-Identifier: Apache-2.0
#include "ctl/reference/man_page.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/version.h"
#include "ctl/command_tree.h"
#include "ctl/wrappers/tool_plan.h"
#include "gtest/gtest.h"

namespace microovn::ctl {
namespace {

bool Has(const std::string& page, const std::string& line) {
  return absl::StrContains(page, absl::StrCat("\n", line, "\n"));
}

void ExpectSections(const Command& command, const std::string& path,
                    const std::string& page) {
  const std::string section =
      absl::StrCat(".SS ", absl::StrReplaceAll(path, {{"-", "\\-"}}));
  EXPECT_EQ(Has(page, section), command.children.empty() && !command.hidden)
      << path;
  for (const Command& child : command.children) {
    ExpectSections(child, absl::StrCat(path, " ", child.name), page);
  }
}

TEST(ManPageTest, HasEveryCommandThatIsNotHidden) {
  const std::string page = ManPage(CommandTree(), ToolNames());
  ExpectSections(CommandTree(), "microovn", page);
  EXPECT_TRUE(absl::StrContains(page, kVersion));
}

TEST(ManPageTest, HasEveryTool) {
  const std::string page = ManPage(CommandTree(), {"ovn-nbctl", "ovs-vsctl"});
  EXPECT_TRUE(Has(page, ".B microovn.ovn\\-nbctl"));
  EXPECT_TRUE(Has(page, ".B microovn.ovs\\-vsctl"));
}

}  // namespace
}  // namespace microovn::ctl
