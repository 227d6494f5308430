// SPDX-License-Identifier: Apache-2.0
#include "base/file/file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/testing/power_cut.h"
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

mode_t ModeOf(const std::string& path) {
  struct stat info = {};
  return lstat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
}

// After each cut the file is what it was or what it is to be, with its mode.
TEST(File, AWriteThatIsCutOffLeavesTheOldOrTheNew) {
  const TempDir dir;
  ASSERT_OK(WriteFile(dir.File("key"), "old", 0600));
  PowerCut cut(dir.path());
  ASSERT_OK(WriteFile(dir.File("key"), "new", 0640));
  std::set<std::string> seen;
  std::string last;
  cut.Sweep([&](const std::string& found, const std::string& when) {
    const auto content = ReadFile(JoinPath(found, "key"));
    ASSERT_OK(content) << when;
    EXPECT_TRUE(*content == "old" || *content == "new") << *content << when;
    EXPECT_EQ(ModeOf(JoinPath(found, "key")), *content == "old" ? 0600u : 0640u)
        << when;
    seen.insert(*content);
    last += *content + " ";
  });
  EXPECT_EQ(seen.size(), 2u);
  // Acknowledged: whatever survives, it is there.
  EXPECT_EQ(last.substr(last.size() - 12), "new new new ");
}

TEST(File, AModeIsWhatItIsWhateverTheUmask) {
  const TempDir dir;
  const mode_t before = umask(0277);
  EXPECT_OK(WriteFile(dir.File("a"), "x", 0664));
  umask(before);
  EXPECT_EQ(ModeOf(dir.File("a")), 0664u);
}

TEST(File, ADirectoryAndALinkSurviveOnceTheyAreMade) {
  const TempDir dir;
  PowerCut cut(dir.path());
  ASSERT_OK(MakeDirectories(dir.File("a/b"), 0700));
  ASSERT_OK(ReplaceSymlink("a/b", dir.File("current")));
  ASSERT_OK(ReplaceSymlink("a", dir.File("current")));
  std::string last;
  cut.Sweep([&](const std::string& found, const std::string&) {
    last = FileExists(JoinPath(found, "a/b")) ? "made " : "none ";
    std::error_code error;
    last += std::filesystem::read_symlink(JoinPath(found, "current"), error)
                .string();
    if (FileExists(JoinPath(found, "current"))) {
      EXPECT_TRUE(FileExists(JoinPath(found, "a/b"))) << "it leads nowhere";
    }
  });
  EXPECT_EQ(last, "made a");
  const TempDir other;
  PowerCut first_state(other.path());
  ASSERT_OK(MakeDirectories(other.File("a"), 0700));
  std::vector<bool> there;
  first_state.Sweep([&](const std::string& found, const std::string&) {
    there.push_back(FileExists(JoinPath(found, "a")));
  });
  // Before; made and not durable; durable.
  EXPECT_EQ(there, (std::vector<bool>{false, false, false, false, true, true,
                                      true, true, true}));
}

}  // namespace
}  // namespace microovn
