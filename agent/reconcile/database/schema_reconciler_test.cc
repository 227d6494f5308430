// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/database/schema_reconciler.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/reconcile/testing/state_builder.h"
#include "base/file/file.h"
#include "base/testing/fake_command_runner.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// One node of the new OVN, whose servers lead databases of the old one.
class SchemaReconcilerTest : public ::testing::Test {
 protected:
  SchemaReconcilerTest() {
    Install("nb", "7.11.0");
    Install("sb", "20.41.0");
    state_.Member(1, AllStateServices())
        .Member(2, AllStateServices())
        .Databases(1, {1, 2})
        .Expects(1, "7.11.0", "20.41.0")
        .Expects(2, "7.11.0", "20.41.0");
    for (DatabaseNodeFacts* facts : {&facts_.nb, &facts_.sb}) {
      facts->file_exists = facts->serving = facts->leader = true;
    }
  }

  void Install(const std::string& database, const std::string& version) {
    ASSERT_OK(WriteFile(dir_.File(absl::StrCat("ovn-", database, ".ovsschema")),
                        absl::StrCat(R"({"version":")", version, R"("})"),
                        0644));
  }

  CentralDatabase Database(const DatabaseKind& kind) {
    CentralDatabaseOptions options;
    options.kind = kind;
    options.socket = std::string(kind.name);
    options.file = dir_.File(absl::StrCat(kind.name, ".db"));
    options.sockets.unixctl =
        [this, kind](const std::string&, const std::string&,
                     const std::vector<std::string>&,
                     absl::Duration) -> absl::StatusOr<std::string> {
      return absl::StrCat(
          "5e01\nName: ", kind.schema_name,
          "\nCluster ID: 4c01 (4c01a4d3-a1a5-4a0b-a7f2-90c1fa8f2e5b)\n"
          "Server ID: 5e01 (5e01b4d3-a1a5-4a0b-a7f2-90c1fa8f2e5b)\n"
          "Address: ssl:10.0.0.1:6643\nStatus: cluster member\nRole: leader\n"
          "Term: 2\nLeader: self\nVote: self\n\nElection timer: ",
          timer_,
          "\nLog: [2, 9]\nEntries not yet committed: 0\n"
          "Entries not yet applied: 0\nConnections:\nDisconnections: 0\n"
          "Servers:\n    5e01 (5e01 at ssl:10.0.0.1:6643) (self)\n");
    };
    options.schema_directory = dir_.path();
    options.sockets.transact =
        [this](const std::string& socket, const std::string&,
               absl::Duration) -> absl::StatusOr<std::string> {
      return absl::StrCat(R"([{"rows":[{"schema":"{\"version\":\")",
                          live_[socket], R"(\"}"}]}])");
    };
    return {options, &runner_};
  }

  absl::StatusOr<CommandResult> Run(const Command& command) {
    const bool nb = absl::StrContains(command.argv.back(), "ovn-nb");
    converted_.push_back(nb ? "nb" : "sb");
    CommandResult result;
    if (refused_) {
      result.exit_code = 1;
      result.error = "ovsdb-client: not enough space";
    } else if (takes_effect_) {
      live_[nb ? "nb" : "sb"] = nb ? "7.11.0" : "20.41.0";
    }
    return result;
  }

  absl::Status Reconcile() { return reconciler_.Reconcile(state_.View(1)); }

  TempDir dir_;
  std::map<std::string, std::string> live_ = {{"nb", "7.0.0"},
                                              {"sb", "20.27.0"}};
  // Milliseconds.
  int timer_ = 1000;
  bool refused_ = false;
  bool takes_effect_ = true;
  std::vector<std::string> converted_;
  uint64_t confirmed_ = 1;
  FakeCommandRunner runner_{
      [this](const Command& command) { return Run(command); }};
  StateBuilder state_;
  NodeFacts facts_;
  SchemaReconciler reconciler_{
      {{Database(Southbound()), Database(Northbound())},
       [this]() -> absl::StatusOr<uint64_t> { return confirmed_; }},
      &facts_};
};

TEST_F(SchemaReconcilerTest, ConvertsTheSouthboundDatabaseFirst) {
  EXPECT_OK(Reconcile());
  EXPECT_THAT(converted_, ElementsAre("sb", "nb"));
  EXPECT_FALSE(facts_.nb.schema_outdated);
  EXPECT_FALSE(facts_.sb.schema_outdated);
  EXPECT_OK(Reconcile());
  EXPECT_THAT(converted_, ElementsAre("sb", "nb")) << "once";
}

TEST_F(SchemaReconcilerTest, TheNorthboundOneWaitsForTheOther) {
  facts_.sb.leader = false;
  EXPECT_OK(Reconcile());
  EXPECT_THAT(converted_, IsEmpty());
  live_["sb"] = "20.41.0";
  EXPECT_OK(Reconcile());
  EXPECT_THAT(converted_, ElementsAre("nb"));
}

