// SPDX-License-Identifier: Apache-2.0
#include "agent/health/clock_skew.h"

#include <map>
#include <string>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using Offsets = std::map<std::string, absl::Duration>;

TEST(ClockSkewTest, NamesWhoIsOffAndByHowMuch) {
  const absl::Duration zero = absl::ZeroDuration();
  const absl::Duration year = absl::Hours(24 * 365);
  const struct {
    std::string what;
    Offsets offsets;
    std::string reference;
    Offsets skewed;
  } cases[] = {
      {"nobody answers", {}, "a", {}},
      {"alone", {{"a", zero}}, "a", {}},
      {"all well",
       {{"a", zero}, {"b", absl::Seconds(2)}, {"c", -absl::Seconds(3)}},
       "a",
       {}},
      {"at the limit", {{"a", zero}, {"b", kMaxClockSkew}}, "a", {}},
      {"one of three is ahead",
       {{"a", zero}, {"b", absl::Minutes(5)}, {"c", zero}},
       "a",
       {{"b", absl::Minutes(5)}}},
      // Who asks, and leads, is the one that is wrong.
      {"the leader of three is behind",
       {{"a", zero}, {"b", year}, {"c", year}},
       "a",
       {{"a", -year}}},
      {"of two the leader is believed",
       {{"a", zero}, {"b", absl::Hours(1)}},
       "b",
       {{"a", -absl::Hours(1)}}},
      {"of two without a leader one is named",
       {{"a", zero}, {"b", absl::Hours(1)}},
       "",
       {{"b", absl::Hours(1)}}},
      {"two of four are off, each its way",
       {{"a", zero}, {"b", -year}, {"c", zero}, {"d", year}},
       "a",
       {{"b", -year}, {"d", year}}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(SkewedClocks(c.offsets, c.reference), c.skewed) << c.what;
  }
}

}  // namespace
}  // namespace microovn::agent
