// SPDX-License-Identifier: Apache-2.0
#include "integration/bench/kv/kv_machine.h"

#include <string>
#include <vector>

#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace microovn::raft {
namespace {

TEST(KvMachineTest, APutIsSeenOncePublished) {
  KvMachine machine;
  machine.Apply(LogIndex(5), EncodePut("key", "value"));
  EXPECT_FALSE(machine.Get("key").has_value());
  machine.Publish(LogIndex(5));
  const auto found = machine.Get("key");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->value, "value");
  EXPECT_EQ(found->written, LogIndex(5));
}

TEST(KvMachineTest, TheLaterPutWins) {
  KvMachine machine;
  machine.Apply(LogIndex(1), EncodePut("key", "old"));
  machine.Apply(LogIndex(2), EncodePut("key", ""));
  machine.Publish(LogIndex(2));
  const auto found = machine.Get("key");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->value, "");
  EXPECT_EQ(found->written, LogIndex(2));
}

TEST(KvMachineTest, WhatItWritesIsWhatItLoads) {
  KvMachine machine;
  std::vector<Record> records;
  for (const Mutation& each :
       machine.Apply(LogIndex(7), EncodePut("key", "value")).mutations) {
    records.push_back({each.key, each.value.value_or("")});
  }
  KvMachine other;
  other.Apply(LogIndex(3), EncodePut("gone", "x"));
  other.Publish(LogIndex(3));
  ASSERT_OK(other.Load(LogIndex(7), records));
  other.Publish(LogIndex(7));
  EXPECT_FALSE(other.Get("gone").has_value());
  ASSERT_TRUE(other.Get("key").has_value());
  EXPECT_EQ(other.Get("key")->value, "value");
  EXPECT_EQ(other.Get("key")->written, LogIndex(7));
}

TEST(KvMachineTest, ACommandThatIsNoneChangesNothing) {
  KvMachine machine;
  for (const char* bytes : {"", "short", "\xff\xff\xff\xff\xff\xff\xff\xff"}) {
    EXPECT_TRUE(machine.Apply(LogIndex(1), bytes).mutations.empty()) << bytes;
  }
}

}  // namespace
}  // namespace microovn::raft
