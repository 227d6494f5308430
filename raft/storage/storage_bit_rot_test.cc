// One flipped bit anywhere in the files of a member (raft.md 2c.4): everything
// acknowledged is there, or the member is refused as damaged. Prints what
// became of the flips.
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

// Lost acknowledged writes that nobody noticed. RocksDB cannot see them (bits
// in the headers of the last records); the tail ring must.
constexpr uint64_t kMostLostTails = 0;

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
    {"write-ahead log", ".log", 5}, {"table", ".sst", 211},
    {"manifest", "MANIFEST-", 3},   {"tail ring", "tail_ring", 3},
    {"CURRENT", "CURRENT", 1},      {"OPTIONS", "OPTIONS-", 41},
    {"IDENTITY", "IDENTITY", 5},
};
constexpr uint64_t kEnd = 300;
constexpr uint64_t kEndStride = 5;

class BitRotTest : public testing::Test {
 protected:
  BitRotTest() : life_(ScriptedLife()) {
    SeedRocksdb(1);
    SimEnv env(FormattedDisk());
    LifeRunner runner(&env, &life_);
    const absl::Status lived = runner.Run();
    EXPECT_TRUE(lived.ok()) << lived;
    progress_ = runner.progress();
    disk_ = env.volume().image();
  }

  Outcome Flip(const std::string& path, uint64_t bit, std::string& detail) {
    SimEnv env(disk_);
    env.volume().Flip(path, bit);
    const auto storage =
        RocksdbLogStorage::Open(kLifeDirectory, EnvironmentOn(&env));
    absl::StatusOr<std::string> content = storage.status();
    if (storage.ok()) content = ContentOf(**storage);
    if (absl::IsFailedPrecondition(content.status())) {
      return Outcome::kQuarantine;
    }
    if (!content.ok()) {
      detail = content.status().ToString();
      return absl::IsDataLoss(content.status()) ? Outcome::kRefused
                                                : Outcome::kWrong;
    }
    for (size_t i = progress_.durable - 1; i < life_.size(); ++i) {
      if (life_[i].stored == *content) return Outcome::kClean;
    }
    for (const LifeStep& step : life_) {
      if (step.stored == *content) return Outcome::kLostTail;
    }
    detail = "what never was";
    return Outcome::kWrong;
  }

  std::map<Outcome, uint64_t> Sweep(const std::string& path, uint64_t size,
                                    uint64_t stride) {
    std::map<Outcome, uint64_t> outcomes;
    for (uint64_t at = 0; at < size;) {
      std::string detail;
      const Outcome outcome = Flip(path, 8 * at + at % 8, detail);
      ++outcomes[outcome];
      EXPECT_NE(outcome, Outcome::kWrong)
          << path << " bit " << 8 * at + at % 8 << " of " << 8 * size << ": "
          << detail;
      at += at + kEnd > size ? std::min(stride, kEndStride) : stride;
    }
    return outcomes;
  }

  std::map<std::string, uint64_t> FilesLike(const std::string& part) {
    std::map<std::string, uint64_t> files;
    const NodeId directory = disk_.Find(kLifeDirectory).value();
    for (const auto& [name, node] : disk_.directories.at(directory).names) {
      if (!absl::StrContains(name, part)) continue;
      files[absl::StrCat(kLifeDirectory, "/", name)] =
          disk_.files.at(node).size;
    }
    return files;
  }

  std::vector<LifeStep> life_;
  LifeProgress progress_;
  DiskImage disk_;
};

TEST_F(BitRotTest, NoFlippedBitGivesWrongData) {
  uint64_t lost = 0;
  for (const FileClass& kind : kClasses) {
    std::map<Outcome, uint64_t> total;
    const auto files = FilesLike(kind.part);
    EXPECT_FALSE(files.empty()) << kind.name;
    for (const auto& [path, size] : files) {
      for (const auto& [outcome, count] : Sweep(path, size, kind.stride)) {
        total[outcome] += count;
      }
    }
    lost += total[Outcome::kLostTail];
    std::cout << "bit rot in " << files.size() << " " << kind.name << ": clean "
              << total[Outcome::kClean] << ", refused "
              << total[Outcome::kRefused] << ", detected by the ring "
              << total[Outcome::kQuarantine] << ", acknowledged tail lost "
              << total[Outcome::kLostTail] << ", wrong "
              << total[Outcome::kWrong] << std::endl;
  }
  EXPECT_LE(lost, kMostLostTails);
}

}  // namespace
}  // namespace microovn::raft
