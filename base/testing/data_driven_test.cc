// SPDX-License-Identifier: Apache-2.0
#include "base/testing/data_driven.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_join.h"
#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"

namespace microovn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kScript[] =
    "# What it shows.\n"
    "\n"
    "say one  two=2\n"
    "with input\n"
    "----\n"
    "one\n"
    "two\n"
    "\n"
    "# Between.\n"
    "nothing\n"
    "----\n";

std::string Echo(const ScriptBlock& block) {
  return absl::StrJoin(block.arguments, "\n");
}

class Rewriting {
 public:
  explicit Rewriting(const std::string& tree) {
    setenv("MICROOVN_REWRITE", tree.c_str(), 1);
  }
  ~Rewriting() { unsetenv("MICROOVN_REWRITE"); }
};

TEST(DataDrivenTest, ParsesCommandsInputsAndOutputs) {
  const auto blocks = ParseScript(kScript);
  ASSERT_OK(blocks);
  ASSERT_EQ(blocks->size(), 2u);
  EXPECT_EQ((*blocks)[0].line, 3u);
  EXPECT_EQ((*blocks)[0].command, "say");
  EXPECT_THAT((*blocks)[0].arguments, ElementsAre("one", "two=2"));
  EXPECT_THAT((*blocks)[0].input, ElementsAre("with input"));
  EXPECT_THAT((*blocks)[0].expected, ElementsAre("one", "two"));
  EXPECT_EQ((*blocks)[1].line, 10u);
  EXPECT_THAT((*blocks)[1].expected, IsEmpty());
}

TEST(DataDrivenTest, RefusesACommandWithoutItsSeparator) {
  EXPECT_THAT(ParseScript("say\n\n----\n"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseScript("\nsay\ninput").status().message(),
              HasSubstr("line 2"));
}

TEST(DataDrivenTest, RewritesOnlyWhatIsExpected) {
  EXPECT_EQ(RewriteScript(kScript, {"new", "x\ny"}),
            "# What it shows.\n"
            "\n"
            "say one  two=2\n"
            "with input\n"
            "----\n"
            "new\n"
            "\n"
            "# Between.\n"
            "nothing\n"
            "----\n"
            "x\n"
            "y\n");
  EXPECT_EQ(RewriteScript(kScript, {"one\ntwo\n", ""}), kScript);
}

TEST(DataDrivenTest, ShowsTheDifferenceLineByLine) {
  EXPECT_EQ(DiffOfLines({"a", "b"}, {"a", "b"}), "");
  EXPECT_EQ(DiffOfLines({"a", "b", "c"}, {"a", "x", "c", "d"}),
            "  a\n"
            "- b\n"
            "+ x\n"
            "  c\n"
            "+ d\n");
  EXPECT_EQ(DiffOfLines({"a"}, {}), "- a\n");
}

TEST(DataDrivenTest, ReportsADifferenceAtItsLine) {
  TempDir directory;
  const std::string path = directory.path() + "/script.txt";
  ASSERT_OK(WriteFile(path, kScript, 0644));
  EXPECT_NONFATAL_FAILURE(RunScript(path, Echo), "- two\n+ two=2");
}

TEST(DataDrivenTest, AScriptRewrittenByItselfPasses) {
  TempDir directory;
  const std::string path = "script.txt";
  const std::string file = directory.path() + "/" + path;
  ASSERT_OK(WriteFile(file, kScript, 0644));
  {
    const Rewriting rewriting(directory.path());
    RunScript(path, Echo);
  }
  EXPECT_THAT(*ReadFile(file), HasSubstr("----\none\ntwo=2\n\n# Between."));
  RunScript(file, Echo);
}

std::string PrintEmptyLine(const ScriptBlock&) { return "a\n\nb"; }

TEST(DataDrivenTest, RefusesOutputsThatCouldNotBeReadBack) {
  TempDir directory;
  const std::string path = directory.path() + "/script.txt";
  EXPECT_OK(WriteFile(path, kScript, 0644));
  EXPECT_NONFATAL_FAILURE(RunScript(path, PrintEmptyLine),
                          "prints an empty line");
}

}  // namespace
}  // namespace microovn
