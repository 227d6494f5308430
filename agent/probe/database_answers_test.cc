// SPDX-License-Identifier: Apache-2.0
#include "agent/probe/database_answers.h"

#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

TEST(ParseChassisRows, FindsTheTunnelEndsOfEach) {
  const auto rows = ParseChassisRows(R"([
    {"rows":[{"name":"node1","encaps":["uuid","e1"]},
             {"name":"node2","encaps":["set",[["uuid","e2"],["uuid","e3"]]]},
             {"name":"node3","encaps":["set",[]]},
             {"name":"node4","encaps":["uuid","gone"]}]},
    {"rows":[{"_uuid":["uuid","e1"],"type":"geneve","ip":"10.0.0.1"},
             {"_uuid":["uuid","e2"],"type":"geneve","ip":"10.0.0.2"},
             {"_uuid":["uuid","e3"],"type":"vxlan","ip":"10.0.1.2"}]}])");
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->size(), 4u);
  EXPECT_EQ((*rows)[0].name(), "node1");
  ASSERT_EQ((*rows)[0].encap_ips_size(), 1);
  EXPECT_EQ((*rows)[0].encap_ips(0), "10.0.0.1");
  EXPECT_EQ((*rows)[0].encap_types(0), "geneve");
  EXPECT_EQ((*rows)[1].encap_ips_size(), 2);
  EXPECT_EQ((*rows)[2].encap_ips_size(), 0);
  EXPECT_EQ((*rows)[3].encap_ips_size(), 0);
}

TEST(ParseChassisRows, RefusesWhatIsNoAnswer) {
  for (const char* text : {"", "{}", "[]", R"([{"rows":[]}])"}) {
    EXPECT_FALSE(ParseChassisRows(text).ok()) << text;
  }
  EXPECT_TRUE(
      ParseChassisRows(R"([{"rows":[1,{"name":2,"encaps":3}]},{"rows":["x"]}])")
          .ok());
}

TEST(ChassisQuestion, NamesTheDatabase) {
  EXPECT_EQ(ChassisQuestion().find(R"(["OVN_Southbound",)"), 0u);
}

}  // namespace
}  // namespace microovn::agent
