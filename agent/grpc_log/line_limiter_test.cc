// SPDX-License-Identifier: Apache-2.0
#include "agent/grpc_log/line_limiter.h"

#include <optional>

#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

TEST(LineLimiter, LetsOneAMinuteThroughOfEachPlaceAndCountsTheOthers) {
  struct Case {
    int second;
    const char* file;
    int line;
    std::optional<int> admitted;
  };
  LineLimiter limiter;
  for (const Case& c : {
           Case{0, "tls.cc", 7, 0},
           {0, "tls.cc", 7, std::nullopt},
           {0, "tls.cc", 8, 0},
           {0, "tcp.cc", 7, 0},
           {59, "tls.cc", 7, std::nullopt},
           {60, "tls.cc", 7, 2},
           {61, "tls.cc", 7, std::nullopt},
           {1000, "tls.cc", 7, 1},
           {2000, "tls.cc", 7, 0},
       }) {
    EXPECT_EQ(limiter.Admit(c.file, c.line, absl::Seconds(c.second)),
              c.admitted)
        << c.second << " " << c.file << ":" << c.line;
  }
}

}  // namespace
}  // namespace microovn::agent
