// SPDX-License-Identifier: Apache-2.0
#include "agent/offline/recovery_report.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "agent/state/apply.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/features.h"
#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using internal::node::v1::Recovery;
using internal::state::v1::Command;

Recovery Decision(const std::string& id, uint64_t lost_index) {
  Recovery recovery;
  recovery.set_recovery_id(id);
  recovery.set_action(Recovery::ACTION_END_QUARANTINE);
  recovery.set_by("ann");
  recovery.set_statement("the disk was swapped");
  recovery.set_first_index(lost_index - 1);
  recovery.set_last_index(lost_index);
  recovery.set_lost_term(3);
  recovery.set_lost_last_index(lost_index);
  recovery.set_lost_last_term(3);
  return recovery;
}

raft::Quarantine LostUpTo(uint64_t index) {
  return {raft::Term(3), {raft::LogIndex(index), raft::Term(3)}};
}

class RecoveryReportTest : public testing::Test {
 protected:
  RecoveryReport Report(std::optional<raft::Quarantine> quarantine = {},
                        bool only_voter = false) {
    return RecoveryReport({store_, TestId("node1"),
                           [this](Command command) {
                             if (!answer_.ok()) return answer_;
                             commands_.push_back(std::move(command));
                             return absl::OkStatus();
                           },
                           quarantine, only_voter});
  }
  bool Kept() const { return FileExists(directory_.File("recovery.json")); }

  TempDir directory_;
  const RecoveryStore store_{directory_.path()};
  absl::Status answer_;
  std::vector<Command> commands_;
};

TEST_F(RecoveryReportTest, NothingDecidedIsNothingToTell) {
  EXPECT_TRUE(Report().Step());
  EXPECT_TRUE(commands_.empty());
}

TEST_F(RecoveryReportTest, IsKeptUntilTheLogHasIt) {
  ASSERT_OK(store_.Add(Decision("a", 9)));
  ASSERT_OK(store_.Add(Decision("b", 12)));
  answer_ = absl::UnavailableError("no leader");
  RecoveryReport report = Report();
  EXPECT_FALSE(report.Step());
  EXPECT_TRUE(Kept());
  answer_ = absl::OkStatus();
  EXPECT_TRUE(report.Step());
  EXPECT_FALSE(Kept());
  ASSERT_EQ(commands_.size(), 2u);
  EXPECT_EQ(commands_[0].request_id(), "a");
  EXPECT_EQ(commands_[1].record_recovery().last_index(), 12u);
}

TEST_F(RecoveryReportTest, WhatWasNotCarriedOutIsNotTold) {
  ASSERT_OK(store_.Add(Decision("a", 9)));
  EXPECT_TRUE(Report(LostUpTo(9)).Step());
  EXPECT_TRUE(commands_.empty());
  EXPECT_FALSE(Kept());
  // A later loss is another one.
  ASSERT_OK(store_.Add(Decision("a", 9)));
  EXPECT_TRUE(Report(LostUpTo(11)).Step());
  EXPECT_EQ(commands_.size(), 1u);
}

TEST_F(RecoveryReportTest, WhoIsNotTheOnlyVoterWasNotMadeIt) {
  Recovery alone = Decision("a", 120);
  alone.set_action(Recovery::ACTION_BECOME_ONLY_VOTER);
  ASSERT_OK(store_.Add(alone));
  EXPECT_TRUE(Report().Step());
  EXPECT_TRUE(commands_.empty());
  EXPECT_FALSE(Kept());
  ASSERT_OK(store_.Add(alone));
  EXPECT_TRUE(Report({}, /*only_voter=*/true).Step());
  ASSERT_EQ(commands_.size(), 1u);
  EXPECT_EQ(commands_[0].record_recovery().action(), "become-only-voter");

  ClusterState state = TestCluster({"node1"});
  Command command = CommandAt(kTestTime);
  command.MergeFrom(commands_[0]);
  MustApply(state, command);
  const auto& arguments =
      std::prev(state.events.records().end())->second->arguments();
  EXPECT_EQ(arguments[arguments.size() - 1].name(), "end");
  EXPECT_EQ(arguments[arguments.size() - 1].value(), "120");
  state.features.Erase(kFeatureDatabaseRecovery);
  command.set_request_id("later");
  EXPECT_EQ(Apply(state, command).reason(), "COMMAND_MALFORMED")
      << "as it is to members that do not know it";
}

TEST_F(RecoveryReportTest, TheLogKeepsAnEvent) {
  ClusterState state = TestCluster({"node1"});
  Command command = CommandAt(kTestTime);
  command.MergeFrom(ReportOf(Decision("a", 9), TestId("node1")));
  MustApply(state, command);
  const auto& events = state.events.records();
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(std::prev(events.end())->second->type(), "RECOVERED");
  EXPECT_EQ(std::prev(events.end())->second->resource(), "members/node1");
  command.mutable_record_recovery()->set_member_id(TestId("node9"));
  command.set_request_id("c");
  EXPECT_EQ(Apply(state, command).reason(), "MEMBER_NOT_FOUND");
}

}  // namespace
}  // namespace microovn::agent
