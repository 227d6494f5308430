// Runs seeded simulations of whole nodes and prints what they covered.
// MICROOVN_SEEDS sets how many, MICROOVN_SEED runs a single one.
#include "raft/nodesim/node_simulation.h"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <vector>

#include "absl/strings/numbers.h"
#include "gtest/gtest.h"
#include "raft/nodesim/node_sim_options.h"

namespace microovn::raft {
namespace {

constexpr uint64_t kDefaultSeeds = 500;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  uint64_t value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : otherwise;
}

void Add(const NodeCluster::Stats& one, NodeCluster::Stats& total) {
  total.events += one.events;
  total.commits += one.commits;
  total.elections += one.elections;
  total.configurations += one.configurations;
  total.installs += one.installs;
  total.compactions += one.compactions;
  total.crashes += one.crashes;
  total.kills += one.kills;
  total.io_errors += one.io_errors;
  total.writes += one.writes;
  total.repeated += one.repeated;
  total.reads += one.reads;
  total.simulated += one.simulated;
}

void Print(uint64_t seeds, const NodeCluster::Stats& total, double seconds) {
  std::cout << "whole-node seeds " << seeds << ", events " << total.events
            << ", crashes " << total.crashes << ", kills " << total.kills
            << ", io errors " << total.io_errors << ", commits "
            << total.commits << ", elections " << total.elections
            << ", configurations " << total.configurations << ", installs "
            << total.installs << ", compactions " << total.compactions
            << ", writes " << total.writes << ", repeated " << total.repeated
            << ", reads " << total.reads << ", simulated seconds "
            << total.simulated / 1'000'000 << ", seconds " << seconds
            << ", events per second "
            << static_cast<uint64_t>(static_cast<double>(total.events) /
                                     seconds)
            << std::endl;
}

TEST(NodeSimulationTest, EverySeedHolds) {
  const uint64_t only = FromEnvironment("MICROOVN_SEED", 0);
  const uint64_t seeds =
      only != 0 ? 1 : FromEnvironment("MICROOVN_SEEDS", kDefaultSeeds);
  const uint64_t first = only != 0 ? only : 1;
  const auto start = std::chrono::steady_clock::now();
  NodeCluster::Stats total;
  for (uint64_t seed = first; seed < first + seeds && !HasFailure(); ++seed) {
    const NodeSimulationResult result = SimulateNodes(DrawNodeSimOptions(seed));
    Add(result.stats, total);
    EXPECT_EQ(result.failure, "") << "MICROOVN_SEED=" << seed;
  }
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  Print(seeds, total, took.count());
}

TEST(NodeSimulationTest, SameSeedSameTrace) {
  for (const uint64_t seed : std::vector<uint64_t>{1, 7, 42}) {
    const NodeSimOptions options = DrawNodeSimOptions(seed);
    EXPECT_EQ(SimulateNodes(options).stats.trace,
              SimulateNodes(options).stats.trace)
        << seed;
  }
}

}  // namespace
}  // namespace microovn::raft
