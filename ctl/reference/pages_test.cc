// SPDX-License-Identifier: Apache-2.0
#include "ctl/reference/pages.h"

#include <string>

#include "absl/strings/match.h"
#include "base/testing/expect_page.h"
#include "ctl/command_tree.h"
#include "gtest/gtest.h"

namespace microovn::ctl {
namespace {

TEST(ReferenceTest, TheCommandsAreThoseOfTheProgram) {
  ExpectPage("commands.md", CommandsPage(CommandTree()));
}

TEST(ReferenceTest, TheReasonsAreThoseOfTheProgram) {
  ExpectPage("reasons.md", ReasonsPage());
}

TEST(ReferenceTest, HiddenCommandsAndGroupsHaveNoSection) {
  Command root, group, shown, hidden;
  root.name = "microovn";
  group.name = "cluster";
  shown.name = "list";
  shown.summary = "List";
  hidden.name = "__complete";
  hidden.hidden = true;
  group.children = {shown};
  root.children = {group, hidden};
  const std::string page = CommandsPage(root);
  EXPECT_TRUE(absl::StrContains(page, "\n## microovn cluster list\n"));
  EXPECT_TRUE(absl::StrContains(
      page, "| [microovn cluster list](#microovn-cluster-list) | List |\n"));
  EXPECT_FALSE(absl::StrContains(page, "## microovn cluster\n"));
  EXPECT_FALSE(absl::StrContains(page, "__complete"));
}

}  // namespace
}  // namespace microovn::ctl
