// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/message_splitter.h"

#include "absl/strings/str_cat.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Split(MessageSplitter* splitter,
                               absl::string_view bytes) {
  const auto messages = splitter->Add(bytes);
  EXPECT_OK(messages);
  return messages.value_or(std::vector<std::string>());
}

TEST(MessageSplitterTest, CutsWhereAnObjectEnds) {
  MessageSplitter splitter;
  EXPECT_THAT(Split(&splitter, R"({"a":[{}]} {"b":1})"),
              ElementsAre(R"({"a":[{}]})", R"({"b":1})"));
  EXPECT_THAT(Split(&splitter, "\n \t"), IsEmpty());
}

TEST(MessageSplitterTest, BracketsAndQuotesInStringsEndNothing) {
  MessageSplitter splitter;
  const std::string message = R"({"a":"}]\"}\\","b":"{"})";
  EXPECT_THAT(Split(&splitter, message + message),
              ElementsAre(message, message));
}

TEST(MessageSplitterTest, PiecesMayEndAnywhere) {
  const std::string message = R"({"a":["\"}",{"b":"\\"}]})";
  for (size_t cut = 0; cut <= message.size(); ++cut) {
    MessageSplitter splitter;
    std::vector<std::string> all = Split(&splitter, message.substr(0, cut));
    for (std::string& rest : Split(&splitter, message.substr(cut))) {
      all.push_back(std::move(rest));
    }
    EXPECT_THAT(all, ElementsAre(message)) << cut;
  }
}

TEST(MessageSplitterTest, WhatIsNoObjectIsRefused) {
  for (const char* bytes : {"[1]", "1", "}", "x{}", "\"a\"", "{}]"}) {
    MessageSplitter splitter;
    EXPECT_FALSE(splitter.Add(bytes).ok()) << bytes;
  }
  MessageSplitter splitter;
  EXPECT_FALSE(splitter.Add(absl::string_view("\0", 1)).ok());
}

TEST(MessageSplitterTest, IsBounded) {
  MessageSplitter deep;
  EXPECT_OK(deep.Add(
      absl::StrCat("{", std::string(MessageSplitter::kDeepest - 1, '['))));
  EXPECT_FALSE(deep.Add("[").ok());
  MessageSplitter endless;
  const std::string piece(MessageSplitter::kLongest / 2 - 16, 'x');
  EXPECT_OK(endless.Add(absl::StrCat("{\"a\":\"", piece)));
  EXPECT_OK(endless.Add(piece));
  EXPECT_FALSE(endless.Add(piece).ok());
}

}  // namespace
}  // namespace microovn::agent
