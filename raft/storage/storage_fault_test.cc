// The real RocksDB on a simulated disk that fails once, at each of its
// operations that write (raft.md 2c.3). Prints what was covered.
// MICROOVN_LONG adds lives drawn from seeds.
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "raft/storage/testing/drawn_life.h"
#include "raft/storage/testing/life_runner.h"
#include "raft/storage/testing/sim_env.h"
#include "raft/storage/testing/sim_volume.h"
#include "raft/storage/testing/storage_life.h"

namespace microovn::raft {
namespace {

struct FaultCount {
  uint64_t points = 0;
  uint64_t ended = 0;    // a call failed, and so did all later ones
  uint64_t noticed = 0;  // after the last step: the next call failed
  uint64_t ignored = 0;  // nothing failed, and nothing had to
  std::map<absl::StatusCode, uint64_t> codes;
};

// The life without a fault.
struct Course {
  uint64_t points = 0;
  uint64_t creation = 0;  // operations until the member is created
};

Course CourseOf(const std::vector<LifeStep>& life, DiskFault fault) {
  Course course;
  SimEnv env(FormattedDisk());
  LifeRunner runner(&env, &life);
  env.volume().Observe([&](uint64_t number, const DiskImage&) {
    if (runner.progress().durable == 0) course.creation = number;
  });
  const absl::Status lived = runner.Run();
  EXPECT_TRUE(lived.ok()) << lived;
  course.points = env.volume().Exposed(fault);
  return course;
}

// A file that nothing leads to any more is deleted by a later process. While
// it makes a database RocksDB also goes on without its file of options and the
// sync of the directory after it; others follow before the member is created.
bool MayBeIgnored(const DiskHit& hit, const Course& course) {
  if (hit.operation == DiskOperation::kDelete) return true;
  return hit.number <= course.creation &&
         (absl::StartsWith(hit.name, "OPTIONS-") ||
          hit.operation == DiskOperation::kSyncDirectory);
}

std::string Describe(DiskFault fault, uint64_t at, const DiskHit& hit,
                     const absl::Status& lived) {
  return absl::StrCat(Name(fault), " at ", at, " (", Name(hit.operation), " ",
                      hit.name, "), the life: ", lived.ToString());
}

// Opens what the disk holds after the fault: as the next process sees it, and
// after a power cut.
void CheckReopening(const DiskImage& disk, const std::vector<LifeStep>& life,
                    const LifeProgress& progress, uint64_t at,
                    const std::string& where) {
  const Survival cut = at % 2 == 0 ? Survival::kNothing : Survival::kRandom;
  for (const Survival survival : {Survival::kProcess, cut}) {
    SeededRandom random(at);
    SimEnv next(AfterCrash(disk, survival, random));
    EXPECT_EQ(
        CheckRecovery(next, life, progress, survival == Survival::kProcess), "")
        << where << ", then survives " << Name(survival);
  }
}

// What became of a life that met its fault.
void Judge(LifeRunner& runner, const absl::Status& lived, bool may_be_ignored,
           DiskFault fault, const std::string& where, FaultCount& count) {
  ++count.points;
  if (!lived.ok()) {
    ++count.ended;
    ++count.codes[lived.code()];
    EXPECT_EQ(runner.CheckFailureIsFinal(), "") << where;
    EXPECT_EQ(absl::IsResourceExhausted(lived), fault == DiskFault::kNoSpace)
        << where;
  } else if (!runner.Probe().ok()) {
    ++count.noticed;
    EXPECT_EQ(runner.CheckFailureIsFinal(), "") << where;
  } else {
    ++count.ignored;
    EXPECT_TRUE(may_be_ignored) << where;
  }
}

// One life with a fault; whether the life was long enough to meet it.
bool LiveWithFault(const std::vector<LifeStep>& life, const Course& course,
                   DiskFault fault, uint64_t at, uint32_t seed,
                   FaultCount& count) {
  SeedRocksdb(seed);
  SimEnv env(FormattedDisk());
  env.volume().FailAt(fault, at);
  LifeRunner runner(&env, &life);
  const absl::Status lived = runner.Run();
  const auto hit = env.volume().hit();
  if (!hit.has_value()) {
    EXPECT_TRUE(lived.ok()) << lived;
    return false;
  }
  const std::string where = Describe(fault, at, *hit, lived);
  const LifeProgress progress = runner.progress();
  const DiskImage disk = env.volume().image();
  Judge(runner, lived, MayBeIgnored(*hit, course), fault, where, count);
  EXPECT_FALSE(env.volume().synced_again()) << where;
  runner.Kill();
  CheckReopening(disk, life, progress, at, where);
  return true;
}

std::string Summary(const FaultCount& count, uint64_t total, DiskFault fault) {
  std::string text = absl::StrCat(
      "fault points covered ", count.points, " / ", total, " total (",
      Name(fault), "): ended the life ", count.ended, ", ended it afterwards ",
      count.noticed, ", ignored ", count.ignored);
  for (const auto& [code, times] : count.codes) {
    absl::StrAppend(&text, "; ", absl::StatusCodeToString(code), " ", times);
  }
  return text;
}

// Says what was covered.
std::string SweepFaults(const std::vector<LifeStep>& life, DiskFault fault,
                        uint32_t seed) {
  SeedRocksdb(seed);
  const Course course = CourseOf(life, fault);
  FaultCount count;
  for (uint64_t at = 1; LiveWithFault(life, course, fault, at, seed, count);
       ++at) {
  }
  EXPECT_EQ(count.points, course.points);
  EXPECT_GT(count.ended, 0u);
  return Summary(count, course.points, fault);
}

class StorageFaultTest : public testing::TestWithParam<DiskFault> {};

TEST_P(StorageFaultTest, EveryFaultOfTheDiskIsFinalAndLosesNothing) {
  std::cout << SweepFaults(ScriptedLife(), GetParam(), 1) << std::endl;
}

TEST_P(StorageFaultTest, FaultsInDrawnLives) {
  const std::vector<uint64_t> seeds = LongSeeds();
  if (seeds.empty()) GTEST_SKIP() << "only with MICROOVN_LONG";
  for (const uint64_t seed : seeds) {
    SCOPED_TRACE(absl::StrCat("MICROOVN_SEED=", seed));
    std::cout << "seed " << seed << ": "
              << SweepFaults(LifeOfSeed(seed), GetParam(),
                             static_cast<uint32_t>(seed))
              << std::endl;
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Faults, StorageFaultTest,
                         testing::ValuesIn(kDiskFaults));

}  // namespace
}  // namespace microovn::raft
