// SPDX-License-Identifier: Apache-2.0
#include "raft/node/stopped_log.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/crypto/random.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "raft/core/values/configuration.h"
#include "raft/core/values/entry.h"
#include "raft/core/values/output.h"
#include "raft/core/values/recovered.h"
#include "raft/node/apply/state_machine.h"
#include "raft/node/raft_node.h"
#include "raft/storage/rocksdb/rocksdb_log_storage.h"
#include "raft/transport/fake_transport.h"

namespace microovn::raft {
namespace {

const Identity kIdentity{ClusterId(1, 2), MemberId(3, 4), Incarnation(5)};

class StoppedLogTest : public testing::Test {
 protected:
  StoppedLogTest() {
    EXPECT_OK(
        RocksdbLogStorage::Create(path_, kIdentity, Bootstrap(kIdentity)));
  }

  // Entries 2..`last`, synced one by one, in term 3.
  void WriteUpTo(uint64_t last) {
    auto storage = RocksdbLogStorage::Open(path_);
    ASSERT_OK(storage);
    Persist vote;
    vote.hard_state = HardState{Term(3), kIdentity.member};
    ASSERT_OK((*storage)->Write({vote}));
    ChainHash chain = Bootstrap(kIdentity).entries.back().chain;
    for (uint64_t index = 2; index <= last; ++index) {
      Entry entry;
      entry.index = LogIndex(index);
      entry.term = Term(3);
      entry.kind = EntryKind::kCommand;
      entry.payload = Payload("command");
      entry.chain = ChainOf(chain, entry);
      chain = entry.chain;
      Persist persist;
      persist.entries = {entry};
      ASSERT_OK((*storage)->Write({persist}));
    }
  }

  // The next entry, in term 3.
  void WriteConfiguration(const Configuration& configuration) {
    auto storage = RocksdbLogStorage::Open(path_);
    ASSERT_OK(storage);
    const auto member = (*storage)->Read();
    ASSERT_OK(member);
    const Entry& last = member->recovered.entries.back();
    Entry entry;
    entry.index = last.index.Next();
    entry.term = Term(3);
    entry.kind = EntryKind::kConfiguration;
    entry.payload = Payload(EncodeConfiguration(configuration));
    entry.chain = ChainOf(last.chain, entry);
    Persist persist;
    persist.entries = {entry};
    ASSERT_OK((*storage)->Write({persist}));
  }

  // The last acknowledged write, as a disk that lies loses it.
  void LoseTheLastWrite() {
    for (const auto& file : std::filesystem::directory_iterator(path_)) {
      if (file.path().extension() == ".log" && file.file_size() > 0) {
        std::filesystem::resize_file(file.path(), file.file_size() - 20);
      }
    }
  }

