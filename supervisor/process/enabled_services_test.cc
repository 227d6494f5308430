// SPDX-License-Identifier: Apache-2.0
#include "supervisor/process/enabled_services.h"

#include <sys/stat.h>

#include <set>
#include <string>

#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::supervisor {
namespace {

using ::testing::IsEmpty;

TEST(EnabledServicesTest, AreReadAsTheyWereWritten) {
  const TempDir dir;
  const std::string path = dir.File("enabled-services");
  EXPECT_THAT(LoadEnabledServices(path), IsOkAndHolds(IsEmpty()))
      << "there is no file";
  ASSERT_OK(SaveEnabledServices(path, {Service::kSwitch, Service::kChassis}));
  EXPECT_THAT(
      LoadEnabledServices(path),
      IsOkAndHolds(std::set<Service>{Service::kSwitch, Service::kChassis}));
  struct stat info = {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  ASSERT_OK(SaveEnabledServices(path, {}));
  EXPECT_THAT(LoadEnabledServices(path), IsOkAndHolds(IsEmpty()));
}

TEST(EnabledServicesTest, AreNotGuessed) {
  const TempDir dir;
  const std::string path = dir.File("enabled-services");
  for (const char* text : {"switch\nswitsch\n", "Switch\n", "switch chassis"}) {
    ASSERT_OK(WriteFile(path, text, 0600));
    EXPECT_FALSE(LoadEnabledServices(path).ok()) << text;
  }
}

}  // namespace
}  // namespace microovn::supervisor
