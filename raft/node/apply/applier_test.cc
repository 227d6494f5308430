// SPDX-License-Identifier: Apache-2.0
#include "raft/node/apply/applier.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "base/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "raft/core/values/recovered.h"
#include "raft/node/apply/log_writer.h"
#include "raft/node/apply/pending_proposals.h"
#include "raft/node/apply/state_machine.h"
#include "raft/storage/fake_log_storage.h"
#include "raft/transport/answer.h"

namespace microovn::raft {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr absl::Duration kPatience = absl::Seconds(20);

constexpr Identity kIdentity{ClusterId(1, 1), MemberId(2, 2), Incarnation(3)};

// Keeps what it is told, and on which thread.
class RecordingMachine final : public StateMachine {
 public:
  Applied Apply(LogIndex, absl::string_view command) override {
    threads.push_back(std::this_thread::get_id());
    while (Clock::Real().Monotonic() < busy_until) std::this_thread::yield();
    return {{{std::string(command), "value"}}, "result", ""};
  }
  absl::Status Load(LogIndex, std::vector<Record>) override {
    return absl::OkStatus();
  }
  void Publish(LogIndex applied) override { published = applied; }

  absl::Duration busy_until = absl::ZeroDuration();  // monotonic
  std::vector<std::thread::id> threads;
  LogIndex published;
};

class ApplierTest : public testing::Test {
 protected:
  void Start(const ApplierOptions& options) {
    writer_ = std::make_unique<LogWriter>(
        &storage_, [](StorageToken) {}, [](const absl::Status&) {});
    ApplierContext context;
    context.storage = &storage_;
    context.machine = &machine_;
    context.writer = writer_.get();
    context.proposals = &proposals_;
    context.report = [this](const Input& input) {
      MutexLock lock(&mu_);
      if (const auto* applied = std::get_if<Applied>(&input)) {
        written_.push_back(applied->index);
        changed_.SignalAll();
      }
    };
    context.give_piece = [this](const SnapshotPiece& piece) {
      MutexLock lock(&mu_);
      pieces_.push_back(piece);
      changed_.SignalAll();
    };
    context.failed = [this](const absl::Status& status) {
      failure_.Set(status);
    };
    applier_ = std::make_unique<Applier>(options, std::move(context),
                                         AppliedState{LogIndex(), ""});
  }

  // Commands up to `last`, as one task.
  void Apply(uint64_t last) {
    raft::Apply task;
    while (next_ <= last) {
      Entry entry;
      entry.index = LogIndex(next_);
      entry.kind = EntryKind::kCommand;
      entry.payload = Payload(absl::StrCat("key", next_++));
      task.entries.push_back(std::move(entry));
    }
    applier_->Add(std::move(task));
    applier_->Work();
  }

  // Waits until `index` is on the disk, and gives all indexes of writes.
  std::vector<LogIndex> WrittenUpTo(uint64_t index) {
    MutexLock lock(&mu_);
    while (written_.empty() || written_.back() < LogIndex(index)) {
      if (!changed_.WaitWithTimeout(&mu_, kPatience)) break;
    }
    return written_;
  }

  // Waits until there are `count` pieces of snapshots.
  std::vector<SnapshotPiece> Pieces(size_t count) {
    applier_->Work();
    MutexLock lock(&mu_);
    while (pieces_.size() < count) {
      if (!changed_.WaitWithTimeout(&mu_, kPatience)) break;
    }
    return pieces_;
  }

  bool AppliedUpTo(uint64_t index) {
    const auto answer = std::make_shared<Answer<bool>>();
    applier_->Await(LogIndex(index), absl::InfiniteDuration(),
                    [answer](bool applied) { answer->Set(applied); });
    return answer->Wait(kPatience).value_or(false);
  }

  static ApplierOptions WithDelay(absl::Duration delay) {
    ApplierOptions options;
    options.write_delay = delay;
    return options;
  }

