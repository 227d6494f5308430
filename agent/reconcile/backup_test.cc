#include "agent/reconcile/backup.h"

#include <sys/stat.h>

#include <string>
#include <vector>

#include "base/file.h"
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

}  // namespace
}  // namespace microovn::agent
