// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/sim/linearizability.h"

#include <algorithm>
#include <iostream>
#include <map>

#include "absl/strings/str_cat.h"
#include "base/crypto/random.h"
#include "gtest/gtest.h"

namespace microovn::raft {
namespace {

using History = std::vector<RegisterOperation>;
using Kind = RegisterOperation::Kind;
using Outcome = RegisterOperation::Outcome;

constexpr uint64_t kPlenty = 1'000'000;

RegisterOperation Make(Kind kind, const std::string& value, int64_t invoked,
                       int64_t returned, Outcome outcome = Outcome::kOk) {
  RegisterOperation operation;
  operation.client = 1;
  operation.key = "k";
  operation.kind = kind;
  operation.value = value;
  operation.invoked = invoked;
  operation.returned = returned;
  operation.outcome = outcome;
  return operation;
}

RegisterOperation Read(const std::string& value, int64_t invoked,
                       int64_t returned) {
  return Make(Kind::kRead, value, invoked, returned);
}

RegisterOperation Write(const std::string& value, int64_t invoked,
                        int64_t returned) {
  return Make(Kind::kWrite, value, invoked, returned);
}

RegisterOperation Unknown(const std::string& value, int64_t invoked) {
  return Make(Kind::kWrite, value, invoked, 0, Outcome::kUnknown);
}

RegisterOperation Refused(const std::string& value, int64_t invoked,
                          int64_t returned) {
  return Make(Kind::kWrite, value, invoked, returned, Outcome::kRefused);
}

struct Case {
  const char* name;
  History history;
  Verdict verdict;
};

void Expect(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    const auto result = CheckLinearizable(one.history, kPlenty);
    EXPECT_EQ(result.verdict, one.verdict)
        << one.name << ": " << result.explanation;
    EXPECT_EQ(result.explanation.empty(),
              result.verdict == Verdict::kLinearizable)
        << one.name;
  }
}

TEST(LinearizabilityTest, AcceptsWhatOneRegisterCouldHaveDone) {
  const Verdict yes = Verdict::kLinearizable;
  Expect({
      {"nothing", {}, yes},
      {"none before the first write", {Read("", 1, 2), Write("a", 3, 4)}, yes},
      {"one after the other", {Write("a", 1, 2), Read("a", 3, 4)}, yes},
      {"a read beside a write sees it",
       {Write("a", 1, 9), Read("a", 2, 3)},
       yes},
      {"a read beside a write misses it",
       {Write("a", 1, 9), Read("", 2, 3)},
       yes},
      {"two writes at a time, either order",
       {Write("a", 1, 9), Write("b", 2, 8), Read("b", 10, 11)},
       yes},
      {"two writes at a time, the other order",
       {Write("a", 1, 9), Write("b", 2, 8), Read("a", 10, 11)},
       yes},
      {"the later read orders the earlier write",
       {Write("a", 1, 20), Write("b", 1, 20), Read("b", 2, 4), Read("a", 5, 6),
        Read("a", 21, 22)},
       yes},
      {"equal times may go either way",
       {Write("a", 1, 2), Read("", 2, 3)},
       yes},
      {"the same value twice",
       {Write("a", 1, 2), Write("b", 3, 4), Read("b", 5, 6), Write("a", 7, 8),
        Read("a", 9, 9)},
       yes},
      {"an operation of no time", {Write("a", 1, 1), Read("a", 2, 2)}, yes},
  });
}

TEST(LinearizabilityTest, FindsWhatOneRegisterCannotDo) {
  const Verdict no = Verdict::kViolation;
  Expect({
      {"a value from nowhere", {Read("a", 1, 2)}, no},
      {"a stale read of nothing", {Write("a", 1, 2), Read("", 3, 4)}, no},
      {"a stale read",
       {Write("a", 1, 2), Write("b", 3, 4), Read("a", 5, 6)},
       no},
      {"a lost write",
       {Write("a", 1, 2), Write("b", 3, 4), Read("b", 5, 6), Read("a", 7, 8)},
       no},
      {"a read of the future", {Read("a", 1, 2), Write("a", 3, 4)}, no},
      {"reads that go back within one write",
       {Write("a", 1, 2), Write("b", 3, 20), Read("b", 4, 5), Read("a", 6, 7)},
       no},
      {"a write that happens twice",
       {Write("a", 1, 2), Write("b", 3, 4), Read("b", 5, 6), Write("c", 7, 8),
        Read("c", 9, 10), Read("b", 11, 12)},
       no},
      {"two writes at a time, both last",
       {Write("a", 1, 9), Write("b", 1, 9), Read("a", 10, 11),
        Read("b", 12, 13)},
       no},
      {"two readers see two writes in two orders",
       {Write("a", 1, 30), Write("b", 1, 30), Read("a", 2, 3), Read("b", 4, 5),
        Read("a", 6, 7)},
       no},
  });
}

TEST(LinearizabilityTest, TellsRefusedFromUnknown) {
  Expect({
      {"an unknown write shows late",
       {Unknown("a", 1), Read("", 2, 3), Read("a", 100, 101)},
       Verdict::kLinearizable},
      {"an unknown write never shows",
       {Write("x", 1, 2), Unknown("a", 3), Read("x", 100, 101)},
       Verdict::kLinearizable},
      {"an unknown write overtakes a later one",
       {Unknown("a", 1), Write("b", 2, 3), Read("b", 4, 5), Read("a", 6, 7)},
       Verdict::kLinearizable},
      {"an unknown write shows before it was invoked",
       {Read("a", 1, 2), Unknown("a", 3)},
       Verdict::kViolation},
      {"an unknown write shows twice",
       {Unknown("a", 1), Read("a", 2, 3), Write("b", 4, 5), Read("b", 6, 7),
        Read("a", 8, 9)},
       Verdict::kViolation},
      {"two unknown writes of a value show twice",
       {Unknown("a", 1), Unknown("a", 1), Read("a", 2, 3), Write("b", 4, 5),
        Read("b", 6, 7), Read("a", 8, 9)},
       Verdict::kLinearizable},
      {"a refused write is seen",
       {Refused("a", 1, 2), Read("a", 3, 4)},
       Verdict::kViolation},
      {"a refused write is seen before it is refused",
       {Refused("a", 1, 9), Read("a", 3, 4)},
       Verdict::kViolation},
      {"a refused write is not seen",
       {Write("x", 1, 2), Refused("a", 3, 4), Read("x", 5, 6)},
       Verdict::kLinearizable},
      {"a read that failed says nothing",
       {Make(Kind::kRead, "a", 1, 2, Outcome::kRefused),
        Make(Kind::kRead, "b", 1, 0, Outcome::kUnknown)},
       Verdict::kLinearizable},
  });
}

TEST(LinearizabilityTest, KeysAreIndependent) {
  History history = {Write("a", 1, 2), Read("a", 3, 4)};
  RegisterOperation other = Read("", 5, 6);
  other.key = "l";
  history.push_back(other);
  EXPECT_EQ(CheckLinearizable(history, kPlenty).verdict,
            Verdict::kLinearizable);
  history.back().value = "a";
  const auto result = CheckLinearizable(history, kPlenty);
  EXPECT_EQ(result.verdict, Verdict::kViolation);
  EXPECT_NE(result.explanation.find("key \"l\""), std::string::npos)
      << result.explanation;
}

TEST(LinearizabilityTest, ExplainsTheDeadEnd) {
  EXPECT_EQ(CheckLinearizable(
                {Write("a", 1, 2), Write("b", 3, 4), Read("a", 5, 6)}, kPlenty)
                .explanation,
            "key \"k\": nothing explains the read of \"a\" by client 1 [5, 6]; "
            "the longest order places 1 of 3 operations and leaves \"a\", "
            "which is replaced by the write of \"b\" by client 1 [3, 4]");
  EXPECT_EQ(CheckLinearizable({Write("a", 1, 2), Read("x", 3, 4)}, kPlenty)
                .explanation,
            "key \"k\": nothing explains the read of \"x\" by client 1 [3, 4]; "
            "the longest order places 1 of 2 operations and leaves \"a\"");
}

TEST(LinearizabilityTest, GivesUpAfterTheLastStep) {
  const History history = {Write("a", 1, 2), Write("b", 3, 4), Write("c", 5, 6),
                           Read("c", 7, 8)};
  EXPECT_EQ(CheckLinearizable(history, 2).verdict, Verdict::kUndecided);
  const auto enough = CheckLinearizable(history, 3);
  EXPECT_EQ(enough.verdict, Verdict::kLinearizable);
  EXPECT_EQ(enough.steps, 3u);
}

TEST(LinearizabilityTest, AViolationOutweighsAnUndecidedKey) {
  History history;
  for (int64_t i = 0; i < 20; ++i) history.push_back(Write("a", i * 2, i * 2));
  RegisterOperation stale = Read("x", 1, 2);
  stale.key = "l";
  history.push_back(stale);
  EXPECT_EQ(CheckLinearizable(history, 10).verdict, Verdict::kViolation);
  history.back().value = "";
  EXPECT_EQ(CheckLinearizable(history, 10).verdict, Verdict::kUndecided);
}

TEST(LinearizabilityTest, ImpossibleTimesAreNoVerdict) {
  EXPECT_EQ(CheckLinearizable({Write("a", 3, 2)}, kPlenty).verdict,
            Verdict::kUndecided);
}

// What the definition says, word for word: some of the unknown writes and all
// the rest, in any order. For a handful of operations of one key.
bool Explains(const std::vector<RegisterOperation>& order) {
  std::string value;
  for (size_t i = 0; i < order.size(); ++i) {
    for (size_t j = i + 1; j < order.size(); ++j) {
      if (order[j].outcome == Outcome::kOk &&
          order[j].returned < order[i].invoked) {
        return false;
      }
    }
    if (order[i].kind == Kind::kWrite) value = order[i].value;
    if (order[i].value != value) return false;
  }
  return true;
}

bool AnyOrderExplains(const History& history) {
  History certain;
  History possible;
  for (const RegisterOperation& operation : history) {
    if (operation.outcome == Outcome::kOk) certain.push_back(operation);
    if (operation.outcome == Outcome::kUnknown &&
        operation.kind == Kind::kWrite) {
      possible.push_back(operation);
    }
  }
  for (uint64_t chosen = 0; chosen < uint64_t{1} << possible.size(); ++chosen) {
    History some = certain;
    for (size_t i = 0; i < possible.size(); ++i) {
      if ((chosen >> i & 1) != 0) some.push_back(possible[i]);
    }
    std::vector<size_t> order(some.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    do {
      History ordered;
      for (const size_t at : order) ordered.push_back(some[at]);
      if (Explains(ordered)) return true;
    } while (std::next_permutation(order.begin(), order.end()));
  }
  return false;
}

TEST(LinearizabilityPropertyTest, AgreesWithTheDefinitionOnTinyHistories) {
  SeededRandom random(20260101);
  std::map<Verdict, int> verdicts;
  for (int round = 0; round < 20'000; ++round) {
    History history;
    const uint64_t size = 1 + random.Uniform(6);
    for (uint64_t i = 0; i < size; ++i) {
      const auto invoked = static_cast<int64_t>(random.Uniform(12));
      const auto took = static_cast<int64_t>(random.Uniform(6));
      const uint64_t value = random.Uniform(4);
      RegisterOperation operation =
          Make(random.Uniform(2) == 0 ? Kind::kRead : Kind::kWrite,
               value == 0 ? std::string() : absl::StrCat(value), invoked,
               invoked + took);
      const uint64_t outcome = random.Uniform(10);
      if (outcome == 0) operation.outcome = Outcome::kRefused;
      if (outcome <= 2) operation.outcome = Outcome::kUnknown;
      history.push_back(operation);
    }
    const auto result = CheckLinearizable(history, kPlenty);
    ++verdicts[result.verdict];
    ASSERT_EQ(result.verdict == Verdict::kLinearizable,
              AnyOrderExplains(history))
        << "round " << round << ": " << result.explanation;
  }
  // Both sides were really met.
  EXPECT_GT(verdicts[Verdict::kLinearizable], 4'000);
  EXPECT_GT(verdicts[Verdict::kViolation], 4'000);
}

// What concurrent clients of one atomic register report: each operation takes
// effect at one moment between its ends.
History RunRegister(SeededRandom& random, int64_t clients, int64_t operations) {
  struct Pending {
    int64_t effect;
    RegisterOperation operation;
    bool happens;
  };
  std::vector<Pending> all;
  for (int64_t client = 0; client < clients; ++client) {
    int64_t now = static_cast<int64_t>(random.Uniform(5));
    for (int64_t i = 0; i < operations; ++i) {
      const int64_t effect = now + static_cast<int64_t>(random.Uniform(20));
      const int64_t returned = effect + static_cast<int64_t>(random.Uniform(9));
      Pending pending{effect,
                      random.Uniform(2) == 0
                          ? Read("", now, returned)
                          : Write(absl::StrCat(client, ".", i), now, returned),
                      true};
      const uint64_t fate = random.Uniform(20);
      if (fate == 0) {
        pending.operation.outcome = Outcome::kRefused;
        pending.happens = false;
      } else if (fate == 1) {
        pending.operation.outcome = Outcome::kUnknown;
        pending.effect += static_cast<int64_t>(random.Uniform(200));
        pending.happens = random.Uniform(2) == 0;
      }
      all.push_back(pending);
      now = returned + 1 + static_cast<int64_t>(random.Uniform(5));
    }
  }
  std::stable_sort(
      all.begin(), all.end(),
      [](const Pending& a, const Pending& b) { return a.effect < b.effect; });
  History history;
  std::string value;
  for (Pending& pending : all) {
    if (pending.operation.kind == Kind::kRead) {
      pending.operation.value = value;
    } else if (pending.happens) {
      value = pending.operation.value;
    }
    history.push_back(pending.operation);
  }
  return history;
}

std::vector<size_t> ReadsOf(const History& history) {
  std::vector<size_t> reads;
  for (size_t i = 0; i < history.size(); ++i) {
    if (history[i].kind == Kind::kRead && history[i].outcome == Outcome::kOk) {
      reads.push_back(i);
    }
  }
  return reads;
}

TEST(LinearizabilityPropertyTest, AcceptsARealRegisterAndNotAChangedRead) {
  SeededRandom random(7);
  uint64_t most_steps = 0;
  int stale_found = 0;
  for (int round = 0; round < 300; ++round) {
    const auto clients = static_cast<int64_t>(1 + random.Uniform(10));
    History history = RunRegister(random, clients, 60);
    const auto result = CheckLinearizable(history, kPlenty);
    ASSERT_EQ(result.verdict, Verdict::kLinearizable)
        << "round " << round << ": " << result.explanation;
    most_steps = std::max(most_steps, result.steps);

    const std::vector<size_t> reads = ReadsOf(history);
    RegisterOperation& changed = history[reads[random.Uniform(reads.size())]];
    const std::string truth = changed.value;
    changed.value = "from nowhere";
    ASSERT_EQ(CheckLinearizable(history, kPlenty).verdict, Verdict::kViolation);
    // An old value is a violation unless the writes overlap by chance.
    changed.value = history[reads[0]].value;
    if (changed.value == truth) continue;
    stale_found +=
        CheckLinearizable(history, kPlenty).verdict == Verdict::kViolation ? 1
                                                                           : 0;
  }
  EXPECT_GT(stale_found, 200);
  std::cout << "most steps of 10 clients with 60 operations: " << most_steps
            << std::endl;
}

TEST(LinearizabilityPropertyTest, TwoThousandOperationsOfAKeyAreQuick) {
  SeededRandom random(11);
  const History history = RunRegister(random, 10, 200);
  const auto result = CheckLinearizable(history, kPlenty);
  EXPECT_EQ(result.verdict, Verdict::kLinearizable) << result.explanation;
}

}  // namespace
}  // namespace microovn::raft
