// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/log_levels.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

TEST(LogsAtTest, AsksForEveryModule) {
  // As ovs-vswitchd 3.1.0 prints it.
  const std::string heading =
      "                 console    syslog    file\n"
      "                 -------    ------    ------\n";
  const std::string info = "backtrace         INFO        OFF        OFF\n";
  const std::string debug = "bfd                DBG       OFF       INFO\n";
  const struct {
    const char* level;
    std::string text;
    bool logs_at;
  } cases[] = {
      {"info", heading + info + info, true},
      {"dbg", heading + debug, true},
      {"info", heading + info + debug, false},
      {"info", heading + debug + info, false},
      {"off", heading + info, false},
      {"info", heading, false},
      {"info", "", false},
      {"info", heading + info + "and more\n", false},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(LogsAt(test.level, test.text), test.logs_at) << test.level << "\n"
                                                           << test.text;
  }
}

}  // namespace
}  // namespace microovn::agent
