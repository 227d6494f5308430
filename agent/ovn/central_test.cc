// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/central.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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
using ::testing::SizeIs;

CommandResult Answer(int exit_code, std::string output, std::string error) {
  CommandResult result;
  result.exit_code = exit_code;
  result.output = std::move(output);
  result.error = std::move(error);
  return result;
}

class CentralTest : public ::testing::Test {
 protected:
  CentralDatabaseOptions Options(const DatabaseKind& kind = Northbound()) {
    CentralDatabaseOptions options;
    options.kind = kind;
    options.file = dir_.File("db/nb.db");
    options.socket = "/run/nb.sock";
    options.control = "/run/nb.ctl";
    options.schema_directory = dir_.path();
    options.sockets.unixctl =
        [this](const std::string& socket, const std::string& command,
               const std::vector<std::string>& arguments,
               absl::Duration) -> absl::StatusOr<std::string> {
      asked_.push_back(absl::StrCat(socket, " ", command, " ",
                                    absl::StrJoin(arguments, " ")));
      return answer_;
    };
    options.sockets.transact = [this](const std::string& socket,
                                      const std::string& params,
                                      absl::Duration) {
      questions_.push_back(absl::StrCat(socket, " ", params));
      return rows_;
    };
    return options;
  }

  CentralDatabase Database(CommandRunner* runner,
                           const DatabaseKind& kind = Northbound()) {
    return CentralDatabase(Options(kind), runner);
  }

  // What ovsdb-tool does: the file named by its third word appears.
  CommandRunner* FileMaker() { return &file_maker_; }

  TempDir dir_;
  // Of the control socket.
  absl::StatusOr<std::string> answer_ = "";
  std::vector<std::string> asked_;
  // Of the database's.
  std::string rows_;
  std::vector<std::string> questions_;
  FakeCommandRunner file_maker_{[](const Command& command) {
    for (const std::string& word : command.argv) {
      if (word.size() > 4 && word.substr(word.size() - 4) == ".new") {
        EXPECT_OK(WriteFile(word, "db", 0600));
      }
    }
    return CommandResult();
  }};
};

