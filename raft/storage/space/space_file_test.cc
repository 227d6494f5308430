// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/space/space_file.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <string>

#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace microovn::raft {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

TEST(SpaceFileTest, TakesAndReleasesTheReserve) {
  TempDir directory;
  SpaceFile file(directory.path());
  const auto before = file.Measure();
  ASSERT_OK(before);
  EXPECT_GT(before->total, before->free);
  EXPECT_EQ(before->reserve, 0u);
  ASSERT_OK(file.TakeReserve(2 * kMiB));
  ASSERT_OK(file.TakeReserve(3 * kMiB));
  const auto taken = file.Measure();
  ASSERT_OK(taken);
  EXPECT_GE(taken->reserve, 3 * kMiB);
  ASSERT_OK(file.ReleaseReserve());
  ASSERT_OK(file.ReleaseReserve());
  const auto released = file.Measure();
  ASSERT_OK(released);
  EXPECT_EQ(released->reserve, 0u);
}

TEST(SpaceFileTest, SaysWhatItCouldNotDo) {
  TempDir directory;
  SpaceFile file(directory.File("missing"));
  EXPECT_THAT(file.Measure(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(file.TakeReserve(kMiB), StatusIs(absl::StatusCode::kNotFound));
}

// A file system of 8 MiB of its own, where mounting is allowed.
TEST(SpaceFileTest, AFullFileSystemHasRoomAgainWithoutTheReserve) {
  TempDir directory;
  if (unshare(CLONE_NEWNS) != 0 ||
      mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("none", directory.path().c_str(), "tmpfs", 0, "size=8m") != 0) {
    GTEST_SKIP() << "mounting is not allowed here";
  }
  SpaceFile file(directory.path());
  ASSERT_OK(file.TakeReserve(kMiB));
  const auto space = file.Measure();
  ASSERT_OK(space);
  EXPECT_EQ(space->total, 8 * kMiB);
  EXPECT_LE(space->free, 7 * kMiB);
  // More than there is: nothing of it stays behind.
  SpaceFile other(directory.path());
  EXPECT_THAT(other.TakeReserve(9 * kMiB),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_FALSE(FileExists(directory.File("reserve")));
  ASSERT_OK(file.TakeReserve(kMiB));

  const std::string filler(7 * kMiB + kMiB / 2, 'x');
  EXPECT_THAT(WriteFile(directory.File("filler"), filler, 0600),
              StatusIs(absl::StatusCode::kResourceExhausted));
  ASSERT_OK(file.ReleaseReserve());
  EXPECT_OK(WriteFile(directory.File("filler"), filler, 0600));
  EXPECT_EQ(umount(directory.path().c_str()), 0);
}

}  // namespace
}  // namespace microovn::raft
