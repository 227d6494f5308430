// Runs seeded simulations and prints what they covered. MICROOVN_SIM_SEEDS
// sets how many, MICROOVN_SIM_SEED runs a single one.
#include "raft/sim/simulation.h"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <vector>

#include "absl/strings/numbers.h"
#include "gtest/gtest.h"
#include "raft/sim/sim_options.h"

namespace microovn::raft {
namespace {

constexpr uint64_t kDefaultSeeds = 300;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  uint64_t value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : otherwise;
}

void Add(const SimCluster::Stats& one, SimCluster::Stats& total) {
  total.events += one.events;
  total.commits += one.commits;
  total.elections += one.elections;
  total.configurations += one.configurations;
  total.installs += one.installs;
  total.crashes += one.crashes;
  total.writes += one.writes;
  total.reads += one.reads;
  total.simulated += one.simulated;
}

TEST(SimulationTest, EverySeedHolds) {
  const uint64_t only = FromEnvironment("MICROOVN_SIM_SEED", 0);
  const uint64_t seeds =
      only != 0 ? 1 : FromEnvironment("MICROOVN_SIM_SEEDS", kDefaultSeeds);
  const uint64_t first = only != 0 ? only : 1;
  const auto start = std::chrono::steady_clock::now();
  SimCluster::Stats total;
  for (uint64_t seed = first; seed < first + seeds; ++seed) {
    const SimulationResult result = Simulate(DrawOptions(seed));
    Add(result.stats, total);
    EXPECT_EQ(result.failure, "") << "MICROOVN_SIM_SEED=" << seed;
    if (HasFailure()) break;
  }
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  std::cout << "seeds " << seeds << ", events " << total.events << ", commits "
            << total.commits << ", elections " << total.elections
            << ", configurations " << total.configurations << ", installs "
            << total.installs << ", crashes " << total.crashes << ", writes "
            << total.writes << ", reads " << total.reads
            << ", simulated seconds " << total.simulated / 1'000'000
            << ", seconds " << took.count() << ", events per second "
            << static_cast<uint64_t>(static_cast<double>(total.events) /
                                     took.count())
            << std::endl;
}

TEST(SimulationTest, SameSeedSameTrace) {
  for (const uint64_t seed : std::vector<uint64_t>{1, 7, 42}) {
    SimOptions options = DrawOptions(seed);
    options.duration = 5'000'000;
    EXPECT_EQ(Simulate(options).stats.trace, Simulate(options).stats.trace)
        << seed;
  }
}

}  // namespace
}  // namespace microovn::raft
