// SPDX-License-Identifier: Apache-2.0
// One flipped bit anywhere in the files of a member (raft.md 2c.4): everything
// acknowledged is there, or the member is refused as damaged, or it starts in
// quarantine. Prints what became of the flips.
#include <algorithm>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "raft/storage/testing/life_runner.h"
#include "raft/storage/testing/sim_env.h"

namespace microovn::raft {
namespace {

enum class Outcome : uint8_t {
  kClean,
  kRefused,
  kQuarantine,
  kLostTail,
  kWrong,
};

struct FileClass {
  const char* name;
  const char* part;  // of file names
  // One bit of every so many bytes; of the last bytes more.
  uint64_t stride;
};
constexpr FileClass kClasses[] = {
    {"write-ahead log", ".log", 1}, {"table", ".sst", 97},
    {"manifest", "MANIFEST-", 1},   {"tail ring", "tail_ring", 7},
    {"CURRENT", "CURRENT", 1},      {"OPTIONS", "OPTIONS-", 331},
    {"IDENTITY", "IDENTITY", 5},
};
constexpr FileClass kLongLog = {"write-ahead log when longest", ".log", 131};
constexpr uint64_t kEnd = 300;
constexpr uint64_t kEndStride = 5;

std::map<std::string, uint64_t> FilesLike(const DiskImage& disk,
                                          const std::string& part) {
  std::map<std::string, uint64_t> files;
  const auto directory = disk.Find(kLifeDirectory);
  if (!directory.has_value()) return files;
  for (const auto& [name, node] : disk.directories.at(*directory).names) {
    if (!absl::StrContains(name, part)) continue;
    files[absl::StrCat(kLifeDirectory, "/", name)] = disk.files.at(node).size;
  }
  return files;
}

// A disk, and what was acknowledged on it.
struct Moment {
  DiskImage disk;
  LifeProgress progress;
};

uint64_t LogBytes(const DiskImage& disk) {
  uint64_t bytes = 0;
  for (const auto& [path, size] : FilesLike(disk, ".log")) bytes += size;
  return bytes;
}

class BitRotTest : public testing::Test {
 protected:
  BitRotTest() : life_(ScriptedLife()) {
    SeedRocksdb(1);
    SimEnv env(FormattedDisk());
    LifeRunner runner(&env, &life_);
    env.volume().Observe([this, &runner](uint64_t, const DiskImage& disk) {
      if (LogBytes(disk) <= LogBytes(longest_log_.disk)) return;
      longest_log_ = {disk, runner.progress()};
    });
    const absl::Status lived = runner.Run();
    EXPECT_TRUE(lived.ok()) << lived;
    end_ = {env.volume().image(), runner.progress()};
  }

  Outcome Flip(const Moment& moment, const std::string& path, uint64_t bit,
               std::string& detail) {
    SimEnv env(moment.disk);
    env.volume().Flip(path, bit);
    const auto storage =
        RocksdbLogStorage::Open(kLifeDirectory, EnvironmentOn(&env));
    const absl::StatusOr<std::string> content =
        storage.ok() ? ContentOf(**storage)
                     : absl::StatusOr<std::string>(storage.status());
    if (absl::IsFailedPrecondition(content.status())) {
      return Outcome::kQuarantine;
    }
    if (!content.ok()) {
      detail = content.status().ToString();
      return absl::IsDataLoss(content.status()) ? Outcome::kRefused
                                                : Outcome::kWrong;
    }
    for (size_t i = moment.progress.durable - 1; i < life_.size(); ++i) {
      if (life_[i].stored == *content) return Outcome::kClean;
    }
    for (const LifeStep& step : life_) {
      if (step.stored != *content) continue;
      detail = absl::StrCat("as after ", step.name);
      return Outcome::kLostTail;
    }
    detail = "what never was";
    return Outcome::kWrong;
  }

  std::map<Outcome, uint64_t> SweepFile(const Moment& moment,
                                        const std::string& path, uint64_t size,
                                        uint64_t stride) {
    std::map<Outcome, uint64_t> outcomes;
    for (uint64_t at = 0; at < size;) {
      std::string detail;
      const uint64_t bit = 8 * at + at % 8;
      const Outcome outcome = Flip(moment, path, bit, detail);
      ++outcomes[outcome];
      EXPECT_TRUE(outcome != Outcome::kWrong && outcome != Outcome::kLostTail)
          << path << " bit " << bit << " of " << 8 * size << ": " << detail;
      at += at + kEnd > size ? std::min(stride, kEndStride) : stride;
    }
    return outcomes;
  }

  void Sweep(const Moment& moment, const FileClass& kind) {
    std::map<Outcome, uint64_t> total;
    const auto files = FilesLike(moment.disk, kind.part);
    EXPECT_FALSE(files.empty()) << kind.name;
    for (const auto& [path, size] : files) {
      for (const auto& [outcome, count] :
           SweepFile(moment, path, size, kind.stride)) {
        total[outcome] += count;
      }
    }
    std::cout << "bit rot in " << files.size() << " " << kind.name << ": clean "
              << total[Outcome::kClean] << ", refused "
              << total[Outcome::kRefused] << ", detected by the ring "
              << total[Outcome::kQuarantine] << ", acknowledged tail lost "
              << total[Outcome::kLostTail] << ", wrong "
              << total[Outcome::kWrong] << std::endl;
  }

  std::vector<LifeStep> life_;
  Moment end_;
  Moment longest_log_;
};

TEST_F(BitRotTest, NoFlippedBitGivesWrongDataOrLosesAnAcknowledgedTail) {
  for (const FileClass& kind : kClasses) Sweep(end_, kind);
}

TEST_F(BitRotTest, NorDoesOneInALongLog) {
  EXPECT_GT(LogBytes(longest_log_.disk), uint64_t{3} << 15);
  Sweep(longest_log_, kLongLog);
}

}  // namespace
}  // namespace microovn::raft
