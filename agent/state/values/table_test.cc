// SPDX-License-Identifier: Apache-2.0
#include "agent/state/values/table.h"

#include <set>
#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsNull;
using testing::Pointee;

TEST(TableTest, RemembersWhatWasTouchedOnce) {
  Table<int> table;
  table.Put("b", 1);
  table.Put("a", 2);
  table.Put("b", 3);
  EXPECT_TRUE(table.Erase("a"));
  EXPECT_FALSE(table.Erase("never there"));
  EXPECT_THAT(table.TakeTouched(), ElementsAre("a", "b"));
  EXPECT_THAT(table.TakeTouched(), IsEmpty());
  EXPECT_THAT(table.Find("a"), IsNull());
  EXPECT_THAT(table.Find("b"), Pointee(3));
  EXPECT_EQ(table.size(), 1);
}

TEST(TableTest, ACopyIsApart) {
  Table<int> original;
  original.Put("a", 1);
  Table<int> copy = original;
  original.Put("a", 2);
  copy.Put("b", 3);
  Table<int> assigned;
  assigned = copy;
  copy.Erase("b");
  EXPECT_THAT(original.Find("a"), Pointee(2));
  EXPECT_THAT(original.Find("b"), IsNull());
  EXPECT_THAT(copy.Find("a"), Pointee(1));
  EXPECT_THAT(copy.Find("b"), IsNull());
  EXPECT_THAT(assigned.Find("b"), Pointee(3));
}

TEST(TableTest, AnUnchangedCopySharesItsRecords) {
  Table<int> original;
  original.Put("a", 1);
  const Table<int> copy = original;
  EXPECT_EQ(original.Find("a"), copy.Find("a"));
  EXPECT_EQ(&original.records(), &copy.records());
}

TEST(TableTest, ErasingByAKeyInsideTheTableIsSafe) {
  Table<std::string> table;
  table.Put("a", "record");
  table.Erase(table.records().begin()->first);
  EXPECT_TRUE(table.empty());
  EXPECT_THAT(table.TakeTouched(), ElementsAre("a"));
}

TEST(TableTest, AKeyInsideTheReplacedRecordIsSafe) {
  Table<std::string> table;
  const std::string key(100, 'k');
  table.Put(key, key);
  table.Put(*table.Find(key), "new");
  EXPECT_THAT(table.Find(key), Pointee(std::string("new")));
  EXPECT_THAT(table.TakeTouched(), ElementsAre(key));
}

// ThreadSanitizer judges this one.
TEST(TableTest, AReaderOfACopyNeedsNoLockWhileTheOriginalChanges) {
  Table<int> table;
  for (int i = 0; i < 100; ++i) table.Put(std::to_string(i), i);
  for (int round = 0; round < 50; ++round) {
    const Table<int> snapshot = table;
    int sum = 0;
    std::thread reader([&snapshot, &sum] {
      Table<int> own;
      own = snapshot;
      for (const auto& [key, value] : own.records()) sum += *value;
    });
    table.Put("50", 50);
    table.Erase("no such key");
    reader.join();
    EXPECT_EQ(sum, 4950);
  }
}

}  // namespace
}  // namespace microovn::agent
