// SPDX-License-Identifier: Apache-2.0
// The splitter, the suggestions and the help, on a small tree.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/testing/status_matchers.h"
#include "ctl/cli/arg_splitter.h"
#include "ctl/cli/help.h"
#include "ctl/cli/suggest.h"
#include "gflags/gflags.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

DEFINE_string(test_format, "table", "The form.");
DEFINE_bool(test_force, false, "Go on.");
DEFINE_int32(test_timeout, 7, "Seconds.");
DEFINE_bool(test_verbose, false, "Say more.");

namespace microovn::ctl {
namespace {

using testing::HasSubstr;

Command Leaf(const std::string& name, size_t words,
             const std::vector<FlagSpec>& flags) {
  Command command;
  command.name = name;
  command.summary = "Do " + name;
  command.arguments = words == 0 ? "" : "NAME";
  command.min_words = command.max_words = words;
  command.flags = flags;
  command.run = [](Session&, const Invocation&) { return 0; };
  return command;
}

const FlagSpec kTimeout = {"timeout", "test_timeout", 't', "SECONDS", {}};

const Command& Tree() {
  static const auto* const kTree = [] {
    auto* root = new Command;
    root->name = "tool";
    root->flags = {{"verbose", "test_verbose", 'v', "", {}}};
    Command group;
    group.name = "group";
    group.children = {
        Leaf("list", 0,
             {{"format", "test_format", 'f', "FORMAT", {"table", "json"}},
              {"output", "test_format", 'o', "FORMAT", {"table", "json"}},
              kTimeout}),
        Leaf("remove", 1, {{"force", "test_force", 'f', "", {}}, kTimeout})};
    Command choice = Leaf("enable", 1, {});
    choice.choices = {"switch", "central"};
    Command through;
    through.name = "nbctl";
    through.passthrough = true;
    root->children = {group, choice, through, Leaf("status", 0, {})};
    return root;
  }();
  return *kTree;
}

absl::StatusOr<Invocation> Split(const std::string& line) {
  return SplitArguments(Tree(), absl::StrSplit(line, ' ', absl::SkipEmpty()));
}

// "path [words] {flags} <rest>", so that a table can say what is expected.
std::string Shown(const Invocation& invocation) {
  std::vector<std::string> flags;
  for (const GivenFlag& flag : invocation.flags) {
    flags.push_back(absl::StrCat(flag.registry, "=", flag.value));
  }
  return absl::StrCat(
      invocation.path, " [", absl::StrJoin(invocation.words, ","), "] {",
      absl::StrJoin(flags, ","), "} <", absl::StrJoin(invocation.rest, ","),
      ">", invocation.help ? " help" : "");
}

TEST(SplitArguments, Understands) {
  const struct {
    const char* line;
    const char* expected;
  } cases[] = {
      {"status", "tool status [] {} <>"},
      {"group list -f json", "tool group list [] {test_format=json} <>"},
      {"group list -fjson", "tool group list [] {test_format=json} <>"},
      {"group list -f=json", "tool group list [] {test_format=json} <>"},
      {"group list --format=json", "tool group list [] {test_format=json} <>"},
      {"group list -o json", "tool group list [] {test_format=json} <>"},
      {"group list --output json", "tool group list [] {test_format=json} <>"},
      {"group remove -f a", "tool group remove [a] {test_force=true} <>"},
      {"group remove a --force", "tool group remove [a] {test_force=true} <>"},
      {"group remove a --no-force",
       "tool group remove [a] {test_force=false} <>"},
      {"group remove a --force=false",
       "tool group remove [a] {test_force=false} <>"},
      {"group remove -vf a",
       "tool group remove [a] {test_verbose=true,test_force=true} <>"},
      {"group remove a -vt 3",
       "tool group remove [a] {test_verbose=true,test_timeout=3} <>"},
      {"--verbose --timeout 3 group remove a",
       "tool group remove [a] {test_verbose=true,test_timeout=3} <>"},
      {"group remove a -t -3", "tool group remove [a] {test_timeout=-3} <>"},
      {"group remove -- --force", "tool group remove [--force] {} <>"},
      {"group remove -", "tool group remove [-] {} <>"},
      {"nbctl show -f x --help", "tool nbctl [] {} <show,-f,x,--help>"},
      {"nbctl -- show -- x", "tool nbctl [] {} <show,--,x>"},
      {"-v nbctl", "tool nbctl [] {test_verbose=true} <>"},
      {"", "tool [] {} <> help"},
      {"group", "tool group [] {} <> help"},
      {"group remove -h", "tool group remove [] {} <> help"},
      {"group remove a b c --help", "tool group remove [a,b,c] {} <> help"},
  };
  for (const auto& test : cases) {
    const auto invocation = Split(test.line);
    ASSERT_OK(invocation) << test.line;
    EXPECT_EQ(Shown(*invocation), test.expected) << test.line;
  }
}

TEST(SplitArguments, Refuses) {
  const struct {
    const char* line;
    const char* message;
  } cases[] = {
      {"statsu",
       "unknown command \"statsu\" for \"tool\"; did you mean "
       "\"status\"?"},
      {"group xyzzy", "unknown command \"xyzzy\" for \"tool group\""},
      {"status extra",
       "unexpected argument \"extra\" for \"tool status\"; usage: tool status"},
      {"group remove",
       "\"tool group remove\" has too few arguments; usage: tool group remove "
       "NAME"},
      {"group remove a b",
       "unexpected argument \"b\" for \"tool group remove\"; usage: tool group "
       "remove NAME"},
      {"enable switchh", "invalid argument \"switchh\" for \"tool enable\""},
      {"group list --formt json",
       "unknown flag --formt for \"tool group list\"; did you mean --format?"},
      {"group list -f xml",
       "invalid argument \"xml\" for -f: use one of table, json"},
      {"group list --format", "--format needs a value"},
      {"group list --format --verbose", "--format needs a value"},
      {"group list -q", "unknown flag -q for \"tool group list\""},
      {"group list --force", "unknown flag --force for \"tool group list\""},
      {"--force status", "unknown flag --force for \"tool status\""},
      {"-f json group list",
       "-f means different things to different commands: put it after the "
       "command"},
      {"group list --no-format",
       "unknown flag --no-format for \"tool group list\"; did you mean "
       "--format?"},
      {"group remove a --no-force=true",
       "unknown flag --no-force for \"tool group remove\""},
      {"--test_force status", "unknown flag --test_force for \"tool\""},
      {"--flagfile=x status", "unknown flag --flagfile for \"tool\""},
  };
  for (const auto& test : cases) {
    const auto invocation = Split(test.line);
    EXPECT_THAT(invocation,
                StatusIs(absl::StatusCode::kInvalidArgument, test.message))
        << test.line;
    EXPECT_THAT(invocation, HasReason("USAGE")) << test.line;
  }
}

// Whatever comes in, it ends and it does not crash.
TEST(SplitArguments, SurvivesAnything) {
  const std::vector<std::string> tokens = {
      "",     "-",      "--",    "--=",      "--no-", "-f",   "-f=",
      "-=",   "--help", "-h",    "--v",      "group", "list", "remove",
      "-vvv", "--x=y=", "nbctl", "\xff\xfe", "-\xff", "=",    "-1"};
  for (const auto& a : tokens) {
    for (const auto& b : tokens) {
      for (const auto& c : tokens) {
        const auto invocation = SplitArguments(Tree(), {a, b, c});
        EXPECT_TRUE(invocation.ok() || invocation.status().code() ==
                                           absl::StatusCode::kInvalidArgument);
      }
    }
  }
}

TEST(ApplyFlags, SetsWhatWasGivenAndRefusesBadValues) {
  gflags::FlagSaver saver;
  const auto good = Split("group remove a -f -t 42");
  ASSERT_OK(good);
  EXPECT_OK(ApplyFlags(*good));
  EXPECT_TRUE(FLAGS_test_force);
  EXPECT_EQ(FLAGS_test_timeout, 42);
  for (const char* value : {"x", "", "4.5", "99999999999999999999", "1e3"}) {
    const auto bad =
        SplitArguments(Tree(), {"group", "remove", "a", "--timeout", value});
    ASSERT_OK(bad);
    EXPECT_THAT(ApplyFlags(*bad), HasReason("USAGE")) << value;
  }
  EXPECT_EQ(FLAGS_test_timeout, 42);
}

TEST(EditDistance, CountsEdits) {
  EXPECT_EQ(EditDistance("", ""), 0u);
  EXPECT_EQ(EditDistance("abc", ""), 3u);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3u);
  EXPECT_EQ(EditDistance("list", "lst"), 1u);
  EXPECT_EQ(EditDistance("statsu", "status"), 1u);
}

TEST(Nearest, IsNearOrNothing) {
  EXPECT_EQ(Nearest("lst", {"show", "list"}), "list");
  EXPECT_EQ(Nearest("statsu", {"state", "status"}), "status");
  EXPECT_EQ(Nearest("zzzz", {"show", "list"}), "");
  EXPECT_EQ(Nearest("", {"a"}), "");
  EXPECT_EQ(Nearest("x", {}), "");
  EXPECT_EQ(Nearest(std::string(100000, 'a'), {std::string(100, 'a')}), "");
}

TEST(HelpText, NamesEachFlagOnceWithAllItsSpellings) {
  const std::string text = HelpText(Tree().children[0].children[0],
                                    "tool group list", Tree().flags, 80);
  EXPECT_THAT(text, HasSubstr("Do list.\n\nUsage:\n  tool group list [flags]"));
  EXPECT_THAT(text, HasSubstr("-f, --format, -o, --output FORMAT  The form. "
                              "One of table, json.\n"));
  EXPECT_THAT(text, HasSubstr("\nGlobal flags:\n  -v, --verbose  Say more.\n"));
}

TEST(HelpText, IsFoldedAtTheWidth) {
  Command command = Tree().children[0].children[0];
  command.details =
      "A sentence that is longer than what a narrow terminal shows in\n"
      "a line, which its author has broken for another one.";
  for (const size_t width : {30, 40, 60, 80, 200}) {
    const std::string text =
        HelpText(command, "tool group list", Tree().flags, width);
    size_t longest = 0;
    for (absl::string_view line : absl::StrSplit(text, '\n')) {
      longest = std::max(longest, line.size());
    }
    // Spellings of flags are not broken.
    EXPECT_LE(longest, std::max<size_t>(width, 40)) << width << text;
    EXPECT_THAT(text, HasSubstr("A sentence that is longer")) << text;
  }
  EXPECT_THAT(HelpText(command, "tool", {}, 30),
              HasSubstr("\nA sentence that is longer than\nwhat a narrow "
                        "terminal shows\nin a line,"));
}

}  // namespace
}  // namespace microovn::ctl
