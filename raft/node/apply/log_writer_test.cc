// SPDX-License-Identifier: Apache-2.0
// The threads around the storage, and their queue.
#include "raft/node/apply/log_writer.h"

#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "raft/core/values/entry.h"
#include "raft/core/values/recovered.h"
#include "raft/node/loop/inbox.h"
#include "raft/storage/fake_log_storage.h"
#include "raft/transport/answer.h"

namespace microovn::raft {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr Identity kIdentity{ClusterId(1, 1), MemberId(2, 2), Incarnation(3)};

Persist PersistOf(uint64_t token) {
  Persist persist;
  persist.token = StorageToken(token);
  persist.entries.resize(1);
  persist.entries[0].index = LogIndex(token);
  return persist;
}

class LogWriterTest : public testing::Test {
 protected:
  void Start() {
    writer_ = std::make_unique<LogWriter>(
        &storage_,
        [this](StorageToken token) {
          MutexLock lock(&mu_);
          tokens_.push_back(token);
        },
        [this](const absl::Status& status) { failure_.Set(status); });
  }

  std::vector<StorageToken> Tokens() {
    MutexLock lock(&mu_);
    return tokens_;
  }

  FakeDisk disk_{kIdentity, Recovered()};
  FakeLogStorage storage_{&disk_};
  Answer<absl::Status> failure_;
  Mutex mu_;
  std::vector<StorageToken> tokens_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<LogWriter> writer_;
};

TEST_F(LogWriterTest, ReportsWhatIsDurableAndOnlyThat) {
  Start();
  for (uint64_t token = 1; token <= 100; ++token) {
    writer_->Write(PersistOf(token));
  }
  EXPECT_TRUE(writer_->Drain());
  EXPECT_EQ(disk_.unsynced(), 0u);
  EXPECT_THAT(disk_.Contents().entries, SizeIs(100));
  // One sync may serve several batches, so some tokens are left out.
  const std::vector<StorageToken> tokens = Tokens();
  EXPECT_EQ(tokens.back(), StorageToken(100));
  for (size_t i = 1; i < tokens.size(); ++i) {
    EXPECT_LT(tokens[i - 1], tokens[i]);
  }
}

TEST_F(LogWriterTest, StopWritesWhatWasGiven) {
  Start();
  for (uint64_t token = 1; token <= 10; ++token) {
    writer_->Write(PersistOf(token));
  }
  writer_->Stop();
  EXPECT_THAT(disk_.Contents().entries, SizeIs(10));
}

TEST_F(LogWriterTest, AFailureIsFinal) {
  disk_.FailAfter(0);
  Start();
  writer_->Write(PersistOf(1));
  EXPECT_TRUE(failure_.Wait(absl::Seconds(20)).has_value());
  disk_.StopFailing();
  writer_->Write(PersistOf(2));
  EXPECT_FALSE(writer_->Drain());
  EXPECT_THAT(Tokens(), IsEmpty());
  EXPECT_THAT(disk_.Contents().entries, IsEmpty());
}

InboxItem MessageItem() { return Input(Received{}); }

InboxItem ProposalOf(size_t size) {
  return ProposalItem{std::string(size, 'x'), absl::Seconds(1), nullptr};
}

TEST(InboxTest, IsBoundedForWhatComesFromOutside) {
  InboxLimits limits;
  limits.max_messages = 2;
  limits.max_proposals = 3;
  limits.max_proposal_bytes = 100;
  Inbox inbox(limits);
  EXPECT_TRUE(inbox.Add(MessageItem()));
  EXPECT_TRUE(inbox.Add(MessageItem()));
  EXPECT_FALSE(inbox.Add(MessageItem()));
  EXPECT_TRUE(inbox.Add(ProposalOf(60)));
  EXPECT_FALSE(inbox.Add(ProposalOf(60)));
  EXPECT_TRUE(inbox.Add(ProposalOf(1)));
  EXPECT_TRUE(inbox.Add(ProposalOf(1)));
  EXPECT_FALSE(inbox.Add(ProposalOf(1)));
  // What storage reports is never refused.
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(inbox.Add(Input(Stored{StorageToken(1)})));
  }
  EXPECT_THAT(inbox.Take(), SizeIs(105));
  EXPECT_TRUE(inbox.Add(MessageItem()));
  EXPECT_TRUE(inbox.Add(ProposalOf(60)));
}

TEST(InboxTest, RefusesEverythingOnceClosed) {
  Inbox inbox{InboxLimits()};
  EXPECT_TRUE(inbox.Add(MessageItem()));
  inbox.Close();
  EXPECT_FALSE(inbox.Add(MessageItem()));
  InboxItem refused = ProposalOf(7);
  EXPECT_FALSE(inbox.Add(std::move(refused)));
  EXPECT_EQ(std::get<ProposalItem>(refused).command.size(), 7u);
  EXPECT_THAT(inbox.Take(), SizeIs(1));
  EXPECT_THAT(inbox.Take(), IsEmpty());
}

}  // namespace
}  // namespace microovn::raft
