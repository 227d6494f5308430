// SPDX-License-Identifier: Apache-2.0
#include "raft/node/apply/pending_proposals.h"

#include <map>
#include <string>

#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "raft/transport/proposal_errors.h"

namespace microovn::raft {
namespace {

class PendingProposalsTest : public testing::Test {
 protected:
  // Proposal `id`, accepted at `index` in `term`; 0: not accepted.
  void Add(uint64_t id, uint64_t index, uint64_t term,
           absl::Duration deadline = absl::Seconds(10)) {
    pending_.Add(
        RequestId(id), deadline, [this, id](absl::StatusOr<Proposed> proposed) {
          EXPECT_EQ(answers_.count(id), 0u) << "answered twice";
          answers_.emplace(id, proposed.ok() ? proposed->result
                                             : ReasonOf(proposed.status()));
        });
    if (index != 0) pending_.Accept(RequestId(id), LogIndex(index), Term(term));
  }

  std::map<uint64_t, std::string> answers_;
  PendingProposals pending_;
};

TEST_F(PendingProposalsTest, TheEntryOfItsTermIsSuccess) {
  Add(1, 10, 2);
  Add(2, 11, 2);
  pending_.Applied(
      {{LogIndex(9), Term(2), "other"}, {LogIndex(10), Term(2), "ten"}});
  EXPECT_EQ(answers_, (std::map<uint64_t, std::string>{{1, "ten"}}));
  EXPECT_FALSE(pending_.empty());
}

TEST_F(PendingProposalsTest, TheEntryOfAnotherTermIsADefiniteFailure) {
  Add(1, 10, 2);
  pending_.Applied({{LogIndex(10), Term(3), "another's"}});
  EXPECT_EQ(answers_[1], kNoLeaderReason);
}

TEST_F(PendingProposalsTest, TwoClaimsToOneIndexAreToldApart) {
  Add(1, 10, 2);
  Add(2, 10, 4);
  pending_.Applied({{LogIndex(10), Term(4), "ten"}});
  EXPECT_EQ(answers_[1], kNoLeaderReason);
  EXPECT_EQ(answers_[2], "ten");
}

TEST_F(PendingProposalsTest, RefusalIsPassedOn) {
  Add(1, 0, 0);
  pending_.Refuse(RequestId(1), OverloadedError());
  pending_.Refuse(RequestId(7), OverloadedError());
  EXPECT_EQ(answers_[1], kOverloadedReason);
  EXPECT_TRUE(pending_.empty());
}

TEST_F(PendingProposalsTest, TimePassedMeansUnknown) {
  Add(1, 10, 2, absl::Seconds(1));
  Add(2, 11, 2, absl::Seconds(3));
  pending_.Expire(absl::Seconds(2));
  EXPECT_EQ(answers_[1], kOutcomeUnknownReason);
  pending_.Applied(
      {{LogIndex(10), Term(2), "late"}, {LogIndex(11), Term(2), "in time"}});
  EXPECT_EQ(answers_[2], "in time");
}

TEST_F(PendingProposalsTest, ASnapshotHidesTheOutcome) {
  Add(1, 10, 2);
  Add(2, 12, 2);
  pending_.Skipped(LogIndex(11));
  EXPECT_EQ(answers_,
            (std::map<uint64_t, std::string>{{1, kOutcomeUnknownReason}}));
}

TEST_F(PendingProposalsTest, TheEndTellsTheAcceptedFromTheOthers) {
  Add(1, 10, 2);
  Add(2, 0, 0);
  pending_.Abandon();
  EXPECT_EQ(answers_[1], kOutcomeUnknownReason);
  EXPECT_EQ(answers_[2], kStoppedReason);
  EXPECT_TRUE(pending_.empty());
}

}  // namespace
}  // namespace microovn::raft
