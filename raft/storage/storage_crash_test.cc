// The real RocksDB on a simulated disk that crashes or fails at each of its
// operations that write (raft.md 2c.3). Prints what was covered.
// MICROOVN_LONG adds lives drawn from MICROOVN_SEEDS seeds.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "raft/storage/testing/life_runner.h"

namespace microovn::raft {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  uint64_t value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : otherwise;
}

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
    const bool twice =
        survival == Survival::kProcess || survival == Survival::kRandom;
    const std::string failure =
        CheckRecovery(env, life, points[at].progress, twice);
    // A lost sector in the middle of what was not synced looks to RocksDB like
    // damage to what was, and no file system with a journal changes the order
    // of names. To refuse is safe.
    if ((survival == Survival::kSectors &&
         absl::StartsWith(failure, "refused: DATA_LOSS")) ||
        (survival == Survival::kUnordered &&
         absl::StartsWith(failure, "refused: "))) {
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

struct FaultCount {
  uint64_t points = 0;
  uint64_t failed = 0;  // a call failed, and so did all later ones
  std::map<absl::StatusCode, uint64_t> codes;
};

// One life with a fault; whether the life was long enough to meet it.
bool LiveWithFault(const std::vector<LifeStep>& life, DiskFault fault,
                   uint64_t at, FaultCount& count) {
  SimEnv env(FormattedDisk());
  env.volume().FailAt(fault, at);
  LifeRunner runner(&env, &life);
  const absl::Status lived = runner.Run();
  if (!env.volume().failed()) {
    EXPECT_TRUE(lived.ok()) << lived;
    return false;
  }
  const std::string where = absl::StrCat(
      Name(fault), " at ", at, " in step ", runner.progress().begun - 1, " (",
      life[runner.progress().begun - 1].name, ")");
  ++count.points;
  if (!lived.ok()) {
    ++count.failed;
    ++count.codes[lived.code()];
    EXPECT_EQ(runner.CheckFailureIsFinal(), "") << where << ": " << lived;
  }
  const DiskImage disk = env.volume().image();
  runner.Kill();
  // A power cut may follow, or not.
  const Survival cut = at % 2 == 0 ? Survival::kNothing : Survival::kRandom;
  for (const Survival survival : {Survival::kProcess, cut}) {
    SeededRandom random(at);
    SimEnv next(AfterCrash(disk, survival, random));
    EXPECT_EQ(CheckRecovery(next, life, runner.progress(),
                            survival == Survival::kProcess),
              "")
        << where << ", then survives " << Name(survival) << ": " << lived;
  }
  return true;
}

FaultCount SweepFaults(const std::vector<LifeStep>& life, DiskFault fault) {
  FaultCount count;
  for (uint64_t at = 1; LiveWithFault(life, fault, at, count); ++at) {
  }
  return count;
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

TEST_F(StorageCrashTest, EveryFaultOfTheDiskIsFinalAndLosesNothing) {
  const std::vector<LifeStep> life = ScriptedLife();
  for (const DiskFault fault : kDiskFaults) {
    const FaultCount count = SweepFaults(life, fault);
    std::cout << "fault points covered " << count.points << " / "
              << count.points << " total (" << Name(fault) << "), of which "
              << count.failed << " ended the life";
    for (const auto& [code, times] : count.codes) {
      std::cout << ", " << absl::StatusCodeToString(code) << " " << times;
    }
    std::cout << std::endl;
    EXPECT_GT(count.failed, 0u);
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
  if (std::getenv("MICROOVN_LONG") == nullptr) {
    GTEST_SKIP() << "only with MICROOVN_LONG";
  }
  const uint64_t first = FromEnvironment("MICROOVN_SEED", 1);
  const uint64_t seeds = FromEnvironment("MICROOVN_SEEDS", 20);
  for (uint64_t seed = first; seed < first + seeds && !HasFailure(); ++seed) {
    SCOPED_TRACE(absl::StrCat("MICROOVN_SEED=", seed));
    SeedRocksdb(static_cast<uint32_t>(seed));
    SeededRandom random(seed);
    const std::vector<LifeStep> life = DrawLife(random, 40);
    const std::vector<CrashPoint> points = CrashPoints(life);
    for (const Survival survival : kSurvivals) {
      std::cout << "seed " << seed << ": "
                << SweepCrashes(life, survival, points, seed) << std::endl;
    }
    for (const DiskFault fault : kDiskFaults) {
      std::cout << "seed " << seed << ": fault points "
                << SweepFaults(life, fault).points << " (" << Name(fault) << ")"
                << std::endl;
    }
  }
}

}  // namespace
}  // namespace microovn::raft
