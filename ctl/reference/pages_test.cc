// Holds docs/reference to what the program says. With
// MICROOVN_REWRITE_GOLDEN=DIR the pages are written to DIR instead.
#include "ctl/reference/pages.h"

#include <stdlib.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/testing/status_matchers.h"
#include "ctl/command_tree.h"
#include "gtest/gtest.h"

namespace microovn::ctl {
namespace {

constexpr size_t kLongestPage = 1 << 20;

// Not EXPECT_EQ of the pages: where they part says more than both of them.
void ExpectPage(const std::string& name, const std::string& said) {
  const char* const rewrite = getenv("MICROOVN_REWRITE_GOLDEN");
  if (rewrite != nullptr) {
    ASSERT_OK(WriteFile(absl::StrCat(rewrite, "/", name), said, 0644));
    return;
  }
  const auto page =
      ReadFile(absl::StrCat("docs/reference/", name), kLongestPage);
  ASSERT_OK(page);
  size_t same = 0;
  while (same < page->size() && same < said.size() &&
         (*page)[same] == said[same]) {
    ++same;
  }
  EXPECT_TRUE(*page == said)
      << "docs/reference/" << name << " says\n"
      << page->substr(same, 200) << "\nwhere the program says\n"
      << said.substr(same, 200);
}

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
