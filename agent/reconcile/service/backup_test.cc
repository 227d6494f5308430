// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/service/backup.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file/file.h"
#include "base/testing/power_cut.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using ::testing::ElementsAre;

class BackupTest : public ::testing::Test {
 protected:
  void Put(const std::string& path) {
    const std::string file = root_.File(path);
    ASSERT_OK(MakeDirectories(file.substr(0, file.rfind('/')), 0700));
    ASSERT_OK(WriteFile(file, "content", 0600));
  }

  void Fill() {
    Put("data/central/db/ovnnb_db.db");
    Put("data/pki/generations/3/client-cert.pem");
    Put("data/pki/generations/3/client-privkey.pem");
    Put("data/pki/generations/2/ovnnb-privkey.pem");
    ASSERT_OK(ReplaceSymlink("generations/3", root_.File("data/pki/current")));
    ASSERT_OK(ReplaceSymlink("current/client-privkey.pem",
                             root_.File("data/pki/client-privkey.pem")));
    Put("logs/ovn-northd.log");
    Put("state/identity.json");
  }

  TempDir root_;
  const absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
};

TEST_F(BackupTest, MovesDataAndLogsAndErasesKeys) {
  Fill();
  EXPECT_THAT(BackUpNode(root_.path(), now_),
              IsOkAndHolds(root_.File("backup_1700000000")));
  EXPECT_THAT(ListDirectory(root_.path()),
              IsOkAndHolds(ElementsAre("backup_1700000000", "state")));
  const std::string pki = root_.File("backup_1700000000/data/pki");
  EXPECT_THAT(ListDirectory(pki),
              IsOkAndHolds(ElementsAre("current", "generations")));
  EXPECT_THAT(ListDirectory(pki + "/generations/3"),
              IsOkAndHolds(ElementsAre("client-cert.pem")));
  EXPECT_FALSE(FileExists(pki + "/generations/2/ovnnb-privkey.pem"));
  EXPECT_TRUE(
      FileExists(root_.File("backup_1700000000/data/central/db/ovnnb_db.db")));
  EXPECT_TRUE(FileExists(root_.File("backup_1700000000/logs/ovn-northd.log")));
}

TEST_F(BackupTest, DoesNothingTheSecondTime) {
  Fill();
  ASSERT_OK(BackUpNode(root_.path(), now_));
  // What a start of the agent makes again.
  ASSERT_OK(MakeDirectories(root_.File("data/pki"), 0700));
  EXPECT_THAT(BackUpNode(root_.path(), now_ + absl::Seconds(5)),
              IsOkAndHolds(""));
}

TEST_F(BackupTest, FinishesWhatWasInterrupted) {
  Fill();
  // After the first of the two moves.
  ASSERT_OK(MakeDirectories(root_.File("backup_1600000000.unfinished"), 0700));
  ASSERT_EQ(rename(root_.File("data").c_str(),
                   root_.File("backup_1600000000.unfinished/data").c_str()),
            0);
  EXPECT_THAT(BackUpNode(root_.path(), now_),
              IsOkAndHolds(root_.File("backup_1600000000")));
  EXPECT_THAT(ListDirectory(root_.File("backup_1600000000")),
              IsOkAndHolds(ElementsAre("data", "logs")));
  // After both.
  ASSERT_EQ(rename(root_.File("backup_1600000000").c_str(),
                   root_.File("backup_1600000000.unfinished").c_str()),
            0);
  EXPECT_THAT(BackUpNode(root_.path(), now_),
              IsOkAndHolds(root_.File("backup_1600000000")));
}

TEST_F(BackupTest, TwoBackupsHaveTwoNames) {
  Fill();
  ASSERT_OK(BackUpNode(root_.path(), now_));
  Put("data/env/ovn.env");
  EXPECT_THAT(BackUpNode(root_.path(), now_),
              IsOkAndHolds(root_.File("backup_1700000001")));
}

TEST_F(BackupTest, ErasesNothingElse) {
  EXPECT_OK(ErasePrivateKeys(root_.File("nowhere")));
  Put("data/pki/ca-privkey.pem.txt");
  EXPECT_OK(ErasePrivateKeys(root_.File("data")));
  EXPECT_TRUE(FileExists(root_.File("data/pki/ca-privkey.pem.txt")));
}