TEST_F(SchemaReconcilerTest, WaitsForTheOtherCentralAndSaysWhatIsOutdated) {
  state_.Expects(2, "7.0.0", "20.27.0");
  EXPECT_OK(Reconcile()) << "nothing that this member can do";
  EXPECT_THAT(converted_, IsEmpty());
  EXPECT_TRUE(facts_.sb.schema_outdated);
  EXPECT_EQ(facts_.sb.expected_schema, "20.41.0");
}

TEST_F(SchemaReconcilerTest, ItsNorthdYieldsToOneThatWorksOnTheOldSchema) {
  state_.Expects(2, "7.0.0", "20.27.0");
  EXPECT_OK(Reconcile());
  EXPECT_TRUE(facts_.northd_yields);
  state_.Expects(2, "7.11.0", "20.41.0").Config("cluster.upgrade", "hold");
  EXPECT_OK(Reconcile());
  EXPECT_FALSE(facts_.northd_yields) << "nobody else could";
  EXPECT_THAT(converted_, IsEmpty());
}

TEST_F(SchemaReconcilerTest, ALaggingAgentConvertsNothing) {
  confirmed_ = 2;
  EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(converted_, IsEmpty());
}

// On a busy machine its conversion would be given up by elections.
TEST_F(SchemaReconcilerTest, ALargeDatabaseIsConvertedByPatientServersOnly) {
  ASSERT_OK(
      WriteFile(dir_.File("sb.db"), std::string(kPatientBytes + 1, 'x'), 0644));
  ASSERT_OK(
      WriteFile(dir_.File("nb.db"), std::string(kPatientBytes, 'x'), 0644));
  EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(facts_.sb.needs_patience);
  EXPECT_FALSE(facts_.nb.needs_patience);
  timer_ = 15999;
  EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(converted_, IsEmpty());
  timer_ = 16000;
  EXPECT_OK(Reconcile());
  EXPECT_THAT(converted_, ElementsAre("sb", "nb"));
  EXPECT_FALSE(facts_.sb.needs_patience);
}

TEST_F(SchemaReconcilerTest, NobodyIsPatientWhileNothingIsConverted) {
  ASSERT_OK(
      WriteFile(dir_.File("sb.db"), std::string(kPatientBytes + 1, 'x'), 0644));
  state_.Expects(2, "7.0.0", "20.27.0");
  EXPECT_OK(Reconcile());
  EXPECT_FALSE(facts_.sb.needs_patience);
}

TEST_F(SchemaReconcilerTest, AFailureIsToldAndTriedAgain) {
  refused_ = true;
  EXPECT_THAT(Reconcile().message(), HasSubstr("not enough space"));
  EXPECT_TRUE(facts_.sb.schema_outdated);
  refused_ = false;
  EXPECT_OK(Reconcile());
  EXPECT_THAT(converted_, ElementsAre("sb", "sb", "nb"));
}

TEST_F(SchemaReconcilerTest, IsNotDoneBeforeTheServerServesTheNewSchema) {
  takes_effect_ = false;
  EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(facts_.sb.schema_outdated);
  EXPECT_THAT(converted_, ElementsAre("sb"));
}

TEST_F(SchemaReconcilerTest, AnOlderOvnConvertsNothingBack) {
  live_ = {{"nb", "7.18.0"}, {"sb", "21.8.0"}};
  EXPECT_OK(Reconcile());
  EXPECT_THAT(converted_, IsEmpty());
  EXPECT_FALSE(facts_.sb.schema_outdated);
}

TEST_F(SchemaReconcilerTest, WithoutAServerItOnlySaysWhatItExpects) {
  facts_.sb.serving = facts_.nb.serving = false;
  facts_.sb.leader = facts_.nb.leader = false;
  EXPECT_OK(Reconcile());
  EXPECT_EQ(facts_.nb.expected_schema, "7.11.0");
  EXPECT_FALSE(facts_.nb.schema_outdated);
}

TEST_F(SchemaReconcilerTest, ANodeWithoutCentralExpectsNothing) {
  state_.Member(1, {statepb::SERVICE_CHASSIS});
  facts_ = NodeFacts();
  EXPECT_OK(Reconcile());
  EXPECT_EQ(facts_.nb.expected_schema, "");
}

TEST_F(SchemaReconcilerTest, ANodeThatLeavesConvertsNothing) {
  state_.Member(1, AllStateServices(), statepb::Member::STATE_LEAVING);
  EXPECT_OK(Reconcile());
  EXPECT_THAT(converted_, IsEmpty());
}

}  // namespace
}  // namespace microovn::agent
