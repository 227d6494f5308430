// SPDX-License-Identifier: Apache-2.0
#include "supervisor/json_rpc/json_rpc_reply.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace microovn::supervisor {
namespace {

struct Case {
  std::string text;
  std::string error;
  std::string result;
};

TEST(JsonRpcReplyTest, StringsAreTextAndOtherValuesAreJson) {
  const std::vector<Case> cases = {
      {R"({"id":0,"result":"text\n","error":null})", "", "text\n"},
      {R"({"id":0,"result":null,"error":"no such command"})", "no such command",
       ""},
      {R"({"id":0,"result":[],"error":{"error":"not owner"}})",
       R"({"error":"not owner"})", "[]"},
      {"{}\n", "", ""}};
  for (const Case& c : cases) {
    const auto reply = ParseJsonRpcReply(c.text);
    ASSERT_TRUE(reply.has_value()) << c.text;
    EXPECT_EQ(reply->error, c.error) << c.text;
    EXPECT_EQ(reply->result, c.result) << c.text;
  }
}

TEST(JsonRpcReplyTest, WhatIsNotAWholeObjectIsNoReplyYet) {
  for (const std::string text : {"", "{", R"({"result":"}")", R"({"result":{})",
                                 "[]\n", "7\n", R"({"result":"\xff"})"}) {
    EXPECT_FALSE(ParseJsonRpcReply(text).has_value()) << text;
  }
}

// The parser takes it for the end, so that what follows was not looked at.
TEST(JsonRpcReplyTest, NoReplyHasANulInIt) {
  for (const std::string& text :
       {std::string("{}\0\n", 4), std::string("{}\0}\n", 5),
        std::string("{\"result\":\"a\0b\"}", 16)}) {
    EXPECT_FALSE(ParseJsonRpcReply(text).has_value());
  }
}

// Printing recurses: such a reply ended the agent.
TEST(JsonRpcReplyTest, WhatIsNestedTooDeepIsNoReply) {
  const auto nested = [](size_t depth) {
    return R"({"result":)" + std::string(depth, '[') + std::string(depth, ']') +
           "}";
  };
  EXPECT_TRUE(ParseJsonRpcReply(nested(60)).has_value());
  EXPECT_FALSE(ParseJsonRpcReply(nested(200'000)).has_value());
}

}  // namespace
}  // namespace microovn::supervisor
