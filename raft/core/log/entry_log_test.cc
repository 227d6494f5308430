// SPDX-License-Identifier: Apache-2.0
#include "raft/core/log/entry_log.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "raft/core/log/progress.h"
#include "raft/core/values/options.h"
#include "raft/core/values/recovered.h"

namespace microovn::raft {
namespace {

constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();

// Entries behind `base` with the given terms.
std::vector<Entry> Entries(const SnapshotMetadata& base,
                           const std::vector<uint64_t>& terms) {
  std::vector<Entry> entries;
  ChainHash chain = base.chain;
  for (const uint64_t term : terms) {
    Entry entry;
    entry.index = base.index + entries.size() + 1;
    entry.term = Term(term);
    entry.kind = EntryKind::kCommand;
    entry.payload = Payload("payload");
    entry.chain = ChainOf(chain, entry);
    chain = entry.chain;
    entries.push_back(std::move(entry));
  }
  return entries;
}

SnapshotMetadata BaseAt(uint64_t index, uint64_t term) {
  SnapshotMetadata base;
  base.index = LogIndex(index);
  base.term = Term(term);
  base.chain = ChainHash(77);
  return base;
}

EntryLog LogOf(uint64_t base, const std::vector<uint64_t>& terms) {
  const SnapshotMetadata metadata = BaseAt(base, base == 0 ? 0 : 1);
  return EntryLog(metadata, Entries(metadata, terms));
}

TEST(EntryTest, TheChainCoversEveryFieldAndThePast) {
  const std::vector<Entry> entries = Entries(BaseAt(0, 0), {1, 1, 2});
  EXPECT_TRUE(IsIntact(BaseAt(0, 0), entries));
  EXPECT_FALSE(IsIntact(BaseAt(1, 0), entries));
  std::vector<std::vector<Entry>> broken(5, entries);
  broken[0][1].payload = Payload("Payload");
  broken[1][1].term = Term(2);
  broken[2][1].kind = EntryKind::kNoop;
  broken[3].erase(broken[3].begin() + 1);
  broken[4][0].chain = ChainHash(1);
  for (size_t i = 0; i < broken.size(); ++i) {
    EXPECT_FALSE(IsIntact(BaseAt(0, 0), broken[i])) << i;
  }
  // Length is covered too: trailing zero bytes are not padding.
  Entry entry = entries[0];
  entry.payload = Payload(std::string("a"));
  const ChainHash one = ChainOf(ChainHash(0), entry);
  entry.payload = Payload(std::string("a\0", 2));
  EXPECT_FALSE(one == ChainOf(ChainHash(0), entry));
}

TEST(EntryLogTest, KnowsTermsFromItsBaseOn) {
  const EntryLog log = LogOf(4, {1, 2, 2});
  EXPECT_EQ(log.last(), (LogPosition{LogIndex(7), Term(2)}));
  EXPECT_FALSE(log.Knows(LogIndex(3)));
  EXPECT_TRUE(log.Matches({LogIndex(4), Term(1)}));
  EXPECT_TRUE(log.Matches({LogIndex(6), Term(2)}));
  EXPECT_FALSE(log.Matches({LogIndex(6), Term(1)}));
  EXPECT_FALSE(log.Matches({LogIndex(8), Term(2)}));
}

TEST(EntryLogTest, SliceHonoursItsLimitsButGivesAtLeastOne) {
  const EntryLog log = LogOf(2, {1, 1, 1, 1});
  const size_t one = SizeOf(log.At(LogIndex(3)));
  struct Case {
    uint64_t first, last;
    size_t entries, bytes, want;
  };
  const std::vector<Case> cases = {
      {3, 6, kNoLimit, kNoLimit, 4}, {3, 5, kNoLimit, kNoLimit, 3},
      {3, 9, kNoLimit, kNoLimit, 4}, {3, 6, 2, kNoLimit, 2},
      {3, 6, kNoLimit, 2 * one, 2},  {3, 6, kNoLimit, 1, 1},
      {2, 6, kNoLimit, kNoLimit, 0}, {7, 9, kNoLimit, kNoLimit, 0},
      {5, 4, kNoLimit, kNoLimit, 0},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    const Case& c = cases[i];
    const auto slice =
        log.Slice(LogIndex(c.first), LogIndex(c.last), c.entries, c.bytes);
    EXPECT_EQ(slice.size(), c.want) << i;
    if (slice.empty()) continue;
    EXPECT_EQ(slice[0].index, LogIndex(c.first)) << i;
  }
}

// Figure 7 of the paper and the cases around it: from a refusal both sides
// skip to the last place where the logs can agree.
TEST(EntryLogTest, ConflictHint) {
  struct Case {
    std::vector<uint64_t> terms;
    uint64_t index, term;
    uint64_t want_index, want_term;
  };
  const std::vector<Case> cases = {
      {{1, 1, 1, 4, 4, 5, 5, 6, 6}, 10, 6, 9, 6},  // (a) short
      {{1, 1, 1, 4}, 10, 6, 4, 4},                 // (b) shorter
      {{1, 1, 1, 2, 2, 2, 3, 3, 3}, 10, 6, 9, 3},  // (f) other history
      {{1, 1, 1, 4, 4, 4, 4}, 6, 3, 3, 1},         // no term above 3
      {{5, 5, 5}, 3, 2, 0, 0},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    const Case& c = cases[i];
    EXPECT_EQ(LogOf(0, c.terms).ConflictHint({LogIndex(c.index), Term(c.term)}),
              (LogPosition{LogIndex(c.want_index), Term(c.want_term)}))
        << i;
  }
  // Not below the base.
  EXPECT_EQ(LogOf(4, {3, 3}).ConflictHint({LogIndex(6), Term(1)}).index,
            LogIndex(4));
}

TEST(EntryLogTest, DurableFollowsTokensAndTruncation) {
  EntryLog log = LogOf(0, {1});
  const std::vector<Entry> more = Entries(BaseAt(0, 0), {1, 1, 1, 1});
  log.Append(more[1]);
  log.Written(StorageToken(1));
  log.Append(more[2]);
  log.Written(StorageToken(2));
  EXPECT_EQ(log.durable(), LogIndex(1));
  // Index 3 is replaced while its first version is on the way to the disk:
  // the old batch says nothing about the new entry.
  log.TruncateFrom(LogIndex(3));
  log.Append(more[2]);
  log.Written(StorageToken(3));
  log.Stored(StorageToken(2));
  EXPECT_EQ(log.durable(), LogIndex(2));
  log.Stored(StorageToken(3));
  EXPECT_EQ(log.durable(), LogIndex(3));
  log.TruncateFrom(LogIndex(2));
  EXPECT_EQ(log.durable(), LogIndex(1));
}

TEST(EntryLogTest, ASnapshotDropsWhatIsOnItsWayToTheDisk) {
  EntryLog log = LogOf(0, {1});
  log.Append(Entries(BaseAt(0, 0), {1, 1})[1]);
  log.Written(StorageToken(1));
  log.Reset(BaseAt(50, 3));
  log.Stored(StorageToken(1));
  EXPECT_EQ(log.durable(), LogIndex(50));
  EXPECT_EQ(log.last(), (LogPosition{LogIndex(50), Term(3)}));
}

TEST(EntryLogTest, CompactionKeepsWhatIsBehindTheBase) {
  EntryLog log = LogOf(0, {1, 1, 2, 2});
  SnapshotMetadata base;
  base.index = LogIndex(3);
  base.term = Term(2);
  base.chain = log.ChainAt(LogIndex(3));
  log.Compact(base);
  EXPECT_EQ(log.last_index(), LogIndex(4));
  EXPECT_EQ(log.At(LogIndex(4)).term, Term(2));
  EXPECT_EQ(log.TermAt(LogIndex(3)), Term(2));
}

TEST(ProgressTest, ProbesOneAtATimeAndThenStreams) {
  Options options;
  options.max_inflight_messages = 2;
  Progress progress(LogIndex(10), Time(0));
  EXPECT_TRUE(progress.CanSend(options));
  progress.Sent(LogIndex(12), 100);
  EXPECT_FALSE(progress.CanSend(options)) << "a probe is out";
  EXPECT_EQ(progress.next(), LogIndex(10)) << "a probe proves nothing yet";
  EXPECT_TRUE(progress.Accepted(LogIndex(12)));
  EXPECT_EQ(progress.mode(), Progress::Mode::kReplicate);
  EXPECT_EQ(progress.next(), LogIndex(13));
  progress.Sent(LogIndex(13), 100);
  progress.Sent(LogIndex(14), 100);
  EXPECT_FALSE(progress.CanSend(options)) << "the window is full";
  EXPECT_TRUE(progress.Accepted(LogIndex(13)));
  EXPECT_TRUE(progress.CanSend(options));
  EXPECT_FALSE(progress.Accepted(LogIndex(12))) << "an old answer";
  EXPECT_EQ(progress.match(), LogIndex(13));
}

TEST(ProgressTest, BytesLimitTheWindowToo) {
  Options options;
  options.max_inflight_bytes = 150;
  Progress progress(LogIndex(1), Time(0));
  progress.Accepted(LogIndex(0));
  progress.Sent(LogIndex(1), 100);
  EXPECT_TRUE(progress.CanSend(options));
  progress.Sent(LogIndex(2), 100);
  EXPECT_FALSE(progress.CanSend(options));
  progress.Accepted(LogIndex(2));
  EXPECT_TRUE(progress.CanSend(options));
}

TEST(ProgressTest, RefusalsMoveNextBackButNeverBehindMatch) {
  Progress progress(LogIndex(10), Time(0));
  progress.Sent(LogIndex(9), 0);
  EXPECT_FALSE(progress.Refused(LogIndex(7), LogIndex(3))) << "an old answer";
  EXPECT_TRUE(progress.Refused(LogIndex(9), LogIndex(4)));
  EXPECT_EQ(progress.next(), LogIndex(5));
  // A hint that is too high still makes progress.
  EXPECT_TRUE(progress.Refused(LogIndex(4), LogIndex(100)));
  EXPECT_EQ(progress.next(), LogIndex(4));
  progress.Accepted(LogIndex(3));
  progress.Sent(LogIndex(8), 10);
  EXPECT_FALSE(progress.Refused(LogIndex(3), LogIndex(0))) << "known to match";
  EXPECT_TRUE(progress.Refused(LogIndex(8), LogIndex(0)));
  EXPECT_EQ(progress.mode(), Progress::Mode::kProbe);
  EXPECT_EQ(progress.next(), LogIndex(4));
}

// It may lose its tail twice, and says "in quarantine" both times.
TEST(ProgressTest, WhatAMemberInQuarantineLostAgainIsSentAgain) {
  Progress progress(LogIndex(10), Time(0));
  progress.Heard(Time(1), /*quarantined=*/true);
  progress.InstalledSnapshot(LogIndex(975));
  ASSERT_EQ(progress.match(), LogIndex(975));
  progress.Sent(LogIndex(975), 0);
  EXPECT_TRUE(progress.Refused(LogIndex(975), LogIndex(863)));
  EXPECT_EQ(progress.match(), LogIndex(0));
  EXPECT_EQ(progress.next(), LogIndex(864));
  EXPECT_FALSE(progress.hold().has_value());
  EXPECT_FALSE(progress.Refused(LogIndex(0), LogIndex(0))) << "nobody does";
}

// Also when there is nothing new to send, so that it does not wait for that.
TEST(ProgressTest, AMemberInQuarantineIsAskedWhetherItStillHasAll) {
  Progress progress(LogIndex(1), Time(0));
  progress.Heard(Time(1), /*quarantined=*/true);
  progress.Accepted(LogIndex(17));
  progress.ShouldProbe(LogIndex(17));
  EXPECT_TRUE(progress.ShouldProbe(LogIndex(17)));
  EXPECT_TRUE(progress.Refused(LogIndex(17), LogIndex(11)));
  EXPECT_EQ(progress.next(), LogIndex(12));
}

TEST(ProgressTest, AHeartbeatAnswerFindsWhatWasLost) {
  Progress progress(LogIndex(1), Time(0));
  progress.Accepted(LogIndex(0));
  progress.Sent(LogIndex(5), 10);
  EXPECT_FALSE(progress.ShouldProbe(LogIndex(5))) << "it may be on its way";
  EXPECT_TRUE(progress.ShouldProbe(LogIndex(5))) << "nothing moved since";
  progress.Accepted(LogIndex(5));
  progress.ShouldProbe(LogIndex(5));
  EXPECT_FALSE(progress.ShouldProbe(LogIndex(5))) << "nothing is missing";
}

TEST(ProgressTest, ASnapshotHoldsTheLogUntilThePeerHasCaughtUp) {
  Progress progress(LogIndex(1), Time(0));
  EXPECT_EQ(progress.hold(), std::nullopt);
  progress.BecomeSnapshot(Time(1));
  EXPECT_EQ(progress.hold(), LogIndex(0));
  progress.transfer().snapshot = BaseAt(20, 2);
  EXPECT_EQ(progress.hold(), LogIndex(20));
  progress.InstalledSnapshot(LogIndex(20));
  EXPECT_EQ(progress.hold(), LogIndex(20));
  EXPECT_EQ(progress.next(), LogIndex(21)) << "behind the snapshot (5b.13)";
  progress.Accepted(LogIndex(20));
  progress.Sent(LogIndex(25), 10);
  progress.Accepted(LogIndex(25));
  EXPECT_EQ(progress.hold(), std::nullopt);
}

}  // namespace
}  // namespace microovn::raft