  TempDir directory_;
  const std::string path_ = directory_.File("raft");
};

TEST_F(StoppedLogTest, SaysWhatTheMemberKnows) {
  WriteUpTo(4);
  const auto log = StoppedLog::Open(path_);
  ASSERT_OK(log);
  EXPECT_EQ((*log)->member().identity, kIdentity);
  EXPECT_EQ((*log)->member().recovered.hard_state.term, Term(3));
  EXPECT_EQ((*log)->end(), (LogPosition{LogIndex(4), Term(3)}));
  EXPECT_THAT((*log)->configuration().voters,
              testing::ElementsAre(kIdentity.member));
  EXPECT_EQ((*log)->member().recovered.quarantine, std::nullopt);
  EXPECT_THAT((*log)->EndQuarantine(), HasReason("NOT_IN_QUARANTINE"));
}

TEST_F(StoppedLogTest, LookingChangesNothing) {
  WriteUpTo(4);
  LoseTheLastWrite();
  for (int i = 0; i < 2; ++i) {
    const auto log = StoppedLog::Open(path_);
    ASSERT_OK(log);
    EXPECT_TRUE((*log)->member().recovered.quarantine.has_value());
  }
}

TEST_F(StoppedLogTest, EndsAQuarantineForGood) {
  WriteUpTo(4);
  LoseTheLastWrite();
  {
    const auto log = StoppedLog::Open(path_);
    ASSERT_OK(log);
    const Recovered& recovered = (*log)->member().recovered;
    ASSERT_TRUE(recovered.quarantine.has_value());
    EXPECT_EQ(LossOf(recovered, *recovered.quarantine),
              (PossibleLoss{LogIndex(4), LogIndex(4)}));
    ASSERT_OK((*log)->EndQuarantine());
  }
  const auto log = StoppedLog::Open(path_);
  ASSERT_OK(log);
  EXPECT_EQ((*log)->member().recovered.quarantine, std::nullopt);
  EXPECT_EQ((*log)->end().index, LogIndex(3));
  EXPECT_EQ((*log)->member().recovered.hard_state,
            (HardState{Term(4), MemberId()}));
}

// Its end is one more promise: who loses it is in quarantine again.
TEST_F(StoppedLogTest, ALostEndIsNoticedLikeAnyOtherLoss) {
  WriteUpTo(4);
  LoseTheLastWrite();
  {
    const auto log = StoppedLog::Open(path_);
    ASSERT_OK(log);
    ASSERT_OK((*log)->EndQuarantine());
  }
  LoseTheLastWrite();
  const auto log = StoppedLog::Open(path_);
  ASSERT_OK(log);
  EXPECT_TRUE((*log)->member().recovered.quarantine.has_value());
}

TEST_F(StoppedLogTest, TheOnlyVoterByDecisionHasTheOthersAsLearners) {
  WriteUpTo(4);
  {
    const auto log = StoppedLog::Open(path_);
    ASSERT_OK(log);
    EXPECT_THAT((*log)->BecomeOnlyVoter(), HasReason("ONLY_VOTER_ALREADY"));
  }
  const MemberId second(5, 6);
  const MemberId third(7, 8);
  Configuration three;
  three.voters = {kIdentity.member, second};
  three.learners = {third};
  WriteConfiguration(three);
  {
    const auto log = StoppedLog::Open(path_);
    ASSERT_OK(log);
    ASSERT_OK((*log)->BecomeOnlyVoter());
    EXPECT_THAT((*log)->BecomeOnlyVoter(), HasReason("ONLY_VOTER_ALREADY"));
  }
  const auto log = StoppedLog::Open(path_);
  ASSERT_OK(log);
  EXPECT_THAT((*log)->configuration().voters,
              testing::ElementsAre(kIdentity.member));
  EXPECT_THAT((*log)->configuration().learners,
              testing::ElementsAre(second, third));
  EXPECT_EQ((*log)->end(), (LogPosition{LogIndex(6), Term(4)}));
  EXPECT_EQ((*log)->member().recovered.hard_state,
            (HardState{Term(4), kIdentity.member}));
}

// Knows nothing and is always content.
class NoState final : public StateMachine {
 public:
  Applied Apply(LogIndex, absl::string_view) override { return {}; }
  absl::Status Load(LogIndex, std::vector<Record>) override {
    return absl::OkStatus();
  }
  void Publish(LogIndex) override {}
};

TEST_F(StoppedLogTest, TheOnlyVoterByDecisionLeadsByItself) {
  WriteUpTo(4);
  Configuration three;
  three.voters = {kIdentity.member, MemberId(5, 6), MemberId(7, 8)};
  WriteConfiguration(three);
  const auto takes_changes = [this](absl::Duration patience) {
    NoState machine;
    FakeNetwork network;
    FakeTransport transport(&network);
    NodeOptions options;
    options.directory = path_;
    auto node = RaftNode::Open(options, &machine, &transport, Clock::Real(),
                               RandomSource::Real());
    EXPECT_OK(node);
    return (*node)->Propose("command", patience).ok();
  };
  EXPECT_FALSE(takes_changes(absl::Seconds(1)));
  {
    const auto log = StoppedLog::Open(path_);
    ASSERT_OK(log);
    ASSERT_OK((*log)->BecomeOnlyVoter());
  }
  EXPECT_TRUE(takes_changes(absl::Seconds(20)));
}

TEST_F(StoppedLogTest, WhoDoesNotVoteDecidesNothing) {
  WriteUpTo(4);
  Configuration others;
  others.voters = {MemberId(5, 6)};
  others.learners = {kIdentity.member};
  WriteConfiguration(others);
  const auto log = StoppedLog::Open(path_);
  ASSERT_OK(log);
  EXPECT_THAT((*log)->BecomeOnlyVoter(), HasReason("MEMBER_NOT_VOTER"));
}

TEST_F(StoppedLogTest, WhoLostSomethingDoesNotGoOnAlone) {
  WriteUpTo(4);
  LoseTheLastWrite();
  const auto log = StoppedLog::Open(path_);
  ASSERT_OK(log);
  EXPECT_THAT((*log)->BecomeOnlyVoter(), HasReason("LOG_QUARANTINED"));
}

TEST_F(StoppedLogTest, OneAtATime) {
  const auto log = StoppedLog::Open(path_);
  ASSERT_OK(log);
  EXPECT_THAT(StoppedLog::Open(path_), HasReason("STORAGE_IN_USE"));
  EXPECT_THAT(StoppedLog::Open(directory_.File("none")),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace microovn::raft
