// SPDX-License-Identifier: Apache-2.0
#include "raft/core/integrity/quarantine_state.h"

#include "gtest/gtest.h"

namespace microovn::raft {
namespace {

constexpr Quarantine kLost{Term(6), {LogIndex(9), Term(5)}};

QuarantineState InQuarantine() {
  QuarantineState state;
  state.Enter(kLost);
  return state;
}

TEST(QuarantineStateTest, EndsAtTheLostIndexOrBehindALaterTerm) {
  const struct {
    uint64_t agreed;
    uint64_t term;
    bool ends;
  } cases[] = {
      {8, 5, false},  // an entry short
      {9, 5, true},   // all that was acknowledged
      {9, 4, true},   // or others in its place, which a leader proved
      {2, 6, true},   // an entry of a later term is behind it
      {8, 4, false}, {0, 0, false},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(InQuarantine().Decide(LogIndex(one.agreed), Term(one.term)),
              one.ends)
        << one.agreed << " of term " << one.term;
  }
}

TEST(QuarantineStateTest, WhoIsNotInOneDoesNotEndIt) {
  QuarantineState state;
  EXPECT_FALSE(state.active());
  EXPECT_FALSE(state.Decide(LogIndex(99), Term(99)));
  EXPECT_FALSE(state.EndsWith(StorageToken(0)));
  state.Hear(StorageToken(7));
  EXPECT_EQ(state, QuarantineState());
}

TEST(QuarantineStateTest, LastsUntilItsEndIsDurable) {
  QuarantineState state = InQuarantine();
  state.EndWith(StorageToken(4));
  EXPECT_TRUE(state.EndsWith(StorageToken(4)));
  EXPECT_FALSE(state.EndsWith(StorageToken(5)));
  EXPECT_FALSE(state.Decide(LogIndex(99), Term(99))) << "once is enough";
  state.Hear(StorageToken(3));
  EXPECT_EQ(state.lost(), kLost);
  state.Hear(StorageToken(4));
  EXPECT_FALSE(state.active());
}

}  // namespace
}  // namespace microovn::raft
