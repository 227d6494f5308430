// SPDX-License-Identifier: Apache-2.0
#include "base/text/text.h"

#include <random>
#include <string>

#include "google/protobuf/wrappers.pb.h"
#include "gtest/gtest.h"

namespace microovn {
namespace {

// Its own reader of UTF-8, so that one mistake is not made twice: protobuf
// parses no string field that is not UTF-8.
bool IsUtf8(const std::string& text) {
  google::protobuf::BytesValue bytes;
  bytes.set_value(text);
  google::protobuf::StringValue value;
  return value.ParseFromString(bytes.SerializeAsString());
}

TEST(ShownTest, Table) {
  const struct {
    std::string text, shown;
  } kTable[] = {
      {"", ""},
      {"plain text, with \"quotes\" and \\",
       "plain text, with \"quotes\" and \\"},
      {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa7",
       "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa7"},
      {"a\nb\r\tc", "a\\nb\\r\\tc"},
      {std::string("a\0b", 3), "a\\x00b"},
      {"\x1b[31mred\x7f", "\\x1b[31mred\\x7f"},
      // C1: a terminal takes U+009B for ESC [.
      {"\xc2\x9b"
       "1m",
       "\\u009b1m"},
      {"\xc2\x80", "\\u0080"},
      {"\xc2\x9f", "\\u009f"},
      {"\xc2\xa0", "\xc2\xa0"},
      // What turns the direction, or hides.
      {"\xe2\x80\xae"
       "txt",
       "\\u202etxt"},
      {"\xe2\x81\xa6", "\\u2066"},
      {"\xe2\x81\xa9", "\\u2069"},
      {"\xe2\x80\xa8", "\\u2028"},
      {"\xe2\x80\x8e\xe2\x80\x8f", "\\u200e\\u200f"},
      {"\xef\xbb\xbf", "\\ufeff"},
      {"\xd8\x9c", "\\u061c"},
      // Not UTF-8: alone, cut, overlong, surrogate, beyond the last.
      {"\xff", "\\xff"},
      {"\x80", "\\x80"},
      {"a\xe2\x80", "a\\xe2\\x80"},
      {"\xe2\x28\xa1", "\\xe2(\\xa1"},
      {"\xc0\xaf", "\\xc0\\xaf"},
      {"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
      {"\xf0\x80\x80\x80", "\\xf0\\x80\\x80\\x80"},
      {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
      {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
  };
  for (const auto& row : kTable) {
    EXPECT_EQ(Shown(row.text), row.shown);
    EXPECT_EQ(Shown(row.text, row.shown.size()), row.shown);
  }
}

TEST(ShownTest, IsCutBetweenCharactersAndSaysSo) {
  const struct {
    std::string text;
    size_t limit;
    std::string shown;
  } kTable[] = {
      {"abcdef", 6, "abcdef"},
      {"abcdefg", 6, "abc\xe2\x80\xa6"},
      {"abcdefg", 3, "\xe2\x80\xa6"},
      {"abcdefg", 2, "ab"},
      {"abcdefg", 0, ""},
      {"", 0, ""},
      {"ab\xe2\x82\xac\xe2\x82\xac", 8, "ab\xe2\x82\xac\xe2\x82\xac"},
      {"ab\xe2\x82\xac\xe2\x82\xac", 7, "ab\xe2\x80\xa6"},
      {"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 8, "\xe2\x82\xac\xe2\x80\xa6"},
      // No half of an escape.
      {"abc\ndefg", 7, "abc\xe2\x80\xa6"},
      {"\x1b\x1b\x1b", 8, "\\x1b\xe2\x80\xa6"},
      {"\xe2\x82\xac", 2, ""},
  };
  for (const auto& row : kTable) {
    EXPECT_EQ(Shown(row.text, row.limit), row.shown)
        << row.text << " at " << row.limit;
  }
}

// Bytes drawn from those where UTF-8 turns, and cuts at every length.
TEST(ShownTest, IsAlwaysUtf8OfOneLineWithinItsLimit) {
  constexpr uint8_t kBytes[] = {0,    '\n', 0x1b, ' ',  'a',  '\\', 0x7f,
                                0x80, 0x8e, 0x9b, 0xa0, 0xa6, 0xae, 0xbf,
                                0xc0, 0xc2, 0xd8, 0xdf, 0xe0, 0xe2, 0xed,
                                0xef, 0xf0, 0xf4, 0xf5, 0xff};
  std::mt19937 random(7);
  for (int round = 0; round < 4000; ++round) {
    std::string text(random() % 24, ' ');
    for (char& c : text) {
      c = static_cast<char>(kBytes[random() % sizeof(kBytes)]);
    }
    const std::string whole = Shown(text);
    EXPECT_TRUE(IsUtf8(whole));
    EXPECT_EQ(Shown(whole), whole);
    for (size_t limit = 0; limit <= whole.size(); ++limit) {
      const std::string shown = Shown(text, limit);
      ASSERT_TRUE(IsUtf8(shown));
      ASSERT_LE(shown.size(), limit);
      for (const char c : shown) ASSERT_GE(static_cast<uint8_t>(c), 0x20);
      ASSERT_EQ(Shown(shown, limit), shown);
    }
  }
}

TEST(InQuotesTest, IsOneStringWhateverIsInIt) {
  EXPECT_EQ(InQuotes(""), R"("")");
  EXPECT_EQ(InQuotes("ssl:10.0.0.1:6642,x=%"), R"("ssl:10.0.0.1:6642,x=%")");
  EXPECT_EQ(InQuotes(R"(a "b" c:\d)"), R"("a \"b\" c:\\d")");
}

}  // namespace
}  // namespace microovn
