// SPDX-License-Identifier: Apache-2.0
// The real RocksDB on a simulated disk that fails once, at each of its
// operations that write (raft.md 2c.3), each time in a process of its own.
// Prints what was covered. MICROOVN_LONG adds lives drawn from seeds.
#include <cstdint>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "base/crypto/random.h"
#include "gtest/gtest.h"
#include "raft/storage/testing/child_process.h"
#include "raft/storage/testing/disk_image.h"
#include "raft/storage/testing/drawn_life.h"
#include "raft/storage/testing/life_runner.h"
#include "raft/storage/testing/sim_env.h"
#include "raft/storage/testing/sim_volume.h"
#include "raft/storage/testing/storage_life.h"

namespace microovn::raft {
namespace {

enum class Outcome : int {
  kNotMet,    // the life ended before the fault
  kEnded,     // a call failed, and so did all later ones
  kNoticed,   // after the last step: the next call failed
  kIgnored,   // nothing failed, and nothing had to
  kAsserted,  // RocksDB ended the process by an assertion of its own
};

struct PointReport {
  Outcome outcome = Outcome::kNotMet;
  absl::StatusCode code = absl::StatusCode::kOk;  // of kEnded
  std::string findings;                           // empty: none
};

// "<outcome> <code> <findings>"
std::string Encode(const PointReport& report) {
  return absl::StrCat(static_cast<int>(report.outcome), " ",
                      static_cast<int>(report.code), " ", report.findings);
}

absl::StatusOr<PointReport> Decode(const std::string& text) {
  const std::vector<std::string> parts =
      absl::StrSplit(text, absl::MaxSplits(' ', 2));
  int outcome = 0;
  int code = 0;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &outcome) ||
      !absl::SimpleAtoi(parts[1], &code)) {
    return absl::InternalError(absl::StrCat("no report: ", text));
  }
  return PointReport{static_cast<Outcome>(outcome),
                     static_cast<absl::StatusCode>(code), parts[2]};
}

struct FaultCount {
  uint64_t points = 0;
  std::map<Outcome, uint64_t> outcomes;
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

// One life with a fault.
class FaultedLife {
 public:
  // The references must outlive this.
  FaultedLife(const std::vector<LifeStep>& life, const Course& course,
              DiskFault fault, uint64_t at)
      : life_(life),
        course_(course),
        fault_(fault),
        at_(at),
        env_(FormattedDisk()),
        runner_(&env_, &life) {
    env_.volume().FailAt(fault, at);
  }

  PointReport Live();
  // What is to be said when Live aborted.
  PointReport Aborted();

 private:
  void Find(bool finding, absl::string_view what);
  // What became of a life that met its fault.
  Outcome Judge(const absl::Status& lived);
  void CheckReopening();

  const std::vector<LifeStep>& life_;
  const Course& course_;
  const DiskFault fault_;
  const uint64_t at_;
  SimEnv env_;
  LifeRunner runner_;
  PointReport report_;
};

void FaultedLife::Find(bool finding, absl::string_view what) {
  if (!finding) return;
  const auto hit = env_.volume().hit().value_or(DiskHit());
  absl::StrAppend(&report_.findings, Name(fault_), " at ", at_, " (",
                  Name(hit.operation), " ", hit.name, "): ", what, "\n");
}

PointReport FaultedLife::Live() {
  const absl::Status lived = runner_.Run();
  if (!env_.volume().failed()) {
    Find(!lived.ok(), lived.ToString());
    return report_;
  }
  report_.outcome = Judge(lived);
  Find(env_.volume().synced_again(), "a file was synced again");
  runner_.Kill();
  CheckReopening();
  return report_;
}

Outcome FaultedLife::Judge(const absl::Status& lived) {
  Outcome outcome = Outcome::kEnded;
  if (!lived.ok()) {
    report_.code = lived.code();
    Find(absl::IsResourceExhausted(lived) != (fault_ == DiskFault::kNoSpace),
         lived.ToString());
  } else if (!runner_.Probe().ok()) {
    outcome = Outcome::kNoticed;
  } else {
    Find(!MayBeIgnored(*env_.volume().hit(), course_), "nothing failed");
    return Outcome::kIgnored;
  }
  const std::string succeeded = runner_.CheckFailureIsFinal();
  Find(!succeeded.empty(), succeeded);
  return outcome;
}

// A compaction that fails before the first key of a file is complete asks for
// that key all the same (CompactionJob::UpdateCompactionJobStats of 7.8). The
// process ends, as it does after any fault.
PointReport FaultedLife::Aborted() {
  report_.outcome = Outcome::kAsserted;
  const auto hit = env_.volume().hit();
  Find(!hit.has_value() || !absl::EndsWith(hit->name, ".sst"),
       "aborted, and not for a file of a compaction");
  CheckReopening();
  return report_;
}

// Opens what the disk holds after the fault: as the next process sees it, and
// after a power cut.
void FaultedLife::CheckReopening() {
  const DiskImage disk = env_.volume().image();
  const Survival cut = at_ % 2 == 0 ? Survival::kNothing : Survival::kRandom;
  for (const Survival survival : {Survival::kProcess, cut}) {
    SeededRandom random(at_);
    SimEnv next(AfterCrash(disk, survival, random));
    const std::string failure =
        CheckRecovery(next, life_, runner_.progress(),
                      /*twice=*/survival == Survival::kProcess);
    Find(!failure.empty(),
         absl::StrCat("survives ", Name(survival), ", then: ", failure));
  }
}

// Whether the life was long enough to meet the fault, and lived it without a
// finding.
bool LiveWithFault(const std::vector<LifeStep>& life, const Course& course,
                   DiskFault fault, uint64_t at, uint32_t seed,
                   FaultCount& count) {
  SeedRocksdb(seed);
  FaultedLife faulted(life, course, fault, at);
  const absl::StatusOr<std::string> said =
      RunInChild([&] { return Encode(faulted.Live()); },
                 [&] { return Encode(faulted.Aborted()); });
  const absl::StatusOr<PointReport> report =
      said.ok() ? Decode(*said) : said.status();
  EXPECT_TRUE(report.ok()) << Name(fault) << " at " << at << ": "
                           << report.status();
  if (!report.ok()) return false;
  EXPECT_EQ(report->findings, "");
  if (report->outcome == Outcome::kNotMet) return false;
  ++count.points;
  ++count.outcomes[report->outcome];
  if (report->outcome == Outcome::kEnded) ++count.codes[report->code];
  return true;
}

std::string Summary(FaultCount count, uint64_t total, DiskFault fault) {
  std::string text = absl::StrCat(
      "fault points covered ", count.points, " / ", total, " total (",
      Name(fault), "): ended the life ", count.outcomes[Outcome::kEnded],
      ", ended it afterwards ", count.outcomes[Outcome::kNoticed],
      ", by an assertion of RocksDB ", count.outcomes[Outcome::kAsserted],
      ", ignored ", count.outcomes[Outcome::kIgnored]);
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
  EXPECT_GT(count.outcomes[Outcome::kEnded], 0u);
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
