#include "base/file.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn {
namespace {

using ::testing::ElementsAre;

TEST(File, WriteReplacesContentAndSetsExactMode) {
  const TempDir dir;
  const std::string path = dir.File("key");
  ASSERT_OK(WriteFile(path, "old", 0644));
  ASSERT_OK(WriteFile(path, "new", 0600));
  EXPECT_THAT(ReadFile(path), IsOkAndHolds(std::string("new")));
  struct stat info = {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  EXPECT_THAT(ListDirectory(dir.path()), IsOkAndHolds(ElementsAre("key")));
}

TEST(File, FailedWriteLeavesTheOldFileAndNoTemporary) {
  const TempDir dir;
  // A directory in the way makes the rename fail.
  ASSERT_OK(MakeDirectories(dir.File("busy/inner"), 0700));
  EXPECT_FALSE(WriteFile(dir.File("busy"), "x", 0600).ok());
  EXPECT_THAT(ListDirectory(dir.path()), IsOkAndHolds(ElementsAre("busy")));
}

TEST(File, ReadRefusesAFileOverTheLimit) {
  const TempDir dir;
  ASSERT_OK(WriteFile(dir.File("big"), std::string(100, 'x'), 0600));
  EXPECT_THAT(ReadFile(dir.File("big"), 99),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(ReadFile(dir.File("none")),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST(File, ReplaceSymlinkSwitchesInOneStep) {
  const TempDir dir;
  ASSERT_OK(ReplaceSymlink("one", dir.File("current")));
  ASSERT_OK(ReplaceSymlink("two", dir.File("current")));
  char target[16] = {};
  ASSERT_EQ(readlink(dir.File("current").c_str(), target, sizeof(target)), 3);
  EXPECT_STREQ(target, "two");
}

TEST(File, RemoveTreeDoesNotFollowLinks) {
  const TempDir dir;
  ASSERT_OK(MakeDirectories(dir.File("keep"), 0700));
  ASSERT_OK(WriteFile(dir.File("keep/file"), "x", 0600));
  ASSERT_OK(MakeDirectories(dir.File("gone"), 0700));
  ASSERT_OK(ReplaceSymlink(dir.File("keep"), dir.File("gone/link")));
  ASSERT_OK(RemoveTree(dir.File("gone")));
  EXPECT_TRUE(FileExists(dir.File("keep/file")));
  EXPECT_OK(RemoveTree(dir.File("gone")));
}

TEST(File, JoinPathHasOneSlash) {
  EXPECT_EQ(JoinPath("/a/", "/b"), "/a/b");
  EXPECT_EQ(JoinPath("/a", "b"), "/a/b");
}

}  // namespace
}  // namespace microovn
