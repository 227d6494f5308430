// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/state_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

class StateFilesTest : public testing::Test {
 protected:
  StateFilesTest() {
    for (const char* name : {"raft", "raft/checkpoint", "sealing"}) {
      EXPECT_OK(MakeDirectories(dir_.File(name), 0700));
    }
    for (const char* name : {"raft/000004.log", "raft/checkpoint/1.sst"}) {
      Put(name, 0644);
    }
    for (const char* name :
         {"identity.json", "member.key", "member.crt", "cluster-ca.crt", "lock",
          "recovery.json", "removed-as", "sealing/sealing-key.pem",
          "underlay.json"}) {
      Put(name, 0600);
    }
    Put("of-a-later-build", 0644);
    EXPECT_EQ(symlink("../control/control.socket",
                      dir_.File("control.socket").c_str()),
              0);
  }

  void Put(const std::string& name, mode_t mode) {
    ASSERT_OK(WriteFile(dir_.File(name), "x", mode));
  }
  mode_t ModeOf(const std::string& name) {
    struct stat info = {};
    EXPECT_EQ(lstat(dir_.File(name).c_str(), &info), 0);
    return info.st_mode & 07777;
  }
  absl::Status Check() { return CheckStateFiles(dir_.path(), geteuid()); }

  TempDir dir_;
};

TEST_F(StateFilesTest, WhatAnAgentWritesIsTaken) {
  EXPECT_OK(Check());
  EXPECT_OK(CheckStateFiles(dir_.File("nothing"), geteuid()));
}

TEST_F(StateFilesTest, WhatOthersCouldHaveWrittenOrReadIsRefused) {
  const struct {
    const char* name;
    // The least that is too much.
    mode_t refused;
  } cases[] = {
      {"identity.json", 0640},
      {"member.key", 0604},
      {"member.crt", 0640},
      {"cluster-ca.crt", 0644},
      {"lock", 0644},
      {"recovery.json", 0644},
      {"removed-as", 0644},
      {"underlay.json", 0644},
      {"sealing/sealing-key.pem", 0640},
      {"raft/000004.log", 0664},
      {"raft/checkpoint/1.sst", 0646},
      {"of-a-later-build", 0666},
      {"raft", 0720},
      {"raft/checkpoint", 0702},
      {"sealing", 0722},
  };
  for (const auto& test : cases) {
    const mode_t before = ModeOf(test.name);
    ASSERT_EQ(chmod(dir_.File(test.name).c_str(), test.refused), 0);
    const absl::Status refused = Check();
    EXPECT_THAT(refused, HasReason("PRIVATE_FILE_REFUSED")) << test.name;
    EXPECT_NE(refused.message().find(dir_.File(test.name)), std::string::npos)
        << refused;
    ASSERT_EQ(chmod(dir_.File(test.name).c_str(), before), 0);
    ASSERT_OK(Check());
  }
}

TEST_F(StateFilesTest, ADirectoryThatOthersCouldOnlyReadIsClosed) {
  for (const char* name : {"raft", "raft/checkpoint", "sealing"}) {
    ASSERT_EQ(chmod(dir_.File(name).c_str(), 0755), 0);
    EXPECT_OK(Check());
    EXPECT_EQ(ModeOf(name), 0700u) << name;
  }
}

TEST_F(StateFilesTest, AFileIsWhatItsNameSays) {
  const auto refused_as = [&](const char* name, auto make) {
    ASSERT_OK(RemoveTree(dir_.File(name)));
    make(dir_.File(name).c_str());
    EXPECT_THAT(Check(), HasReason("PRIVATE_FILE_REFUSED")) << name;
    ASSERT_OK(RemoveTree(dir_.File(name)));
    EXPECT_OK(Check());
  };
  const auto link = [](const char* path) {
    ASSERT_EQ(symlink("/dev/null", path), 0);
  };
  const auto directory = [](const char* path) {
    ASSERT_EQ(mkdir(path, 0700), 0);
  };
  refused_as("identity.json", link);
  refused_as("member.key", directory);
  refused_as("raft", link);
  refused_as("raft",
             [](const char* path) { ASSERT_EQ(mkfifo(path, 0600), 0); });
  refused_as("of-a-later-build", link);
  refused_as("control.socket", directory);
}

TEST_F(StateFilesTest, AnotherUsersFileIsRefused) {
  EXPECT_THAT(CheckStateFiles(dir_.path(), geteuid() + 1),
              HasReason("PRIVATE_FILE_REFUSED"));
}

TEST_F(StateFilesTest, TheDepthIsBounded) {
  ASSERT_OK(MakeDirectories(dir_.File("raft/1/2/3/4/5"), 0700));
  EXPECT_THAT(Check(), HasReason("PRIVATE_FILE_REFUSED"));
}

}  // namespace
}  // namespace microovn::agent
