// SPDX-License-Identifier: Apache-2.0
#include "agent/make_way.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/time/clock.h"
#include "gtest/gtest.h"
#include "supervisor/service/service.h"
#include "supervisor/testing/fake_service_driver.h"

namespace microovn::agent {
namespace {

using supervisor::Service;

TEST(MakeWayTest, DatabasesOfAnotherTimeAreNotAdopted) {
  TempDir dir;
  const supervisor::Paths paths(dir.File("root"));
  ASSERT_OK(supervisor::CreateLayout(paths));
  ASSERT_OK(WriteFile(paths.nb_database(), "another cluster", 0600));
  ASSERT_OK(WriteFile(paths.switch_database(), "another switch", 0600));
  ASSERT_OK(PutAside(paths, absl::FromUnixSeconds(1'700'000'000)));
  EXPECT_FALSE(FileExists(paths.nb_database()));
  EXPECT_FALSE(FileExists(paths.switch_database()));
  EXPECT_TRUE(FileExists(paths.central_databases())) << "the layout is back";
  const supervisor::Paths backup(JoinPath(paths.root(), "backup_1700000000"));
  EXPECT_THAT(ReadFile(backup.nb_database()),
              IsOkAndHolds(std::string("another cluster")));
}

TEST(MakeWayTest, NothingIsMovedOnANewNode) {
  TempDir dir;
  const supervisor::Paths paths(dir.File("root"));
  ASSERT_OK(supervisor::CreateLayout(paths));
  ASSERT_OK(PutAside(paths, absl::FromUnixSeconds(1'700'000'000)));
  const auto names = ListDirectory(paths.root());
  ASSERT_OK(names);
  for (const std::string& name : *names) {
    EXPECT_FALSE(absl::StartsWith(name, "backup_")) << name;
  }
}

TEST(MakeWayTest, WhatRunsOrWouldRunIsStopped) {
  supervisor::FakeNode node;
  supervisor::FakeServiceDriver driver(&node, &Clock::Real());
  ASSERT_OK(driver.Enable(Service::kSwitch));
  ASSERT_OK(driver.Start(Service::kNbOvsdbServer));
  StopAllServices(driver, Clock::Real());
  for (const Service service : supervisor::kAllServices) {
    const auto seen = driver.Observe(service);
    ASSERT_OK(seen);
    EXPECT_EQ(seen->pid, 0) << supervisor::ServiceName(service);
    EXPECT_FALSE(seen->enabled) << supervisor::ServiceName(service);
  }
}

}  // namespace
}  // namespace microovn::agent
