// SPDX-License-Identifier: Apache-2.0
#include "agent/health/causes.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

Observed Cause(const std::string& reason, const std::string& member,
               v1::Severity severity = v1::SEVERITY_WARNING) {
  return Observe(reason, severity, absl::StrCat(member, " is broken"), "",
                 member);
}

Observed Effect(const std::string& reason,
                const std::vector<std::string>& through,
                v1::Severity severity = v1::SEVERITY_WARNING) {
  Observed effect = Observe(reason, severity, "weak", "");
  effect.consequence = true;
  effect.through = through;
  effect.clause = "nothing more may fail";
  return effect;
}

std::string Told(std::vector<Observed> observed) {
  std::string text;
  for (const v1::Finding& finding : CausesFirst(std::move(observed))) {
    absl::StrAppend(&text, finding.reason(), ": ", finding.message(), "\n");
  }
  return text;
}

TEST(CausesFirst, WhatACauseLeadsToIsSaidWithIt) {
  EXPECT_EQ(Told({Effect("WEAK", {"node1"}), Cause("DOWN", "node1")}),
            "DOWN: node1 is broken; nothing more may fail\n");
}

TEST(CausesFirst, SaidOnceWhateverFollows) {
  EXPECT_EQ(Told({Effect("WEAK", {"node1"}), Effect("WEAKER", {"node1"}),
                  Cause("DOWN", "node1"), Cause("TOO", "node2")}),
            "DOWN: node1 is broken; nothing more may fail\n"
            "TOO: node2 is broken\n");
}

TEST(CausesFirst, WhatNothingExplainsIsToldByItself) {
  EXPECT_EQ(Told({Effect("WEAK", {}), Effect("WEAK", {"node1", "node2"}),
                  Cause("DOWN", "node1")}),
            "DOWN: node1 is broken\nWEAK: weak\nWEAK: weak\n")
      << "node2 has nothing that would explain it";
}

TEST(CausesFirst, ANoticeExplainsNothing) {
  EXPECT_EQ(Told({Effect("WEAK", {"node1"}),
                  Cause("BY_THE_WAY", "node1", v1::SEVERITY_NOTICE)}),
            "BY_THE_WAY: node1 is broken\nWEAK: weak\n");
}

TEST(CausesFirst, WhatNothingExplainsIsACause) {
  Observed waits = Effect("WAITS", {"node1"});
  waits.finding.set_member("node1");
  EXPECT_EQ(Told({Effect("WEAK", {"node1"}), waits}),
            "WAITS: weak; nothing more may fail\n");
  EXPECT_EQ(Told({Effect("WEAK", {"node1"}), waits, Cause("DOWN", "node1")}),
            "DOWN: node1 is broken; nothing more may fail\n");
}

TEST(CausesFirst, TheWorstEffectIsToldBehindItsCause) {
  Observed critical = Effect("LOST", {"node1"}, v1::SEVERITY_CRITICAL);
  critical.always = true;
  EXPECT_EQ(Told({Effect("WEAK", {}), critical, Cause("DOWN", "node1"),
                  Cause("WORSE", "node2", v1::SEVERITY_CRITICAL)}),
            "WORSE: node2 is broken\nDOWN: node1 is broken\n"
            "LOST: weak\nWEAK: weak\n");
}

}  // namespace
}  // namespace microovn::agent
