// SPDX-License-Identifier: Apache-2.0
// Seeded runs in which one learner lies all the time, beside all other faults.
// None of its lies may end a process, move a term, a vote, a role, a log or
// what is committed, or be followed; and no write may be lost.
//   MICROOVN_SIM_SEED=N    only this seed, as a failure names it
//   MICROOVN_SIM_SEEDS=N   how many
//   MICROOVN_LONG=1        an hour of other seeds, with a line a minute
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "raft/proof/sim/sim_options.h"
#include "raft/proof/sim/simulation.h"

namespace microovn::raft {
namespace {

using std::chrono::steady_clock;

constexpr uint64_t kDefaultSeeds = 300;
constexpr uint64_t kFirstLongSeed = 2'000'000'000;
constexpr std::chrono::hours kLongRun(1);
constexpr std::chrono::minutes kProgressEvery(1);

std::optional<uint64_t> FromEnvironment(const char* name) {
  const char* text = std::getenv(name);
  uint64_t value = 0;
  if (text == nullptr || !absl::SimpleAtoi(text, &value)) return std::nullopt;
  return value;
}

// Every finding names its seed; the counts are of runs without any.
struct Totals {
  uint64_t seeds = 0;
  uint64_t findings = 0;
  SimCluster::Stats stats;

  void Add(const SimCluster::Stats& one) {
    ++seeds;
    stats.lies += one.lies;
    stats.refused_lies += one.refused_lies;
    stats.writes += one.writes;
    stats.elections += one.elections;
    stats.configurations += one.configurations;
    stats.simulated += one.simulated;
  }
  std::string Describe() const {
    return absl::StrCat("seeds ", seeds, ", lies ", stats.lies,
                        ", refused aloud ", stats.refused_lies, ", writes ",
                        stats.writes, ", elections ", stats.elections,
                        ", configurations ", stats.configurations,
                        ", simulated seconds ", stats.simulated / 1'000'000,
                        ", findings ", findings);
  }
};

void RunSeed(uint64_t seed, Totals& totals) {
  const SimulationResult result = Simulate(DrawOptionsWithLiar(seed));
  totals.Add(result.stats);
  if (result.failure.empty()) return;
  ++totals.findings;
  ADD_FAILURE() << "MICROOVN_SIM_SEED=" << seed << ": " << result.failure;
}

void RunForAnHour(Totals& totals) {
  const auto start = steady_clock::now();
  auto printed = start;
  for (uint64_t seed = kFirstLongSeed; steady_clock::now() < start + kLongRun;
       ++seed) {
    RunSeed(seed, totals);
    if (steady_clock::now() < printed + kProgressEvery) continue;
    printed = steady_clock::now();
    std::cout << "so far: " << totals.Describe() << std::endl;
  }
}

TEST(LyingLearnerTest, NoLieMovesAnything) {
  Totals totals;
  if (const auto only = FromEnvironment("MICROOVN_SIM_SEED")) {
    RunSeed(*only, totals);
    return;
  }
  const auto seeds = FromEnvironment("MICROOVN_SIM_SEEDS");
  if (!seeds.has_value() && FromEnvironment("MICROOVN_LONG").value_or(0) != 0) {
    RunForAnHour(totals);
  } else {
    for (uint64_t seed = 1; seed <= seeds.value_or(kDefaultSeeds); ++seed) {
      RunSeed(seed, totals);
    }
  }
  std::cout << totals.Describe() << std::endl;
  EXPECT_GT(totals.stats.lies, totals.seeds * 100);
  EXPECT_GT(totals.stats.writes, totals.seeds);
}

}  // namespace
}  // namespace microovn::raft
