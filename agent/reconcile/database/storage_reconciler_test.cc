// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/database/storage_reconciler.h"

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "agent/reconcile/testing/state_builder.h"
#include "base/file/file.h"
#include "base/testing/fake_command_runner.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/service/service.h"
#include "supervisor/service/service_state.h"

namespace microovn::agent {
namespace {

using supervisor::Phase;
using supervisor::Service;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr uint64_t kMiB = uint64_t{1} << 20;

class StorageTest : public ::testing::Test {
 protected:
  StorageTest() {
    state_.Member(1, AllStateServices());
    for (const Service service :
         {Service::kNbOvsdbServer, Service::kSbOvsdbServer}) {
      facts_.services[service].phase = Phase::kReady;
      facts_.services[service].pid = 10;
    }
  }

  CentralDatabase Database(const DatabaseKind& kind) {
    CentralDatabaseOptions options;
    options.kind = kind;
    options.file = directory_.File(kind.name);
    EXPECT_OK(WriteFile(options.file, "a database", 0600));
    options.space = [this](const std::string&) {
      return absl::StatusOr<FreeSpace>(FreeSpace{1000 * kMiB, free_});
    };
    options.sockets.unixctl =
        [this](const std::string&, const std::string& command,
               const std::vector<std::string>& arguments,
               absl::Duration) -> absl::StatusOr<std::string> {
      asked_.push_back(absl::StrCat(command, " ", arguments.back()));
      if (refuses_) return absl::FailedPreconditionError("write failed");
      return std::string();
    };
    return {options, &runner_};
  }

  absl::Status See(uint64_t free) {
    free_ = free;
    asked_.clear();
    return reconciler_.Reconcile(state_.View(1));
  }

  TempDir directory_;
  FakeCommandRunner runner_;
  StateBuilder state_;
  NodeFacts facts_;
  uint64_t free_ = 0;
  bool refuses_ = false;
  std::vector<std::string> asked_;
  StorageReconciler reconciler_{
      {Database(Northbound()), Database(Southbound())}, &facts_};
};

TEST_F(StorageTest, AFullDiskIsToldAndItsFilesAreWrittenAnewAfterwards) {
  EXPECT_OK(See(500 * kMiB));
  EXPECT_THAT(asked_, IsEmpty());
  EXPECT_THAT(reconciler_.findings(), IsEmpty());
  EXPECT_OK(See(12 << 10));
  EXPECT_THAT(asked_, IsEmpty());
  ASSERT_EQ(reconciler_.findings().size(), 2u);
  EXPECT_EQ(reconciler_.findings()[0].reason, "DATABASE_STORAGE_FAILED");
  EXPECT_THAT(reconciler_.findings()[0].message,
              HasSubstr("12 KiB are left for the file of OVN_Northbound"));
  EXPECT_OK(See(500 * kMiB));
  EXPECT_THAT(reconciler_.findings(), IsEmpty());
  EXPECT_THAT(asked_, ElementsAre("ovsdb-server/compact OVN_Northbound",
                                  "ovsdb-server/compact OVN_Southbound"));
  EXPECT_OK(See(500 * kMiB));
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(StorageTest, WhatCouldNotBeWrittenIsTriedAgain) {
  EXPECT_OK(See(0));
  refuses_ = true;
  EXPECT_FALSE(See(500 * kMiB).ok());
  refuses_ = false;
  EXPECT_OK(See(500 * kMiB));
  EXPECT_EQ(asked_.size(), 2u);
}

TEST_F(StorageTest, AServerThatHasReadItsFileSinceNeedsNothing) {
  EXPECT_OK(See(0));
  for (auto& [service, seen] : facts_.services) seen.pid = 11;
  EXPECT_OK(See(500 * kMiB));
  EXPECT_THAT(asked_, IsEmpty());
  facts_.services.clear();
  EXPECT_OK(See(0));
  EXPECT_THAT(reconciler_.findings(), IsEmpty());
}

}  // namespace
}  // namespace microovn::agent
