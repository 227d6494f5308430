// SPDX-License-Identifier: Apache-2.0
#include "agent/probe/node_probe.h"

#include <stdio.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/testing/fake_clock.h"
#include "base/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;
using supervisor::Service;

constexpr char kLeader[] =
    "aaaa\nName: OVN_Southbound\n"
    "Cluster ID: cc33 (cc330789-a3b4-4ed2-8282-23973489852c)\n"
    "Server ID: aaaa (aaaa830e-2e12-47b3-ac99-60a777ca0359)\n"
    "Address: ssl:10.0.0.1:6644\nStatus: cluster member\nRole: leader\n"
    "Term: 1\nLeader: self\nVote: self\n\nElection timer: 1000\n"
    "Log: [2, 3]\nEntries not yet committed: 0\nEntries not yet applied: 0\n"
    "Connections:\nDisconnections: 0\nServers:\n"
    "    aaaa (aaaa at ssl:10.0.0.1:6644) (self) next_index=2 match_index=2\n";

// A node whose daemons say what the test wants.
class NodeProbeTest : public testing::Test {
 protected:
  NodeProbeTest() {
    for (const Service service :
         {Service::kSbOvsdbServer, Service::kNorthd, Service::kChassis}) {
      supervisor::Observation& seen = reports_[service].observation;
      seen.phase = supervisor::Phase::kReady;
      seen.pid = 1;
    }
    const supervisor::Paths paths(directory_.path());
    EXPECT_TRUE(MakeDirectories(paths.central_databases(), 0700).ok());
    EXPECT_TRUE(WriteFile(paths.sb_database(), "", 0600).ok());
    NodeProbeOptions options(paths);
    options.clock = &clock_;
    options.services = [this] { return reports_; };
    options.ask = [this](const std::vector<supervisor::Question>& questions,
                         absl::Duration) { return Answer(questions); };
    probe_.emplace(std::move(options));
  }

  std::vector<absl::StatusOr<std::string>> Answer(
      const std::vector<supervisor::Question>& questions) {
    std::vector<absl::StatusOr<std::string>> answers;
    asked_.clear();
    for (const supervisor::Question& question : questions) {
      asked_.push_back(question.method);
      const auto found = answers_.find(question.method);
      if (found == answers_.end()) {
        answers.push_back(absl::DeadlineExceededError("silence"));
      } else {
        answers.push_back(found->second);
      }
    }
    return answers;
  }

  peerpb::GetLocalStatusResponse Look(bool thorough = true) {
    probe_->RunOnce(thorough);
    probe_->Stop();
    peerpb::GetLocalStatusResponse response;
    probe_->Fill(response);
    return response;
  }

  static const peerpb::DaemonPulse* Find(
      const peerpb::GetLocalStatusResponse& response, absl::string_view unit) {
    for (const peerpb::DaemonPulse& pulse : response.pulses()) {
      if (pulse.unit() == unit) return &pulse;
    }
    return nullptr;
  }

  TempDir directory_;
  FakeClock clock_;
  supervisor::ServiceReports reports_;
  std::map<std::string, absl::StatusOr<std::string>> answers_ = {
      {"cluster/status", std::string(kLeader)},
      {"is-paused", std::string("false\n")},
      {"nb-connection-status", std::string("connected\n")},
      {"sb-connection-status", std::string("connected\n")},
      {"connection-status", std::string("connected\n")},
      {"debug/status", std::string("running\n")},
      {"echo", std::string("[]")},
      {"transact", std::string("[]")},
  };
  std::vector<std::string> asked_;
  std::optional<NodeProbe> probe_;
};

TEST_F(NodeProbeTest, TellsOfWhatRuns) {
  const peerpb::GetLocalStatusResponse told = Look();
  EXPECT_EQ(told.pulses_size(), 3);
  ASSERT_EQ(told.databases_size(), 1);
  const peerpb::LocalDatabase& sb = told.databases(0);
  EXPECT_EQ(sb.name(), "sb");
  EXPECT_EQ(sb.replica().role(), "leader");
  EXPECT_EQ(sb.replica().servers(), 1u);
  EXPECT_TRUE(absl::StartsWith(sb.server_id(), "aaaa830e"));
  EXPECT_EQ(sb.servers_size(), 1);
}

