// SPDX-License-Identifier: Apache-2.0
#include "agent/member/local_status.h"

#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;
using supervisor::Phase;
using supervisor::Service;

supervisor::ServiceReport ReportOf(Phase phase, bool enabled) {
  supervisor::ServiceReport report;
  report.observation.phase = phase;
  report.observation.enabled = enabled;
  return report;
}

TEST(FillDaemons, ListsWhatIsEnabledRunsOrIsInTrouble) {
  supervisor::ServiceReports reports;
  reports[Service::kNorthd] = ReportOf(Phase::kStopped, false);
  reports[Service::kSwitch] = ReportOf(Phase::kStopped, true);
  reports[Service::kChassis] = ReportOf(Phase::kStopping, false);
  reports[Service::kNbOvsdbServer] = ReportOf(Phase::kStopped, false);
  reports[Service::kNbOvsdbServer].error = absl::InternalError("no such unit");
  peerpb::GetLocalStatusResponse response;
  FillDaemons(reports, response);
  std::map<std::string, v1::Daemon> seen;
  for (const v1::Daemon& daemon : response.daemons()) {
    seen[daemon.unit()] = daemon;
  }
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen.count("ovn-northd"), 0u);
  EXPECT_EQ(seen["switch"].state(), v1::Daemon::STATE_STOPPED);
  EXPECT_EQ(seen["chassis"].state(), v1::Daemon::STATE_STOPPING);
  EXPECT_EQ(seen["ovn-ovsdb-server-nb"].detail(), "no such unit");
}

TEST(FillAddresses, AreThoseThatOthersCanReach) {
  peerpb::GetLocalStatusResponse response;
  FillAddresses(
      {{"lo", "", true, {{"127.0.0.1", 8}, {"203.0.113.7", 32}}, true},
       {"down", "", false, {{"10.0.1.9", 24}}},
       {"eth0", "", true, {{"fe80::1", 64}, {"10.0.0.1", 24}, {"fd00::1", 64}}},
       {"eth1", "", true, {{"192.0.2.1", 24}}}},
      response);
  EXPECT_THAT(response.addresses(),
              testing::ElementsAre("10.0.0.1", "fd00::1", "192.0.2.1"));
}

TEST(FillDaemons, SaysHowEachIs) {
  const struct {
    Phase phase;
    v1::Daemon::State state;
    std::string detail;
  } cases[] = {
      {Phase::kStarting, v1::Daemon::STATE_STARTING, ""},
      {Phase::kReady, v1::Daemon::STATE_READY, ""},
      {Phase::kStopping, v1::Daemon::STATE_STOPPING, ""},
      {Phase::kBackoff, v1::Daemon::STATE_FAILED, "it ended with status 3"},
      {Phase::kFailed, v1::Daemon::STATE_FAILED, "it ended with status 3"},
  };
  for (const auto& test : cases) {
    supervisor::ServiceReports reports;
    supervisor::ServiceReport& report = reports[Service::kChassis];
    report = ReportOf(test.phase, true);
    report.observation.pid = 77;
    report.observation.restarts = 4;
    report.observation.since = absl::FromUnixSeconds(9);
    report.observation.last_exit = 3;
    peerpb::GetLocalStatusResponse response;
    FillDaemons(reports, response);
    ASSERT_EQ(response.daemons_size(), 1);
    const v1::Daemon& daemon = response.daemons(0);
    EXPECT_EQ(daemon.state(), test.state);
    EXPECT_EQ(daemon.detail(), test.detail);
    EXPECT_EQ(daemon.pid(), 77);
    EXPECT_EQ(daemon.restarts(), 4u);
    EXPECT_EQ(daemon.since().seconds(), 9);
  }
}

TEST(FillReconcileStatus, AFindingSaysWhatToDo) {
  ReconcileStatus status;
  status.converged_revision = 8;
  status.findings.push_back({"TUNNELS_NOT_POSSIBLE", "why", "do this"});
  peerpb::GetLocalStatusResponse response;
  FillReconcileStatus(status, response);
  EXPECT_EQ(response.converged_revision(), 8u);
  ASSERT_EQ(response.findings_size(), 1);
  const v1::Finding& finding = response.findings(0);
  EXPECT_EQ(finding.reason(), "TUNNELS_NOT_POSSIBLE");
  EXPECT_EQ(finding.severity(), v1::SEVERITY_WARNING);
  EXPECT_EQ(finding.message(), "why");
  EXPECT_EQ(finding.remedy(), "do this");
}

}  // namespace
}  // namespace microovn::agent
