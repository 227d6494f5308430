// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/rocksdb/torn_tail.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "base/crypto/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "raft/storage/rocksdb/rocksdb_log_storage.h"
#include "raft/storage/testing/life_runner.h"
#include "raft/storage/testing/sim_env.h"

namespace microovn::raft {
namespace {

using testing::Eq;
using testing::Optional;

constexpr size_t kSector = 512;
constexpr size_t kBlock = 32768;

// A log that RocksDB wrote, with records of one fragment and of several, and
// where each of them begins.
class TornTailTest : public testing::Test {
 protected:
  TornTailTest() {
    SimEnv env(FormattedDisk());
    EXPECT_TRUE(RocksdbLogStorage::Create(kLifeDirectory, LifeIdentity(),
                                          Recovered(), env.Environment(1))
                    .ok());
    const auto storage =
        RocksdbLogStorage::Open(kLifeDirectory, env.Environment(1));
    EXPECT_TRUE(storage.ok()) << storage.status();
    for (const uint64_t size : {700u, 40000u, 100u, 900u, 30000u, 3000u}) {
      begins_.push_back(NewestLog(env).size());
      const std::string value = SeededRandom(size).Bytes(size);
      EXPECT_TRUE((*storage)->WriteState({{"key", value}}, {}).ok());
    }
    log_ = NewestLog(env);
  }

  static std::string NewestLog(SimEnv& env) {
    const DiskImage disk = env.volume().image();
    std::string newest;
    for (const auto& [name, node] :
         disk.directories.at(disk.Find(kLifeDirectory).value()).names) {
      if (!absl::StrContains(name, ".log")) continue;
      const DiskFile& file = disk.files.at(node);
      newest = file.bytes->substr(0, file.size);
    }
    return newest;
  }

  std::string Without(size_t begin, size_t size) const {
    std::string bytes = log_;
    size = std::min(size, bytes.size() - begin);
    bytes.replace(begin, size, size, '\0');
    return bytes;
  }

  // The beginning of the last record that begins at or before `at`.
  size_t RecordAt(size_t at) const {
    return *(std::upper_bound(begins_.begin(), begins_.end(), at) - 1);
  }

  std::string log_;
  std::vector<size_t> begins_;
};

TEST_F(TornTailTest, AWholeLogIsNotTorn) {
  ASSERT_GT(log_.size(), 2 * kBlock);
  EXPECT_EQ(FindTear(log_), std::nullopt);
  EXPECT_EQ(FindTear(""), std::nullopt);
}

TEST_F(TornTailTest, ALogThatIsCutShortIsNotTorn) {
  for (size_t size = 0; size < log_.size(); size += 97) {
    EXPECT_EQ(FindTear(log_.substr(0, size)), std::nullopt) << size;
  }
}

TEST_F(TornTailTest, EachLostSectorCutsAtTheFirstRecordInIt) {
  const size_t first = (begins_[0] / kSector + 1) * kSector;
  for (size_t at = first; at < log_.size(); at += kSector) {
    EXPECT_THAT(FindTear(Without(at, kSector)), Optional(RecordAt(at))) << at;
  }
}

TEST_F(TornTailTest, TheRestOfASectorBehindWhatWasSynced) {
  for (const size_t begin : begins_) {
    EXPECT_THAT(FindTear(Without(begin, kSector - begin % kSector)),
                Optional(Eq(begin)));
  }
}

TEST_F(TornTailTest, AFlippedBitIsNotATear) {
  size_t torn = 0;
  for (size_t at = 0; at < log_.size(); at += 31) {
    std::string bytes = log_;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    torn += FindTear(bytes).has_value() ? 1 : 0;
  }
  EXPECT_EQ(torn, 0u);
}

TEST_F(TornTailTest, DamageBeforeATearIsNotCutOff) {
  std::string bytes = Without(2 * kBlock, kSector);
  bytes[begins_[1] + 100] ^= 1;
  EXPECT_EQ(FindTear(bytes), std::nullopt);
}

TEST_F(TornTailTest, LogsBehindATornOneAreDropped) {
  SimEnv env(FormattedDisk());
  SimVolume& volume = env.volume();
  const std::vector<std::pair<std::string, std::string>> files = {
      {"/member/000007.log", log_},
      {"/member/000009.log", Without(2 * kBlock, kSector)},
      {"/member/000010.log", log_},
      {"/member/000011.sst", Without(2 * kBlock, kSector)},
      {"/member/MANIFEST-000008", log_}};
  for (const auto& [path, bytes] : files) {
    NodeId node = 0;
    ASSERT_EQ(volume.Create(path, &node), DiskResult::kOk);
    ASSERT_EQ(volume.Append(node, bytes), DiskResult::kOk);
  }
  ASSERT_TRUE(CutTornTails(&env, "/member").ok());
  std::vector<size_t> sizes;
  for (const auto& [path, bytes] : files) {
    sizes.push_back(volume.File(volume.Find(path).value())->size);
  }
  EXPECT_THAT(sizes, testing::ElementsAre(log_.size(), RecordAt(2 * kBlock), 0u,
                                          log_.size(), log_.size()));
}

TEST_F(TornTailTest, NothingIsCutWhileTheDatabaseIsOpen) {
  SimEnv env(FormattedDisk());
  NodeId node = 0;
  ASSERT_EQ(env.volume().Create("/member/000007.log", &node), DiskResult::kOk);
  ASSERT_EQ(env.volume().Append(node, Without(2 * kBlock, kSector)),
            DiskResult::kOk);
  ASSERT_TRUE(env.volume().Lock("/member/LOCK"));
  EXPECT_TRUE(CutTornTails(&env, "/member").ok());
  EXPECT_EQ(env.volume().File(node)->size, log_.size());
}

}  // namespace
}  // namespace microovn::raft
