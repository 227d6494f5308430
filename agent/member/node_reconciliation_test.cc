// SPDX-License-Identifier: Apache-2.0
// This node's own work as a whole: the real reconcilers on a real directory,
// with daemons and programs that are fakes.
#include "agent/member/node_reconciliation.h"

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/identity/identity_store.h"
#include "agent/reconcile/testing/state_builder.h"
#include "agent/state/store/state_store.h"
#include "base/crypto/random.h"
#include "base/file/file.h"
#include "base/mutex.h"
#include "base/testing/fake_command_runner.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/testing/test_pki.h"
#include "supervisor/service/paths.h"
#include "supervisor/service/service.h"
#include "supervisor/testing/fake_service_driver.h"

namespace microovn::agent {
namespace {

using supervisor::Service;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr absl::Duration kPatience = absl::Seconds(30);

class NodeReconciliationTest : public testing::Test {
 protected:
  NodeReconciliationTest() {
    EXPECT_OK(supervisor::CreateLayout(paths_));
    cluster_.OvnAuthority(pki_.ovn_ca().certificate().ToPem(),
                          pki_.OvnBundle().ToPem());
  }
  ~NodeReconciliationTest() override {
    work_ = nullptr;
    store_.Close();
  }

  void Begin() {
    NodeReconciliation::Parts parts;
    parts.node.paths = &paths_;
    parts.node.store = &identity_store_;
    parts.node.clock = &Clock::Real();
    parts.node.random = &RandomSource::Real();
    parts.node.runner = &programs_;
    parts.node.driver = &driver_;
    parts.node.versions = {"1.2.3", "24.03", "3.3"};
    parts.self_id = StateBuilder::Id(1);
    parts.store = &store_;
    parts.sealing = [] { return SealingFacts{"file", false}; };
    parts.issue = [this](const std::vector<CertificateDemand>& demands)
        -> absl::StatusOr<IssuedCertificates> {
      MutexLock lock(&mu_);
      asked_ += static_cast<int>(demands.size());
      return issue_error_;
    };
    parts.propose = [this](const statepb::Command& command) {
      MutexLock lock(&mu_);
      reports_.push_back(command.report_member());
      return absl::OkStatus();
    };
    parts.confirmed_revision = [this]() -> absl::StatusOr<uint64_t> {
      return store_.Current()->revision();
    };
    work_ = std::make_unique<NodeReconciliation>(std::move(parts));
  }
  void Publish() {
    store_.Publish(
        std::make_shared<const ClusterState>(cluster_.View(1).state()));
  }

  bool Eventually(const std::function<bool()>& condition) {
    const absl::Time end = absl::Now() + kPatience;
    while (!condition()) {
      if (absl::Now() > end) return false;
      absl::SleepFor(absl::Milliseconds(5));
    }
    return true;
  }
  // Whether a whole pass has ended since.
  bool Passes() {
    const auto before = work_->Progress();
    EXPECT_TRUE(before.has_value());
    return Eventually([&] {
      const auto now = work_->Progress();
      return now.has_value() && now->last_end > before->last_end;
    });
  }
  std::vector<statepb::ReportMember> Reports() {
    MutexLock lock(&mu_);
    return reports_;
  }
  int Asked() {
    MutexLock lock(&mu_);
    return asked_;
  }
  bool Enabled(Service service) {
    const auto seen = driver_.Observe(service);
    EXPECT_OK(seen);
    return seen.ok() && seen->enabled;
  }

