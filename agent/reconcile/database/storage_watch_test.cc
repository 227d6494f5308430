// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/database/storage_watch.h"

#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

TEST(StorageWatch, OwesACompactionOnceTheDiskWasFull) {
  struct Case {
    uint64_t total;
    uint64_t free;
    bool full;
    bool due;
  };
  for (const uint64_t unit : {kMiB, kMiB / 16}) {
    // Sixteen of 4096; of a small disk a sixteenth.
    const uint64_t total = unit == kMiB ? 4096 * kMiB : 16 * kMiB;
    StorageWatch watch;
    for (const Case& c : {
             Case{total, 16 * unit, false, false},
             {total, 16 * unit - 1, true, false},
             {total, 0, true, false},
             {total, 32 * unit - 1, true, false},
             {total, 32 * unit, false, true},
             {total, 17 * unit, false, true},
             {total, 1, true, false},
             {total, 40 * unit, false, true},
         }) {
      watch.See({c.total, c.free});
      EXPECT_EQ(watch.full(), c.full) << c.free;
      EXPECT_EQ(watch.due(), c.due) << c.free;
    }
    watch.Settle();
    EXPECT_FALSE(watch.due());
    watch.See({total, 40 * unit});
    EXPECT_FALSE(watch.due());
  }
}

}  // namespace
}  // namespace microovn::agent