TEST_F(BackupTest, StateFollowsTheDataOfItsMembership) {
  // Of a life before this one.
  Put("backup_1600000000/logs/x");
  EXPECT_THAT(BackupForState(root_.path(), now_),
              IsOkAndHolds("backup_1600000000"))
      << "nobody says since when this node is a member";
  Put("state/identity.json");
  const std::string identity = root_.File("state/identity.json");
  const struct timespec since[] = {{1'650'000'000, 0}, {1'650'000'000, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, identity.c_str(), since, 0), 0);
  EXPECT_THAT(BackupForState(root_.path(), now_),
              IsOkAndHolds("backup_1700000000"));
  Put("backup_1700000000/data/x");
  EXPECT_THAT(BackupForState(root_.path(), now_ + absl::Seconds(9)),
              IsOkAndHolds("backup_1700000000"));
  ASSERT_OK(MakeDirectories(root_.File("backup_1700000000/state"), 0700));
  EXPECT_THAT(BackupForState(root_.path(), now_ + absl::Seconds(9)),
              IsOkAndHolds("backup_1700000000"))
      << "an earlier try was cut off";
  Put("backup_1700000000/state/identity.json");
  Put("backup_1700000003.unfinished/logs/x");
  EXPECT_THAT(BackupForState(root_.path(), now_),
              IsOkAndHolds("backup_1700000001"));
  struct stat info;
  ASSERT_EQ(stat(root_.File("backup_1700000001").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0700u);
}

TEST_F(BackupTest, AFewBackupsKeepTheirState) {
  for (const char* backup : {"backup_5", "backup_20", "backup_100"}) {
    Put(absl::StrCat(backup, "/state/raft/1"));
    Put(absl::StrCat(backup, "/data/x"));
  }
  EXPECT_THAT(BackupForState(root_.path(), now_),
              IsOkAndHolds("backup_1700000000"));
  EXPECT_FALSE(FileExists(root_.File("backup_5/state")));
  EXPECT_TRUE(FileExists(root_.File("backup_5/data/x")));
  EXPECT_TRUE(FileExists(root_.File("backup_20/state/raft/1")));
  EXPECT_TRUE(FileExists(root_.File("backup_100/state/raft/1")));
}

// Whatever a cut leaves, the next try ends with all of it in one backup, and
// with no key anywhere.
TEST_F(BackupTest, IsCompletedAfterACutAtAnyStep) {
  Fill();
  PowerCut cut(root_.path());
  ASSERT_OK(BackUpNode(root_.path(), now_));
  std::set<std::string> names;
  cut.Sweep([&](const std::string& found, const std::string& when) {
    const auto names_found = ListDirectory(found);
    ASSERT_OK(names_found);
    for (const std::string& name : *names_found) {
      // Named so is complete.
      if (!absl::StartsWith(name, "backup_")) continue;
      if (absl::EndsWith(name, ".unfinished")) continue;
      EXPECT_TRUE(FileExists(JoinPath(found, name + "/logs/ovn-northd.log")))
          << when;
    }
    ASSERT_OK(BackUpNode(found, now_ + absl::Seconds(7))) << when;
    const auto left = ListDirectory(found);
    ASSERT_OK(left);
    ASSERT_EQ(left->size(), 2u) << when << ": " << absl::StrJoin(*left, " ");
    EXPECT_EQ(left->back(), "state") << when;
    names.insert(left->front());
    const std::string backup = JoinPath(found, left->front());
    for (const char* file :
         {"data/central/db/ovnnb_db.db", "logs/ovn-northd.log",
          "data/pki/generations/3/client-cert.pem"}) {
      EXPECT_THAT(ReadFile(JoinPath(backup, file)),
                  IsOkAndHolds(std::string("content")))
          << file << when;
    }
    for (const char* key : {"data/pki/generations/3/client-privkey.pem",
                            "data/pki/generations/2/ovnnb-privkey.pem"}) {
      EXPECT_FALSE(FileExists(JoinPath(backup, key))) << key << when;
    }
  });
  EXPECT_EQ(names.size(), 2u) << "begun anew, or completed";
  EXPECT_GT(cut.covered(), 20u);
}

}  // namespace
}  // namespace microovn::agent
