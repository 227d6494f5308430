// SPDX-License-Identifier: Apache-2.0
// Runs seeded simulations of whole nodes and prints what they covered.
// MICROOVN_SEEDS sets how many, MICROOVN_SEED runs a single one.
#include "raft/proof/nodesim/node_simulation.h"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "raft/proof/nodesim/node_sim_options.h"

namespace microovn::raft {
namespace {

constexpr uint64_t kDefaultSeeds = 500;
constexpr uint64_t kAgainEvery = 50;

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
  total.losses += one.losses;
  total.kills += one.kills;
  total.io_errors += one.io_errors;
  total.writes += one.writes;
  total.resent += one.resent;
  total.repeated += one.repeated;
  total.reads += one.reads;
  total.simulated += one.simulated;
}

void Print(uint64_t seeds, const NodeCluster::Stats& total, double seconds) {
  std::cout << "whole-node seeds " << seeds << ", events " << total.events
            << ", crashes " << total.crashes << ", of them with lost bytes "
            << total.losses << ", kills " << total.kills << ", io errors "
            << total.io_errors << ", commits " << total.commits
            << ", elections " << total.elections << ", configurations "
            << total.configurations << ", installs " << total.installs
            << ", compactions " << total.compactions << ", writes "
            << total.writes << ", sent again " << total.resent
            << ", found done " << total.repeated << ", reads " << total.reads
            << ", simulated seconds " << total.simulated / 1'000'000
            << ", seconds " << seconds << ", events per second "
            << static_cast<uint64_t>(static_cast<double>(total.events) /
                                     seconds)
            << std::endl;
}

struct Runs {
  uint64_t seeds = 0;
  NodeCluster::Stats total;
  std::map<uint64_t, uint64_t> traces;  // of the seeds that are run again
  std::string failure;                  // the first, and its seed
};

Runs RunSeeds() {
  const uint64_t only = FromEnvironment("MICROOVN_SEED", 0);
  const uint64_t first = only != 0 ? only : 1;
  const uint64_t seeds =
      only != 0 ? 1 : FromEnvironment("MICROOVN_SEEDS", kDefaultSeeds);
  const auto start = std::chrono::steady_clock::now();
  Runs runs;
  for (uint64_t seed = first; seed < first + seeds; ++seed) {
    const NodeSimulationResult result = SimulateNodes(DrawNodeSimOptions(seed));
    ++runs.seeds;
    Add(result.stats, runs.total);
    if (seed % kAgainEvery == 1 || seeds == 1) {
      runs.traces[seed] = result.stats.trace;
    }
    if (result.failure.empty()) continue;
    runs.failure = absl::StrCat("MICROOVN_SEED=", seed, ": ", result.failure);
    break;
  }
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  Print(runs.seeds, runs.total, took.count());
  return runs;
}

// By whichever test comes first.
const Runs& AllRuns() {
  static const Runs& runs = *new Runs(RunSeeds());
  return runs;
}

TEST(NodeSimulationTest, EverySeedHolds) { EXPECT_EQ(AllRuns().failure, ""); }

// A fault that no run meets would be a test of nothing.
TEST(NodeSimulationTest, EveryFaultIsMet) {
  if (AllRuns().seeds < kDefaultSeeds) GTEST_SKIP() << "too few seeds";
  const NodeCluster::Stats& total = AllRuns().total;
  EXPECT_GT(total.losses, 0u);
  EXPECT_GT(total.kills, 0u);
  EXPECT_GT(total.io_errors, 0u);
  EXPECT_GT(total.elections, AllRuns().seeds);
  EXPECT_GT(total.configurations, 0u);
  EXPECT_GT(total.installs, 0u);
  EXPECT_GT(total.compactions, 0u);
  EXPECT_GT(total.writes, 0u);
  EXPECT_GT(total.resent, 0u);
  EXPECT_GT(total.repeated, 0u);
  EXPECT_GT(total.reads, 0u);
}

TEST(NodeSimulationTest, SameSeedSameTrace) {
  for (const auto& [seed, trace] : AllRuns().traces) {
    EXPECT_EQ(SimulateNodes(DrawNodeSimOptions(seed)).stats.trace, trace)
        << seed;
  }
}

}  // namespace
}  // namespace microovn::raft