  TempDir root_;
  const supervisor::Paths paths_{root_.path()};
  const IdentityStore identity_store_{paths_.state()};
  supervisor::FakeNode daemons_;
  supervisor::FakeServiceDriver driver_{&daemons_, &Clock::Real()};
  FakeCommandRunner programs_{
      [](const Command& command) -> absl::StatusOr<CommandResult> {
        return absl::NotFoundError(command.argv[0] + " is not installed");
      }};
  pki::TestPki pki_{absl::Now()};
  StateBuilder cluster_;
  StateStore store_;
  Mutex mu_;
  absl::Status issue_error_ ABSL_GUARDED_BY(mu_) =
      absl::UnavailableError("nobody leads");
  int asked_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<statepb::ReportMember> reports_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<NodeReconciliation> work_;
};

// Whose log has not arrived: what lies here may be somebody's.
TEST_F(NodeReconciliationTest, ANodeThatTheStateDoesNotKnowTouchesNothing) {
  Begin();
  ASSERT_TRUE(Eventually([this] {
    return work_->Progress()->last_end > -absl::InfiniteDuration();
  }));
  EXPECT_FALSE(FileExists(paths_.environment_file()));
  EXPECT_EQ(Asked(), 0);
  EXPECT_THAT(Reports(), IsEmpty());
}

TEST_F(NodeReconciliationTest, APublishedStateIsWorkedOnAtOnce) {
  Begin();
  cluster_.Member(1, {});
  Publish();
  EXPECT_TRUE(
      Eventually([this] { return FileExists(paths_.environment_file()); }));
  EXPECT_TRUE(Eventually([this] { return Asked() > 0; }));
  EXPECT_TRUE(Eventually([this] { return !Reports().empty(); }));
  EXPECT_EQ(Reports()[0].report().member_id(), StateBuilder::Id(1));
  EXPECT_EQ(Reports()[0].report().version(), "1.2.3");
  EXPECT_EQ(Reports()[0].report().custody(), "file");
}

TEST_F(NodeReconciliationTest, WhatIsMissingIsSaid) {
  cluster_.Member(1, {});
  Publish();
  Begin();
  ASSERT_TRUE(Eventually([this] {
    return work_->WhatIsMissing().find("nobody leads") != std::string::npos;
  }));
  EXPECT_THAT(work_->WhatIsMissing(), HasSubstr("certificates: "));
  EXPECT_EQ(work_->LocalStatus().converged_revision(), 0u);
  work_->Stop();
  EXPECT_EQ(work_->WhatIsMissing(), "this member has stopped");
}

// Daemons without certificates would have nothing to say to anybody.
TEST_F(NodeReconciliationTest, NoServiceStartsBeforeItsCertificates) {
  cluster_.Member(1, AllStateServices());
  Publish();
  Begin();
  ASSERT_TRUE(Eventually([this] { return Asked() > 0; }));
  ASSERT_TRUE(Passes());
  EXPECT_FALSE(Enabled(Service::kNbOvsdbServer));
  EXPECT_FALSE(Enabled(Service::kNorthd));
  EXPECT_FALSE(Enabled(Service::kChassis));
}

TEST_F(NodeReconciliationTest, WhatIsNotWantedIsStopped) {
  ASSERT_OK(driver_.Enable(Service::kNorthd));
  cluster_.Member(1, {});
  Publish();
  Begin();
  EXPECT_TRUE(Eventually([this] { return !Enabled(Service::kNorthd); }));
}

TEST_F(NodeReconciliationTest, ADaemonThatFailsIsInTheStatus) {
  cluster_.Member(1, {});
  Publish();
  Begin();
  driver_.SetError(Service::kSwitch,
                   absl::InternalError("its unit cannot be read"));
  EXPECT_TRUE(Eventually([this] {
    const auto status = work_->LocalStatus();
    for (const v1::Daemon& daemon : status.daemons()) {
      if (daemon.detail() == "its unit cannot be read") return true;
    }
    return false;
  }));
}

TEST_F(NodeReconciliationTest, TheStatusSaysWhatThisNodeIs) {
  cluster_.Member(1, {});
  Publish();
  Begin();
  const auto status = work_->LocalStatus();
  EXPECT_EQ(status.version(), "1.2.3");
  EXPECT_EQ(status.ovn_version(), "24.03");
  EXPECT_EQ(status.ovs_version(), "3.3");
  EXPECT_EQ(status.custody(), "file");
  EXPECT_THAT(status.datapath(), Not(IsEmpty()));
  EXPECT_EQ(status.databases_size(), 0) << "there is no file of one";
  // A file whose server does not answer is told as one.
  ASSERT_OK(WriteFile(paths_.nb_database(), "x", 0600));
  EXPECT_TRUE(Eventually([this] {
    const auto now = work_->LocalStatus();
    return now.databases_size() == 1 && now.databases(0).name() == "nb" &&
           now.databases(0).replica().status() == "not running";
  }));
}

TEST_F(NodeReconciliationTest, AReissueSaysWhyItFailed) {
  cluster_.Member(1, {});
  Publish();
  Begin();
  const absl::Status failed =
      work_->Reissue({pki::OvnService::kClient}, absl::Seconds(2));
  EXPECT_FALSE(failed.ok());
  EXPECT_FALSE(failed.message().empty());
}

// Who waits for this node is not left waiting by its end.
TEST_F(NodeReconciliationTest, AStopEndsAReissue) {
  Begin();
  absl::Status reissued;
  std::thread waiting([&] {
    reissued = work_->Reissue({pki::OvnService::kClient}, absl::Minutes(10));
  });
  const absl::Time start = absl::Now();
  work_->Stop();
  waiting.join();
  EXPECT_LT(absl::Now() - start, kPatience);
  EXPECT_THAT(reissued, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(work_->Reissue({pki::OvnService::kClient}, absl::Minutes(10)),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(work_->Depart(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(work_->Progress(), std::nullopt);
  EXPECT_EQ(work_->Problem(), "");
}

TEST_F(NodeReconciliationTest, AfterAStopNothingIsWritten) {
  Begin();
  work_->Stop();
  cluster_.Member(1, AllStateServices());
  Publish();
  ASSERT_OK(driver_.Enable(Service::kNorthd));
  EXPECT_FALSE(FileExists(paths_.environment_file()));
  EXPECT_TRUE(Enabled(Service::kNorthd));
  EXPECT_EQ(Asked(), 0);
}

TEST_F(NodeReconciliationTest, DepartingNeedsNoWordOfTheCluster) {
  ASSERT_OK(driver_.Enable(Service::kSwitch));
  ASSERT_OK(WriteFile(JoinPath(paths_.logs(), "a.log"), "x", 0600));
  cluster_.Member(1, AllStateServices());
  Publish();
  Begin();
  ASSERT_OK(work_->Depart());
  EXPECT_FALSE(Enabled(Service::kSwitch));
  EXPECT_FALSE(FileExists(JoinPath(paths_.logs(), "a.log"))) << "put away";
}

// The state says so before this node asks.
TEST_F(NodeReconciliationTest, ALeavingMemberStopsItsDaemons) {
  ASSERT_OK(driver_.Enable(Service::kSwitch));
  ASSERT_OK(driver_.Enable(Service::kOvsOvsdbServer));
  cluster_.Member(1, AllStateServices(), statepb::Member::STATE_LEAVING);
  Publish();
  Begin();
  EXPECT_TRUE(Eventually([this] {
    return !Enabled(Service::kSwitch) && !Enabled(Service::kOvsOvsdbServer);
  }));
}

}  // namespace
}  // namespace microovn::agent
