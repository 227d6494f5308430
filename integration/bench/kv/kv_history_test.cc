// SPDX-License-Identifier: Apache-2.0
#include "integration/bench/kv/kv_history.h"

#include <string>

#include "gtest/gtest.h"

namespace microovn::raft {
namespace {

using Kind = RegisterOperation::Kind;
using Outcome = RegisterOperation::Outcome;

RegisterOperation Operation(Kind kind, const std::string& value, int64_t from,
                            int64_t to, Outcome outcome = Outcome::kOk) {
  RegisterOperation operation;
  operation.key = "key";
  operation.kind = kind;
  operation.value = value;
  operation.invoked = from;
  operation.returned = to;
  operation.outcome = outcome;
  return operation;
}

TEST(KvHistoryTest, WhatFitsIsGood) {
  KvHistory history;
  history.Add(Operation(Kind::kWrite, "a", 1, 2), 7);
  history.Add(Operation(Kind::kRead, "a", 3, 4), 7);
  history.Add(Operation(Kind::kWrite, "b", 5, 6, Outcome::kUnknown), 0);
  history.Add(Operation(Kind::kWrite, "c", 5, 6, Outcome::kRefused), 0);
  EXPECT_TRUE(history.Check({}).good());
  EXPECT_EQ(history.count(Outcome::kOk), 2);
  EXPECT_EQ(history.count(Outcome::kUnknown), 1);
  EXPECT_EQ(history.count(Outcome::kRefused), 1);
}

TEST(KvHistoryTest, AnAcknowledgedWriteThatIsGoneIsLost) {
  KvHistory history;
  history.Add(Operation(Kind::kWrite, "a", 1, 2), 7);
  EXPECT_EQ(history.Check({{"key", "a"}}).lost, 0);
  EXPECT_EQ(history.Check({{"key", ""}}).lost, 1);
}

TEST(KvHistoryTest, AValueAtTwoPlacesOfTheLogWasWrittenTwice) {
  KvHistory history;
  history.Add(Operation(Kind::kWrite, "a", 1, 2), 7);
  history.Add(Operation(Kind::kRead, "a", 3, 4), 9);
  EXPECT_EQ(history.Check({}).twice, 1);
}

TEST(KvHistoryTest, AStaleReadIsAViolation) {
  KvHistory history;
  history.Add(Operation(Kind::kWrite, "a", 1, 2), 7);
  history.Add(Operation(Kind::kWrite, "b", 3, 4), 8);
  history.Add(Operation(Kind::kRead, "a", 5, 6), 7);
  EXPECT_EQ(history.Check({}).order.verdict, Verdict::kViolation);
}

}  // namespace
}  // namespace microovn::raft
