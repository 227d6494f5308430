// SPDX-License-Identifier: Apache-2.0
// The loop without its thread: the test works the inbox off, as whoever brings
// something does.
#include "raft/node/loop/raft_loop.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "raft/core/values/configuration.h"
#include "raft/core/values/message.h"
#include "raft/core/values/recovered.h"
#include "raft/node/apply/pending_proposals.h"
#include "raft/node/loop/inbox.h"

namespace microovn::raft {
namespace {

using testing::SizeIs;

constexpr Identity kIdentity{ClusterId(1, 1), MemberId(2, 2), Incarnation(3)};

// A loop on a log, and what it asked for.
class LoopFixture : public testing::Test {
 protected:
  explicit LoopFixture(Recovered recovered)
      : loop_(kIdentity, Options(), std::move(recovered), 1, Context()) {
    inbox_.Release(absl::InfiniteDuration());
  }
  ~LoopFixture() override { inbox_.Close(); }

  RaftLoopContext Context() {
    RaftLoopContext context;
    context.clock = &Clock::Real();
    context.inbox = &inbox_;
    context.proposals = &proposals_;
    context.persist = [this](Persist persist) {
      persists_.push_back(std::move(persist));
    };
    context.send = [this](std::vector<Message> messages) {
      for (Message& message : messages) sent_.push_back(std::move(message));
    };
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

  std::vector<Message> sent_;
  Inbox inbox_{InboxLimits()};
  PendingProposals proposals_;
  std::vector<Persist> persists_;
  RaftLoop loop_;
};

// The only voter of its cluster, which leads.
class RaftLoopTest : public LoopFixture {
 protected:
  RaftLoopTest() : LoopFixture(Bootstrap(kIdentity)) {
    Give(StatusItem{[](const NodeStatus&) {}});  // time passes: it campaigns
    Store();                                     // its vote
    Store();                                     // the entry of its term
  }
};

// One of three voters, whom the first leader has made the second.
class RaftLoopTransferTest : public LoopFixture {
 protected:
  RaftLoopTransferTest() : LoopFixture(LogOfThree()) {
    Hear(kFirst, 1, Heartbeat{});
    Hear(kFirst, 1, TimeoutNow{});
    Store();
    const auto& vote = std::get<VoteRequest>(sent_.back().body);
    Hear(kFirst, 2, VoteReply{VotePhase::kVote, vote.round, Term(2), true});
    Store();
    Hear(kFirst, 2, Accepts(2));
    Hear(kOther, 2, Accepts(2));
  }

  static Recovered LogOfThree() {
    Configuration configuration;
    configuration.voters = {kFirst, kIdentity.member, kOther};
    Recovered recovered = Bootstrap(kIdentity);
    Entry& first = recovered.entries.front();
    first.payload = Payload(EncodeConfiguration(configuration));
    first.chain = ChainOf(ChainHash(0), first);
    return recovered;
  }

  void Hear(MemberId from, uint64_t term, MessageBody body) {
    Message message;
    message.header = {kIdentity.cluster, from, kIdentity.member, Incarnation(9),
                      Term(term)};
    message.body = std::move(body);
    Give(Input(Received{std::move(message)}));
  }
  static AppendReply Accepts(uint64_t index) {
    AppendReply reply;
    reply.accepted = true;
    reply.index = LogIndex(index);
    return reply;
  }
  void HandOver(MemberId to) {
    Give(TransferItem{
        to, [this](const absl::Status& status) { outcome_ = status; }});
  }

  static constexpr MemberId kFirst{1, 1};
  static constexpr MemberId kOther{3, 3};
  std::optional<absl::Status> outcome_;
};

TEST_F(RaftLoopTransferTest, HasHappenedWhenTheOneWhoWasMeantLeads) {
  HandOver(kOther);
  EXPECT_EQ(outcome_, std::nullopt);
  VoteRequest bid;
  bid.phase = VotePhase::kVote;
  bid.campaign_term = Term(3);
  bid.last = {LogIndex(2), Term(2)};
  bid.transfer = true;
  Hear(kOther, 3, bid);
  EXPECT_EQ(outcome_, std::nullopt) << "it may still lose";
  Hear(kOther, 3, Heartbeat{});
  ASSERT_TRUE(outcome_.has_value());
  EXPECT_TRUE(outcome_->ok()) << *outcome_;
}

TEST_F(RaftLoopTransferTest, HasFailedWhenAnotherLeads) {
  HandOver(kOther);
  Hear(kFirst, 3, Heartbeat{});
  ASSERT_TRUE(outcome_.has_value());
  EXPECT_FALSE(outcome_->ok());
}

TEST_F(RaftLoopTransferTest, ToWhoeverIsBestIsToAnybodyElse) {
  HandOver(MemberId());
  Hear(kFirst, 3, Heartbeat{});
  ASSERT_TRUE(outcome_.has_value());
  EXPECT_TRUE(outcome_->ok()) << *outcome_;
}

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
