// The loop without its thread: the test works the inbox off, as whoever brings
// something does.
#include "raft/node/raft_loop.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "raft/core/recovered.h"
#include "raft/node/inbox.h"
#include "raft/node/pending_proposals.h"

namespace microovn::raft {
namespace {

using testing::SizeIs;

// The only voter of its cluster, which leads.
class RaftLoopTest : public testing::Test {
 protected:
  RaftLoopTest() {
    inbox_.Release(absl::InfiniteDuration());
    Give(StatusItem{[](const NodeStatus&) {}});  // time passes: it campaigns
    Store();                                     // its vote
    Store();                                     // the entry of its term
  }
  ~RaftLoopTest() override { inbox_.Close(); }

  RaftLoopContext Context() {
    RaftLoopContext context;
    context.clock = &Clock::Real();
    context.inbox = &inbox_;
    context.proposals = &proposals_;
    context.persist = [this](Persist persist) {
      persists_.push_back(std::move(persist));
    };
    context.send = [](const std::vector<Message>&) {};
    context.apply = [](const ApplierTask&) {};
    context.apply_waiting = [] {};
    context.applied = [] { return AppliedState{LogIndex(1), ""}; };
    context.space = [] { return SpaceReport(); };
    context.measure = [](NodeMetrics&) {};
    context.expire = [](absl::Duration) {};
    context.set_peers = [](const std::vector<MemberId>&) {};
    context.notify = [](const NodeStatus&) {};
    context.failed = [](const absl::Status& status) {
      ADD_FAILURE() << status;
    };
    return context;
  }

  void Give(InboxItem item) {
    ASSERT_TRUE(inbox_.Add(std::move(item)));
    loop_.Work();
  }

  void Propose(const std::string& command) {
    Give(ProposalItem{command, absl::InfiniteDuration(),
                      [](const absl::StatusOr<Proposed>&) {}});
  }

  // The disk has written everything.
  void Store() {
    ASSERT_FALSE(persists_.empty());
    const StorageToken token = persists_.back().token;
    persists_.clear();
    Give(Input(Stored{token}));
  }

  const Identity identity_{ClusterId(1, 1), MemberId(2, 2), Incarnation(3)};
  Inbox inbox_{InboxLimits()};
  PendingProposals proposals_;
  std::vector<Persist> persists_;
  RaftLoop loop_{identity_, Options(), Bootstrap(identity_), 1, Context()};
};

TEST_F(RaftLoopTest, AProposalThatComesAloneIsWrittenAtOnce) {
  Propose("a");
  ASSERT_THAT(persists_, SizeIs(1));
  EXPECT_THAT(persists_[0].entries, SizeIs(1));
}

TEST_F(RaftLoopTest, ProposalsGatherWhileABatchIsOnItsWay) {
  Propose("a");
  Propose("b");
  Propose("c");
  EXPECT_THAT(persists_, SizeIs(1));
  Store();
  ASSERT_THAT(persists_, SizeIs(1));
  EXPECT_THAT(persists_[0].entries, SizeIs(2));
}

TEST_F(RaftLoopTest, AFullBatchDoesNotWait) {
  Propose("a");
  persists_.clear();
  Propose(std::string(size_t{512} << 10, 'x'));
  EXPECT_THAT(persists_, SizeIs(1));
}

}  // namespace
}  // namespace microovn::raft
