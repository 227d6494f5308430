// SPDX-License-Identifier: Apache-2.0
// Runs seeded simulations and prints what they covered.
//   MICROOVN_SIM_SEED=N    only this seed, as a failure names it
//   MICROOVN_SIM_FIRST=N   the first seed
//   MICROOVN_SIM_SEEDS=N   how many
//   MICROOVN_LONG=1        an hour of other seeds, with a line a minute
#include "raft/proof/sim/simulation.h"

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <iostream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "raft/proof/sim/sim_options.h"

namespace microovn::raft {
namespace {

using std::chrono::steady_clock;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MICROOVN_SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MICROOVN_SANITIZED 1
#endif

#ifdef MICROOVN_SANITIZED
// Some ten times slower.
constexpr uint64_t kDefaultSeeds = 300;
#else
constexpr uint64_t kDefaultSeeds = 5000;
#endif
// What the default run must at least go through.
constexpr uint64_t kEventsOfFullRun = 60'000'000;
constexpr uint64_t kFullRun = 5000;

constexpr uint64_t kFirstLongSeed = 1'000'000'000;
constexpr std::chrono::hours kLongRun(1);
constexpr std::chrono::minutes kProgressEvery(1);
// Every so many seeds, the same run is made a second time.
constexpr uint64_t kRepeatEvery = 100;
constexpr size_t kMaxFindings = 20;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  uint64_t value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : otherwise;
}

struct Totals {
  uint64_t seeds = 0;
  uint64_t searched_seeds = 0;
  uint64_t searched_operations = 0;
  uint64_t repeated_seeds = 0;
  SimCluster::Stats stats;

  void Add(const SimulationResult& result);
  std::string Describe() const;
};

void Totals::Add(const SimulationResult& result) {
  ++seeds;
  if (result.searched > 0) ++searched_seeds;
  searched_operations += result.searched;
  const SimCluster::Stats& one = result.stats;
  stats.events += one.events;
  stats.messages += one.messages;
  stats.commits += one.commits;
  stats.elections += one.elections;
  stats.configurations += one.configurations;
  stats.installs += one.installs;
  stats.crashes += one.crashes;
  stats.losses += one.losses;
  stats.lost_tails += one.lost_tails;
  stats.disk_stalls += one.disk_stalls;
  stats.stalled_leaders += one.stalled_leaders;
  stats.wrong_applies += one.wrong_applies;
  stats.divergences += one.divergences;
  stats.lies += one.lies;
  stats.refused_lies += one.refused_lies;
  stats.writes += one.writes;
  stats.reads += one.reads;
  stats.simulated += one.simulated;
}

// The rate is that of the processor's time; it may have had other work.
std::string Totals::Describe() const {
  const double cpu_seconds = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  return absl::StrCat(
      "seeds ", seeds, ", events ", stats.events, ", messages ", stats.messages,
      ", commits ", stats.commits, ", elections ", stats.elections,
      ", configurations ", stats.configurations, ", installs ", stats.installs,
      ", crashes ", stats.crashes, ", lost members ", stats.losses,
      ", lost tails ", stats.lost_tails, ", disk stalls ", stats.disk_stalls,
      ", given up for them ", stats.stalled_leaders, ", wrong applies ",
      stats.wrong_applies, ", noticed ", stats.divergences, ", lies ",
      stats.lies, ", refused aloud ", stats.refused_lies, ", writes ",
      stats.writes, ", reads ", stats.reads, ", searched seeds ",
      searched_seeds, " with ", searched_operations,
      " operations, repeated seeds ", repeated_seeds, ", simulated seconds ",
      stats.simulated / 1'000'000, ", cpu seconds ",
      static_cast<uint64_t>(cpu_seconds), ", events per second ",
      static_cast<uint64_t>(static_cast<double>(stats.events) / cpu_seconds));
}

class Campaign {
 public:
  explicit Campaign(bool is_long) : is_long_(is_long) {}

  void Run(uint64_t first, uint64_t seeds);
  const Totals& totals() const { return totals_; }

