// SPDX-License-Identifier: Apache-2.0
#include "base/text/display.h"

#include "gtest/gtest.h"

namespace microovn {
namespace {

TEST(DisplayWidth, CountsCharactersAndNoColours) {
  const struct {
    const char* text;
    size_t width;
  } cases[] = {
      {"", 0},
      {"abc", 3},
      {"\xc3\xa4\xe2\x96\xb2", 2},
      {"\033[31mred\033[0m", 3},
      // Not a colour: shown as it is.
      {"\033[31", 4},
      {"\033x", 2},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(DisplayWidth(test.text), test.width) << test.text;
  }
}

TEST(FoldWords, KeepsToTheWidthAndTheIndent) {
  const std::string words = "aaaa bbbb cccc dddd eeee ffff";
  EXPECT_EQ(FoldWords(words, 0, 80), words);
  EXPECT_EQ(FoldWords(words, 0, 29), words) << "just so";
  EXPECT_EQ(FoldWords(words, 0, 28), "aaaa bbbb cccc dddd eeee\nffff");
  EXPECT_EQ(FoldWords(words, 2, 26), "aaaa bbbb cccc dddd eeee\n  ffff");
  EXPECT_EQ(FoldWords(" a\n b ", 0, 80), "a b");
  EXPECT_EQ(FoldWords("a " + std::string(30, 'x') + " b", 0, 24),
            "a\n" + std::string(30, 'x') + "\nb")
      << "a longer word has a line of its own";
  EXPECT_EQ(FoldWords(words, 70, 60),
            "aaaa bbbb cccc dddd\n" + std::string(70, ' ') + "eeee ffff")
      << "no narrower than can be read";
}

TEST(FoldLines, FoldsOnlyWhatIsTooWide) {
  const std::string text =
      "  fix:  short\n"
      "aaaa bbbb cccc dddd eeee ffff\n"
      "\n"
      "  aaaa bbbb cccc dddd eeee\n";
  EXPECT_EQ(FoldLines(text, 2, kAnyWidth), text);
  EXPECT_EQ(FoldLines(text, 2, 29), text);
  EXPECT_EQ(FoldLines(text, 2, 24),
            "  fix:  short\n"
            "aaaa bbbb cccc dddd eeee\n"
            "  ffff\n"
            "\n"
            "  aaaa bbbb cccc dddd\n"
            "    eeee\n");
  EXPECT_EQ(FoldLines("aaaa bbbb cccc dddd eeee ffff", 0, 24),
            "aaaa bbbb cccc dddd eeee\nffff")
      << "no newline where there was none";
  EXPECT_EQ(FoldLines("", 2, 24), "");
  EXPECT_EQ(FoldLines("  fix:  aaaa bbbb cccc dddd eeee ffff", 6, 30),
            "  fix:  aaaa bbbb cccc dddd\n        eeee ffff")
      << "what stands in columns stays so";
}

}  // namespace
}  // namespace microovn
