// SPDX-License-Identifier: Apache-2.0
// The real RocksDB on a simulated disk that crashes at each of its operations
// that write (raft.md 2c.3). Prints what was covered. MICROOVN_LONG adds lives
// drawn from seeds.
#include <algorithm>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "raft/storage/testing/drawn_life.h"
#include "raft/storage/testing/life_runner.h"

namespace microovn::raft {
namespace {

// The disk before one of its operations.
struct CrashPoint {
  DiskImage disk;
  LifeProgress progress;
};

std::vector<CrashPoint> CrashPoints(const std::vector<LifeStep>& life) {
  std::vector<CrashPoint> points;
  SimEnv env(FormattedDisk());
  LifeRunner runner(&env, &life);
  env.volume().Observe([&points, &runner](uint64_t, const DiskImage& disk) {
    points.push_back({disk, runner.progress()});
  });
  const absl::Status lived = runner.Run();
  EXPECT_TRUE(lived.ok()) << lived;
  points.push_back({env.volume().image(), runner.progress()});
  return points;
}

std::string SweepCrashes(const std::vector<LifeStep>& life, Survival survival,
                         const std::vector<CrashPoint>& points, uint64_t seed) {
  size_t covered = 0;
  size_t refused = 0;
  for (size_t at = 0; at < points.size(); ++at) {
    SeededRandom random(seed * 1'000'003 + at);
    SimEnv env(AfterCrash(points[at].disk, survival, random));
    const bool twice = survival == Survival::kProcess ||
                       survival == Survival::kRandom ||
                       survival == Survival::kSectors;
    const std::string failure =
        CheckRecovery(env, life, points[at].progress, twice);
    // No file system with a journal changes the order of names. To refuse is
    // safe.
    if (survival == Survival::kUnordered &&
        absl::StartsWith(failure, "refused: DATA_LOSS")) {
      ++refused;
    } else if (failure.empty()) {
      ++covered;
    } else {
      ADD_FAILURE() << "crash before operation " << at + 1 << ", survives "
                    << Name(survival) << ", in step "
                    << points[at].progress.begun - 1 << " ("
                    << life[points[at].progress.begun - 1].name
                    << "): " << failure;
    }
  }
  return absl::StrCat("crash points covered ", covered + refused, " / ",
                      points.size(), " total (survives: ", Name(survival), ")",
                      refused == 0 ? "" : ", of which refused ",
                      refused == 0 ? "" : absl::StrCat(refused));
}

class StorageCrashTest : public testing::Test {
 protected:
  StorageCrashTest() { SeedRocksdb(1); }
};

TEST_F(StorageCrashTest, EveryCrashOfTheScriptedLifeLeavesAPrefix) {
  const std::vector<LifeStep> life = ScriptedLife();
  const std::vector<CrashPoint> points = CrashPoints(life);
  for (const Survival survival : kSurvivals) {
    std::cout << SweepCrashes(life, survival, points, 1) << std::endl;
  }
}

TEST_F(StorageCrashTest, TheScriptedLifeHasFlushesCompactionsAndNewManifests) {
  const std::vector<CrashPoint> points = CrashPoints(ScriptedLife());
  std::set<std::string> created;
  std::set<std::string> deleted;
  for (const CrashPoint& point : points) {
    const auto directory = point.disk.Find(kLifeDirectory);
    if (!directory.has_value()) continue;
    const auto& names = point.disk.directories.at(*directory).names;
    for (const auto& [name, node] : names) created.insert(name);
    for (const std::string& name : created) {
      if (names.count(name) == 0) deleted.insert(name);
    }
  }
  const auto count = [](const std::set<std::string>& names, const char* part) {
    return std::count_if(names.begin(), names.end(),
                         [part](const std::string& name) {
                           return absl::StrContains(name, part);
                         });
  };
  EXPECT_GE(count(created, ".sst"), 10);
  EXPECT_GE(count(deleted, ".sst"), 4);
  EXPECT_GE(count(deleted, ".log"), 4);
  EXPECT_GE(count(deleted, "MANIFEST"), 4);
}

TEST_F(StorageCrashTest, DrawnLivesLeaveAPrefix) {
  const std::vector<uint64_t> seeds = LongSeeds();
  if (seeds.empty()) GTEST_SKIP() << "only with MICROOVN_LONG";
  for (const uint64_t seed : seeds) {
    SCOPED_TRACE(absl::StrCat("MICROOVN_SEED=", seed));
    const std::vector<LifeStep> life = LifeOfSeed(seed);
    const std::vector<CrashPoint> points = CrashPoints(life);
    for (const Survival survival : kSurvivals) {
      std::cout << "seed " << seed << ": "
                << SweepCrashes(life, survival, points, seed) << std::endl;
    }
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace microovn::raft