 private:
  void RunSeed(uint64_t seed);
  void Find(uint64_t seed, const std::string& what);
  bool Done(uint64_t seeds) const;

  const bool is_long_;
  const steady_clock::time_point start_ = steady_clock::now();
  steady_clock::time_point printed_ = start_;
  size_t findings_ = 0;
  Totals totals_;
};

void Campaign::Run(uint64_t first, uint64_t seeds) {
  for (uint64_t seed = first; !Done(seeds); ++seed) {
    RunSeed(seed);
    if (!is_long_ || steady_clock::now() < printed_ + kProgressEvery) continue;
    printed_ = steady_clock::now();
    std::cout << "so far: " << totals_.Describe() << ", findings " << findings_
              << std::endl;
  }
  std::cout << totals_.Describe() << ", findings " << findings_ << std::endl;
}

bool Campaign::Done(uint64_t seeds) const {
  if (is_long_) {
    return findings_ >= kMaxFindings ||
           steady_clock::now() >= start_ + kLongRun;
  }
  return findings_ > 0 || totals_.seeds >= seeds;
}

void Campaign::RunSeed(uint64_t seed) {
  const SimOptions options = DrawOptions(seed);
  const SimulationResult result = Simulate(options);
  totals_.Add(result);
  if (!result.failure.empty()) Find(seed, result.failure);
  if (seed % kRepeatEvery != 0) return;
  ++totals_.repeated_seeds;
  if (Simulate(options).stats.trace != result.stats.trace) {
    Find(seed, "a second run of the seed went another way");
  }
}

void Campaign::Find(uint64_t seed, const std::string& what) {
  ++findings_;
  ADD_FAILURE() << "MICROOVN_SIM_SEED=" << seed << ": " << what;
}

TEST(SimulationTest, EverySeedHolds) {
  const uint64_t only = FromEnvironment("MICROOVN_SIM_SEED", 0);
  const uint64_t seeds =
      only != 0 ? 1 : FromEnvironment("MICROOVN_SIM_SEEDS", kDefaultSeeds);
  const bool is_long = only == 0 && FromEnvironment("MICROOVN_LONG", 0) != 0;
  const uint64_t first =
      only != 0
          ? only
          : FromEnvironment("MICROOVN_SIM_FIRST", is_long ? kFirstLongSeed : 1);
  Campaign campaign(is_long);
  campaign.Run(first, seeds);
  const Totals& totals = campaign.totals();
  if (HasFailure() || totals.seeds < kFullRun) return;
  EXPECT_GE(totals.stats.events, kEventsOfFullRun);
  EXPECT_GE(totals.searched_seeds, totals.seeds / 20);
  EXPECT_GE(totals.repeated_seeds, totals.seeds / 100);
}

// A fault that is never drawn, or never does anything, would go unnoticed.
TEST(SimulationTest, EveryKindOfFaultIsMet) {
  constexpr uint64_t kSeeds = 100;
  Totals totals;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    totals.Add(Simulate(DrawOptions(seed)));
  }
  EXPECT_GT(totals.stats.configurations, 100u);
  EXPECT_GT(totals.stats.elections, 100u);
  EXPECT_GT(totals.stats.installs, 20u);
  EXPECT_GT(totals.stats.crashes, 100u);
  EXPECT_GT(totals.stats.losses, 0u);
  EXPECT_GT(totals.stats.lost_tails, 0u);
  EXPECT_GT(totals.stats.disk_stalls, 0u);
  EXPECT_GT(totals.stats.wrong_applies, 0u);
  EXPECT_GT(totals.stats.lies, 1'000u);
  EXPECT_GT(totals.stats.refused_lies, 1'000u);
  EXPECT_GT(totals.stats.reads, 1'000u);
  EXPECT_GT(totals.stats.writes, 1'000u);
  EXPECT_EQ(totals.searched_seeds, kSeeds / 20);
  EXPECT_GT(totals.searched_operations, 50u);
}

}  // namespace
}  // namespace microovn::raft