TEST_F(NodeProbeTest, ARoundForNobodyAsksEachDaemonOnly) {
  Look(/*thorough=*/false);
  EXPECT_EQ(std::count(asked_.begin(), asked_.end(), "transact"), 0);
  EXPECT_EQ(asked_.size(), 7u);
  Look(/*thorough=*/true);
  EXPECT_EQ(std::count(asked_.begin(), asked_.end(), "transact"), 2)
      << "the schema and the chassis";
}

TEST_F(NodeProbeTest, WhatDoesNotRunIsNotAsked) {
  reports_[Service::kChassis].observation.phase = supervisor::Phase::kBackoff;
  reports_[Service::kNorthd].observation.pid = 0;
  Look();
  EXPECT_EQ(std::count(asked_.begin(), asked_.end(), "connection-status"), 0);
  EXPECT_EQ(std::count(asked_.begin(), asked_.end(), "is-paused"), 0);
}

TEST_F(NodeProbeTest, ASlowServerIsBelievedForAMoment) {
  Look();
  answers_.erase("cluster/status");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Look().databases(0).replica().role(), "leader");
  clock_.Advance(absl::Seconds(3));
  const peerpb::GetLocalStatusResponse told = Look();
  EXPECT_EQ(told.databases(0).replica().status(), "not running");
  EXPECT_EQ(told.databases(0).server_id(), "");
  EXPECT_EQ(Find(told, "ovn-ovsdb-server-sb")->silent_millis(), 3000);
}

TEST_F(NodeProbeTest, AServerThatHasTheDatabaseNoMoreSaysSo) {
  answers_.at("cluster/status") =
      absl::FailedPreconditionError("unknown cluster");
  const peerpb::GetLocalStatusResponse told = Look();
  EXPECT_EQ(told.databases(0).replica().status(), "not in the cluster");
  EXPECT_EQ(Find(told, "ovn-ovsdb-server-sb")->silent_millis(), 0)
      << "it has answered";
}

TEST_F(NodeProbeTest, AServerThatIsDeafOnOneSocketIsSilent) {
  Look();
  answers_.at("echo") = absl::UnavailableError("no such file");
  clock_.Advance(absl::Seconds(1));
  EXPECT_GT(Find(Look(), "ovn-ovsdb-server-sb")->silent_millis(), 0);
}

TEST_F(NodeProbeTest, ADatabaseWithoutAFileIsNone) {
  ASSERT_EQ(Look().databases_size(), 1);
  ASSERT_EQ(remove(supervisor::Paths(directory_.path()).sb_database().c_str()),
            0);
  EXPECT_EQ(Look().databases_size(), 0);
}

TEST_F(NodeProbeTest, TellsWhoIsPausedAndNotConnected) {
  answers_.at("is-paused") = std::string("true\n");
  answers_.at("connection-status") = std::string("not connected\n");
  peerpb::GetLocalStatusResponse told = Look();
  EXPECT_TRUE(Find(told, "ovn-northd")->paused());
  EXPECT_FALSE(Find(told, "chassis")->paused());
  ASSERT_EQ(Find(told, "chassis")->disconnected_from_size(), 1);
  EXPECT_EQ(Find(told, "chassis")->disconnected_from(0), "sb");
  answers_.at("debug/status") = std::string("paused\n");
  told = Look();
  EXPECT_TRUE(Find(told, "chassis")->paused());
}

// On the thread, with the real clock.
TEST_F(NodeProbeTest, WhoAsksGetsARoundOfItsOwn) {
  NodeProbeOptions options((supervisor::Paths(directory_.path())));
  options.clock = &Clock::Real();
  options.services = [this] { return reports_; };
  std::atomic<int> rounds{0};
  options.ask = [&](const std::vector<supervisor::Question>& questions,
                    absl::Duration) {
    ++rounds;
    return std::vector<absl::StatusOr<std::string>>(questions.size(),
                                                    std::string("connected"));
  };
  options.interval = absl::Hours(1);
  NodeProbe probe(std::move(options));
  probe.Start();
  for (int i = 1; i <= 3; ++i) {
    peerpb::GetLocalStatusResponse response;
    probe.Fill(response);
    EXPECT_EQ(rounds, i);
    EXPECT_EQ(response.pulses_size(), 3);
  }
}

}  // namespace
}  // namespace microovn::agent