TEST_F(CentralTest, CreatesAClusterBesideItsPlace) {
  const CentralDatabase database = Database(FileMaker());
  ASSERT_OK(database.CreateCluster("fd00::1"));
  EXPECT_TRUE(database.FileExists());
  EXPECT_THAT(
      file_maker_.lines(),
      ElementsAre("ovsdb-tool --election-timer=1000 create-cluster " +
                  dir_.File("db/nb.db.new") + " " +
                  dir_.File("ovn-nb.ovsschema") + " ssl:[fd00::1]:6643"));
  EXPECT_THAT(ListDirectory(dir_.File("db")),
              IsOkAndHolds(ElementsAre("nb.db")));
  EXPECT_THAT(database.CreateCluster("fd00::1"),
              StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(CentralTest, JoinsThroughEveryServerItKnows) {
  const CentralDatabase database = Database(FileMaker(), Southbound());
  ASSERT_OK(database.JoinCluster("10.0.0.3", {"10.0.0.1", "10.0.0.2"}));
  EXPECT_THAT(
      file_maker_.lines(),
      ElementsAre("ovsdb-tool join-cluster " + dir_.File("db/nb.db.new") +
                  " OVN_Southbound ssl:10.0.0.3:6644 "
                  "ssl:10.0.0.1:6644 ssl:10.0.0.2:6644"));
  EXPECT_THAT(Database(FileMaker()).JoinCluster("10.0.0.3", {}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(CentralTest, AFailedCreationLeavesNoFile) {
  FakeCommandRunner runner(
      [](const Command&) { return Answer(1, "", "ovsdb-tool: no space\n"); });
  EXPECT_THAT(Database(&runner).CreateCluster("10.0.0.1"),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("no space")));
  EXPECT_FALSE(Database(&runner).FileExists());
}

TEST_F(CentralTest, RecoversBesideItsPlaceAndKeepsTheOldFile) {
  FakeCommandRunner runner([](const Command& command) {
    const std::vector<std::string>& argv = command.argv;
    if (argv[1] == "cluster-to-standalone") {
      EXPECT_OK(WriteFile(argv[2], "content", 0600));
    } else {
      EXPECT_EQ(argv[2], "create-cluster");
      EXPECT_OK(WriteFile(argv[3], "made of " + *ReadFile(argv[4]), 0600));
    }
    return CommandResult();
  });
  const CentralDatabase database = Database(&runner);
  ASSERT_OK(MakeDirectories(dir_.File("db"), 0700));
  ASSERT_OK(WriteFile(dir_.File("db/nb.db"), "old", 0600));
  const absl::CivilSecond now(2026, 11, 30, 5, 6, 7);
  const auto kept = database.RecoverCluster("10.0.0.1", now);
  ASSERT_OK(kept);
  EXPECT_EQ(*kept, dir_.File("db/ovnnb_db_backup_2026-11-30 05:06:07.db"));
  EXPECT_THAT(ReadFile(*kept), IsOkAndHolds("old"));
  EXPECT_THAT(ReadFile(dir_.File("db/nb.db")), IsOkAndHolds("made of content"));
  EXPECT_THAT(*ListDirectory(dir_.File("db")), SizeIs(2));
  // The backup of the same second stays.
  ASSERT_OK(database.RecoverCluster("10.0.0.1", now));
  EXPECT_THAT(ReadFile(*kept), IsOkAndHolds("old"));
}

TEST_F(CentralTest, AFailedRecoveryChangesNothing) {
  FakeCommandRunner runner([](const Command& command) {
    return command.argv[1] == "cluster-to-standalone"
               ? CommandResult()
               : Answer(1, "", "ovsdb-tool: ovsdb error: no space\n");
  });
  const CentralDatabase database = Database(&runner);
  ASSERT_OK(MakeDirectories(dir_.File("db"), 0700));
  ASSERT_OK(WriteFile(dir_.File("db/nb.db"), "old", 0600));
  EXPECT_FALSE(
      database.RecoverCluster("10.0.0.1", absl::CivilSecond(2026, 11, 30))
          .ok());
  EXPECT_THAT(ReadFile(dir_.File("db/nb.db")), IsOkAndHolds("old"));
  EXPECT_THAT(*ListDirectory(dir_.File("db")), SizeIs(1));
}

TEST_F(CentralTest, MovesTheFileAside) {
  const CentralDatabase database = Database(FileMaker());
  ASSERT_OK(database.CreateCluster("10.0.0.1"));
  const absl::CivilSecond now(2026, 11, 23, 5, 6, 7);
  EXPECT_THAT(
      database.MoveAside(now),
      IsOkAndHolds(dir_.File("db/ovnnb_db_backup_2026-11-23 05:06:07.db")));
  EXPECT_FALSE(database.FileExists());
  // A second one in the same second has another name.
  ASSERT_OK(database.CreateCluster("10.0.0.1"));
  EXPECT_THAT(
      database.MoveAside(now),
      IsOkAndHolds(dir_.File("db/ovnnb_db_backup_2026-11-23 05:06:08.db")));
}

TEST_F(CentralTest, DiscardsAFileOnlyOnce) {
  const CentralDatabase database = Database(FileMaker());
  ASSERT_OK(database.CreateCluster("10.0.0.1"));
  EXPECT_OK(database.DiscardFile());
  EXPECT_FALSE(database.FileExists());
  EXPECT_OK(database.DiscardFile());
}

struct StatusCase {
  const char* name;
  absl::StatusOr<std::string> answer;
  absl::StatusCode code;
};

TEST_F(CentralTest, TellsWhyThereIsNoStatus) {
  const std::vector<StatusCase> cases = {
      {"nobody listens", absl::UnavailableError("connect /run/nb.ctl: refused"),
       absl::StatusCode::kUnavailable},
      {"no socket's directory", absl::NotFoundError("open /run/nb.ctl"),
       absl::StatusCode::kUnavailable},
      {"it hangs", absl::DeadlineExceededError("no answer in time"),
       absl::StatusCode::kUnavailable},
      {"it ends meanwhile", absl::AbortedError("the daemon hung up"),
       absl::StatusCode::kUnavailable},
      {"it has left",
       absl::FailedPreconditionError("cluster/status: unknown cluster\n"),
       absl::StatusCode::kNotFound},
      {"it refuses",
       absl::FailedPreconditionError("cluster/status: not a valid command\n"),
       absl::StatusCode::kInternal},
      {"it prints something else", "hello\n",
       absl::StatusCode::kInvalidArgument},
  };
  for (const StatusCase& c : cases) {
    SCOPED_TRACE(c.name);
    answer_ = c.answer;
    EXPECT_THAT(Database(FileMaker()).Status(), StatusIs(c.code));
  }
}

TEST_F(CentralTest, AsksTheControlSocket) {
  const CentralDatabase database = Database(FileMaker());
  answer_ = absl::FailedPreconditionError(
      "cluster/leave: can't leave while join in progress\n");
  EXPECT_THAT(database.Leave(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                         HasSubstr("join in progress")));
  answer_ = "";
  EXPECT_OK(database.Kick("a127"));
  answer_ = absl::FailedPreconditionError("cluster/kick: unknown server\n");
  EXPECT_OK(database.Kick("dead"));
  EXPECT_THAT(asked_,
              ElementsAre("/run/nb.ctl cluster/leave OVN_Northbound",
                          "/run/nb.ctl cluster/kick OVN_Northbound a127",
                          "/run/nb.ctl cluster/kick OVN_Northbound dead"));
  EXPECT_THAT(file_maker_.lines(), IsEmpty());
}

TEST_F(CentralTest, EndsSessionsThroughTheControlSocket) {
  answer_ = "";
  EXPECT_OK(Database(FileMaker()).EndSessions());
  EXPECT_THAT(asked_, ElementsAre("/run/nb.ctl ovsdb-server/reconnect "));
}

TEST_F(CentralTest, AsksForAnotherElectionTimer) {
  const CentralDatabase database = Database(FileMaker(), Southbound());
  EXPECT_OK(database.ChangeElectionTimer(absl::Seconds(2)));
  answer_ = absl::FailedPreconditionError("election timer change pending\n");
  const absl::Status refused = database.ChangeElectionTimer(absl::Seconds(4));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("pending"));
  EXPECT_THAT(
      asked_,
      ElementsAre(
          "/run/nb.ctl cluster/change-election-timer OVN_Southbound 2000",
          "/run/nb.ctl cluster/change-election-timer OVN_Southbound 4000"));
}

TEST_F(CentralTest, TellsADamagedFileFromOneThatCouldNotBeAsked) {
  std::string error = "ovsdb-tool: ovsdb error: x: cannot identify file type\n";
  FakeCommandRunner runner(
      [&](const Command&) { return Answer(1, "", error); });
  EXPECT_THAT(Database(&runner).InspectFile(),
              StatusIs(absl::StatusCode::kDataLoss));
  error = "ovsdb-tool: I/O error: x: open failed (Too many open files)\n";
  EXPECT_THAT(Database(&runner).InspectFile(),
              StatusIs(absl::StatusCode::kInternal));
}

// ovsdb-tool is content with such a file until it is asked to check it.
TEST_F(CentralTest, AFileWithAGapIsDamaged) {
  std::string error;
  FakeCommandRunner runner([&](const Command& command) {
    return command.argv[1] == "check-cluster" && !error.empty()
               ? Answer(1, "", error)
               : Answer(0, "5e01b4d3-a1a5-4a0b-a7f2-90c1fa8f2e5b\n", "");
  });
  EXPECT_OK(Database(&runner).InspectFile());
  error =
      "ovsdb-tool: x: record 35 advances commit index to 20 but last log index "
      "is 19\n";
  EXPECT_THAT(Database(&runner).InspectFile(),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(CentralTest, AddsTheListenerOnlyWhenItIsMissing) {
  int refusals = 0;
  FakeCommandRunner runner([&](const Command&) {
    return refusals-- > 0 ? Answer(1, "", "no leader\n") : CommandResult();
  });
  rows_ = R"([{"rows":[{"target":"pssl:6641:[::]"}]}])";
  EXPECT_OK(Database(&runner).EnsureListener());
  EXPECT_THAT(runner.lines(), IsEmpty());
  EXPECT_THAT(questions_,
              ElementsAre("/run/nb.sock "
                          R"(["OVN_Northbound",{"op":"select",)"
                          R"("table":"Connection","where":[["target","==",)"
                          R"("pssl:6641:[::]"]],"columns":["target"]}])"));
  rows_ = R"([{"rows":[]}])";
  refusals = 2;
  EXPECT_OK(Database(&runner).EnsureListener());
  EXPECT_THAT(runner.lines(), SizeIs(3));
  EXPECT_EQ(runner.lines().back(),
            "ovn-nbctl --db=unix:/run/nb.sock --no-leader-only --timeout=5 "
            "set-connection pssl:6641:[::]");
  refusals = 3;
  EXPECT_FALSE(Database(&runner).EnsureListener().ok());
  for (const char* nonsense : {"", "{}", "[]"}) {
    rows_ = nonsense;
    EXPECT_FALSE(Database(&runner).HasListener().ok()) << nonsense;
  }
}

TEST_F(CentralTest, ReadsTheExpectedSchemaFromTheInstalledFile) {
  FakeCommandRunner runner;
  const CentralDatabase database = Database(&runner);
  EXPECT_THAT(database.ExpectedSchema(), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_OK(WriteFile(dir_.File("ovn-nb.ovsschema"),
                      R"({"name":"OVN_Northbound","version":"7.0.0"})", 0644));
  EXPECT_THAT(database.ExpectedSchema(), IsOkAndHolds("7.0.0"));
  ASSERT_OK(WriteFile(dir_.File("ovn-nb.ovsschema"), "{}", 0644));
  EXPECT_FALSE(database.ExpectedSchema().ok());
}

}  // namespace
}  // namespace microovn::agent