  FakeDisk disk_{kIdentity, Recovered()};
  FakeLogStorage storage_{&disk_};
  RecordingMachine machine_;
  PendingProposals proposals_;
  Answer<absl::Status> failure_;
  uint64_t next_ = 1;
  Mutex mu_;
  CondVar changed_;
  std::vector<LogIndex> written_ ABSL_GUARDED_BY(mu_);
  std::vector<SnapshotPiece> pieces_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<LogWriter> writer_;
  std::unique_ptr<Applier> applier_;
};

TEST_F(ApplierTest, AFewEntriesAreAppliedByWhoBringsThem) {
  Start(WithDelay(absl::InfiniteDuration()));
  Apply(3);
  EXPECT_EQ(machine_.published, LogIndex(3));
  EXPECT_EQ(applier_->applied().index, LogIndex(3));
  EXPECT_THAT(machine_.threads, Each(std::this_thread::get_id()));
}

TEST_F(ApplierTest, ManyAreLeftToTheThread) {
  Start(WithDelay(absl::InfiniteDuration()));
  Apply(500);
  EXPECT_TRUE(AppliedUpTo(500));
  EXPECT_THAT(machine_.threads, SizeIs(500));
  EXPECT_NE(machine_.threads[0], std::this_thread::get_id());
}

TEST_F(ApplierTest, WhatIsAppliedIsWrittenTogether) {
  Start(WithDelay(absl::Milliseconds(100)));
  for (uint64_t index = 1; index <= 20; ++index) Apply(index);
  EXPECT_THAT(WrittenUpTo(20), SizeIs(testing::Lt(20u)));
  EXPECT_THAT(disk_.Contents().records, SizeIs(20));
  EXPECT_EQ(disk_.Contents().applied.index, LogIndex(20));
}

TEST_F(ApplierTest, AWriteThatFellDueWhileSomebodyAppliedIsMade) {
  Start(WithDelay(absl::Milliseconds(5)));
  Apply(1);
  machine_.busy_until = Clock::Real().Monotonic() + absl::Milliseconds(20);
  Apply(2);
  EXPECT_EQ(WrittenUpTo(2).back(), LogIndex(2));
}

TEST_F(ApplierTest, MuchIsWrittenWithoutDelay) {
  ApplierOptions options = WithDelay(absl::InfiniteDuration());
  options.write_bytes = 100;
  Start(options);
  Apply(1);
  EXPECT_EQ(applier_->applied().index, LogIndex(1));
  for (uint64_t index = 2; index <= 20; ++index) Apply(index);
  EXPECT_TRUE(AppliedUpTo(20));
  EXPECT_GE(WrittenUpTo(10).back(), LogIndex(10));
}

// A peer must not be told of a state that a crash takes away, nor may the log
// lose what is nowhere else.
TEST_F(ApplierTest, TheLogIsCompactedBehindWhatIsWritten) {
  Start(WithDelay(absl::InfiniteDuration()));
  Apply(3);
  SnapshotMetadata base;
  base.index = LogIndex(2);
  applier_->Add(CompactLog{base});
  applier_->Work();
  EXPECT_THAT(WrittenUpTo(3), ElementsAre(LogIndex(3)));
  EXPECT_EQ(disk_.Contents().applied.index, LogIndex(3));
}

// Or its transfer would stand still until the state changes, and nobody would
// hear of it.
TEST_F(ApplierTest, APeerThatClaimsMoreThanThereIsBeginsAnew) {
  Start(WithDelay(absl::Milliseconds(1)));
  Apply(3);
  WrittenUpTo(3);
  SnapshotWanted wanted;
  wanted.to = MemberId(7, 7);
  wanted.max_bytes = 1 << 20;
  applier_->Add(wanted);
  const std::vector<SnapshotPiece> first = Pieces(1);
  ASSERT_THAT(first, SizeIs(1));
  wanted.resume.emplace().index = first[0].index;
  for (const uint64_t offset : {uint64_t{1} << 40, UINT64_MAX}) {
    wanted.offset = offset;
    applier_->Add(wanted);
  }
  const std::vector<SnapshotPiece> pieces = Pieces(3);
  ASSERT_THAT(pieces, SizeIs(3));
  for (const SnapshotPiece& piece : pieces) {
    EXPECT_EQ(piece.to, wanted.to);
    EXPECT_EQ(piece.index, first[0].index);
    EXPECT_EQ(piece.offset, 0u);
    EXPECT_EQ(piece.bytes.bytes(), first[0].bytes.bytes());
  }
}

TEST_F(ApplierTest, AfterAFailureNothingIsApplied) {
  Start(WithDelay(absl::Milliseconds(1)));
  disk_.FailAfter(0);
  Apply(1);
  const auto failure = failure_.Wait(kPatience);
  ASSERT_TRUE(failure.has_value());
  EXPECT_FALSE(failure->ok());
  Apply(2);
  applier_->Stop();
  EXPECT_EQ(machine_.published, LogIndex(1));
}

TEST_F(ApplierTest, StopWritesWhatIsApplied) {
  Start(WithDelay(absl::InfiniteDuration()));
  Apply(2);
  EXPECT_EQ(disk_.Contents().applied.index, LogIndex(0));
  applier_->Stop();
  EXPECT_EQ(disk_.Contents().applied.index, LogIndex(2));
}

TEST_F(ApplierTest, StopEndsWhoWaits) {
  Start(WithDelay(absl::InfiniteDuration()));
  const auto answer = std::make_shared<Answer<bool>>();
  applier_->Await(LogIndex(1), absl::InfiniteDuration(),
                  [answer](bool applied) { answer->Set(applied); });
  applier_->Stop();
  EXPECT_EQ(answer->Wait(kPatience), false);
  Apply(1);
  EXPECT_THAT(machine_.threads, IsEmpty());
}

}  // namespace
}  // namespace microovn::raft
