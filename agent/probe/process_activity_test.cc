// SPDX-License-Identifier: Apache-2.0
#include "agent/probe/process_activity.h"

#include <unistd.h>

#include <string>

#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

// proc(5), with `state`, and 30 and 12 ticks of processor time.
std::string Stat(const std::string& state) {
  return "4711 (a) S (b) " + state +
         " 1 4711 4711 0 -1 4194560 10 0 0 0 30 12 0 0 20 0 3 0 99 0 0\n";
}

TEST(ParseProcessActivity, ReadsTheStateAndTheTime) {
  const auto sleeping = ParseProcessActivity(Stat("S"));
  ASSERT_TRUE(sleeping.ok());
  EXPECT_FALSE(sleeping->stopped);
  EXPECT_FALSE(sleeping->runnable);
  EXPECT_EQ(sleeping->ticks, 42u);
  EXPECT_TRUE(ParseProcessActivity(Stat("T"))->stopped);
  EXPECT_TRUE(ParseProcessActivity(Stat("t"))->stopped);
  EXPECT_TRUE(ParseProcessActivity(Stat("R"))->runnable);
}

TEST(ParseProcessActivity, RefusesWhatIsNone) {
  for (const char* text : {"", "4711", "4711 (a) S 1",
                           "4711 (a) S 1 2 3 4 5 6 "
                           "7 8 9 10 11 many 12"}) {
    EXPECT_FALSE(ParseProcessActivity(text).ok()) << text;
  }
}

TEST(ReadProcessActivity, OfThisProcess) {
  const auto own = ReadProcessActivity(getpid());
  ASSERT_TRUE(own.ok());
  EXPECT_FALSE(own->stopped);
  EXPECT_FALSE(ReadProcessActivity(0).ok());
}

}  // namespace
}  // namespace microovn::agent
