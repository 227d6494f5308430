// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/space/disk_space.h"

#include <vector>

#include "gtest/gtest.h"

namespace microovn::raft {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr uint64_t kDisk = uint64_t{16} << 30;
constexpr SpaceLevel kOk = SpaceLevel::kOk;
constexpr SpaceLevel kLow = SpaceLevel::kLow;
constexpr SpaceLevel kReadOnly = SpaceLevel::kReadOnly;
constexpr ReserveStep kKeep = ReserveStep::kKeep;
constexpr ReserveStep kTake = ReserveStep::kTake;
constexpr ReserveStep kRelease = ReserveStep::kRelease;

// A disk of 16 GiB: reserve 64, read-only below 64, low below 256 MiB.
TEST(DiskSpaceTest, Decides) {
  struct Case {
    SpaceLevel before;
    uint64_t free;     // MiB
    uint64_t reserve;  // MiB
    SpaceLevel level;
    ReserveStep step;
  };
  const std::vector<Case> cases = {
      {kOk, 1000, 64, kOk, kKeep},
      {kOk, 1000, 0, kOk, kTake},
      // What is left of an interrupted allocation is completed.
      {kOk, 1000, 10, kOk, kTake},
      {kOk, 256, 64, kOk, kKeep},
      {kOk, 255, 64, kLow, kKeep},
      // It counts what is free behind the reserve.
      {kOk, 256 + 64, 0, kOk, kTake},
      {kOk, 255 + 64, 0, kLow, kTake},
      {kOk, 63, 64, kReadOnly, kKeep},
      {kLow, 64, 64, kLow, kKeep},
      {kLow, 63, 64, kReadOnly, kKeep},
      {kLow, 63 + 64, 0, kReadOnly, kKeep},
      // Left with slack only.
      {kLow, 383, 64, kLow, kKeep},
      {kLow, 384, 64, kOk, kKeep},
      {kReadOnly, 95, 64, kReadOnly, kKeep},
      {kReadOnly, 96, 64, kLow, kKeep},
      {kReadOnly, 384, 64, kOk, kKeep},
      // Given back at the last moment, and taken when it fits again.
      {kReadOnly, 16, 64, kReadOnly, kKeep},
      {kReadOnly, 15, 64, kReadOnly, kRelease},
      {kReadOnly, 0, 64, kReadOnly, kRelease},
      {kReadOnly, 64 + 15, 0, kReadOnly, kKeep},
      {kReadOnly, 64 + 95, 0, kReadOnly, kKeep},
      {kReadOnly, 64 + 96, 0, kLow, kTake},
      {kReadOnly, 10, 0, kReadOnly, kKeep},
  };
  for (const Case& each : cases) {
    const DiskSpace space{kDisk, each.free * kMiB, each.reserve * kMiB};
    const SpaceDecision decision =
        DecideSpace(SpaceOptions(), each.before, space);
    EXPECT_EQ(decision.level, each.level) << each.free << " free";
    EXPECT_EQ(decision.step, each.step) << each.free << " free";
  }
}

TEST(DiskSpaceTest, ASmallDiskGetsASmallReserve) {
  EXPECT_EQ(ThresholdsOf(SpaceOptions(), 2048 * kMiB).reserve, 64 * kMiB);
  EXPECT_EQ(ThresholdsOf(SpaceOptions(), 160 * kMiB).reserve, 10 * kMiB);
  EXPECT_EQ(ThresholdsOf(SpaceOptions(), 0).reserve, 0u);
}

// Full to empty and back: each level is entered once each way.
TEST(DiskSpaceTest, DoesNotFlap) {
  const SpaceOptions options;
  DiskSpace space{kDisk, 600 * kMiB, 0};
  SpaceLevel level = kOk;
  int changes = 0;
  int steps = 0;
  const auto look = [&] {
    const SpaceDecision decision = DecideSpace(options, level, space);
    if (decision.level != level) ++changes;
    level = decision.level;
    if (decision.step == kKeep) return;
    ++steps;
    const uint64_t reserve = ThresholdsOf(options, space.total).reserve;
    if (decision.step == kTake) {
      ASSERT_GE(space.free, reserve);
      space.free -= reserve;
      space.reserve = reserve;
    } else {
      space.free += space.reserve;
      space.reserve = 0;
    }
  };
  for (int i = 0; i < 600; ++i) {
    look();
    if (space.free >= kMiB) space.free -= kMiB;
  }
  EXPECT_EQ(level, kReadOnly);
  for (int i = 0; i < 600; ++i) {
    look();
    space.free += kMiB;
  }
  EXPECT_EQ(level, kOk);
  EXPECT_EQ(changes, 4);
  EXPECT_EQ(steps, 3);
}

}  // namespace
}  // namespace microovn::raft
