// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/database_schema.h"

#include <string>

#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

TEST(ParseSchemaVersion, IsThatOfTheSchemaInUse) {
  EXPECT_EQ(*ParseSchemaVersion(
                R"([{"rows":[{"schema":"{\"version\":\"20.27.0\"}"}]}])"),
            "20.27.0");
  for (const char* text :
       {"", "[]", R"([{"rows":[]}])", R"([{"rows":[{"schema":["set",[]]}]}])",
        R"([{"rows":[{"schema":"{}"}]}])"}) {
    EXPECT_FALSE(ParseSchemaVersion(text).ok()) << text;
  }
}

TEST(SchemaQuestion, NamesTheDatabase) {
  EXPECT_NE(SchemaQuestion("OVN_Southbound").find(R"("OVN_Southbound")"),
            std::string::npos);
}

}  // namespace
}  // namespace microovn::agent
