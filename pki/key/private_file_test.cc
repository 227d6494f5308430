// SPDX-License-Identifier: Apache-2.0
#include "pki/key/private_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::pki {
namespace {

using ::testing::HasSubstr;

TEST(PrivateFile, RefusesWhatOthersCouldHaveTouched) {
  const TempDir dir;
  const std::string good = dir.File("good");
  ASSERT_OK(WriteFile(good, "secret", 0600));
  const absl::StatusOr<SecretString> read = ReadPrivateFile(good);
  ASSERT_OK(read);
  EXPECT_EQ(read->Reveal(), "secret");

  ASSERT_OK(WriteFile(dir.File("open"), "secret", 0644));
  ASSERT_OK(ReplaceSymlink("good", dir.File("link")));
  ASSERT_EQ(mkfifo(dir.File("fifo").c_str(), 0600), 0);
  ASSERT_OK(MakeDirectories(dir.File("directory"), 0700));
  ASSERT_OK(
      WriteFile(dir.File("large"), std::string((64 << 10) + 1, 'x'), 0600));
  ASSERT_OK(WriteFile(dir.File("twice"), "secret", 0600));
  ASSERT_EQ(link(dir.File("twice").c_str(), dir.File("name2").c_str()), 0);
  const std::pair<const char*, const char*> cases[] = {
      {"open", "others than its owner may use it"},
      {"link", "it is a symbolic link"},
      {"fifo", "it is not a regular file"},
      {"directory", "it is not a regular file"},
      {"large", "it is too large"},
      {"twice", "it has a second name"}};
  for (const auto& [name, why] : cases) {
    const absl::StatusOr<SecretString> refused =
        ReadPrivateFile(dir.File(name));
    EXPECT_THAT(refused, HasReason("PRIVATE_FILE_REFUSED")) << name;
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr(why));
  }
  EXPECT_THAT(ReadPrivateFile(dir.File("none")),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST(PrivateFile, DirectoryIsMadePrivateOrRefused) {
  const TempDir dir;
  const std::string fresh = dir.File("fresh");
  ASSERT_OK(EnsurePrivateDirectory(fresh));
  struct stat info = {};
  ASSERT_EQ(stat(fresh.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0700u);
  ASSERT_EQ(chmod(fresh.c_str(), 0755), 0);
  ASSERT_OK(EnsurePrivateDirectory(fresh));
  ASSERT_EQ(stat(fresh.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0700u);

  ASSERT_EQ(chmod(fresh.c_str(), 0777), 0);
  EXPECT_THAT(EnsurePrivateDirectory(fresh), HasReason("PRIVATE_FILE_REFUSED"));
  ASSERT_OK(ReplaceSymlink(dir.path(), dir.File("link")));
  EXPECT_THAT(EnsurePrivateDirectory(dir.File("link")),
              HasReason("PRIVATE_FILE_REFUSED"));
  ASSERT_OK(WriteFile(dir.File("file"), "", 0600));
  EXPECT_THAT(EnsurePrivateDirectory(dir.File("file")),
              HasReason("PRIVATE_FILE_REFUSED"));
}

}  // namespace
}  // namespace microovn::pki
