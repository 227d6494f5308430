// SPDX-License-Identifier: Apache-2.0
// A membership as a whole: its start, its restarts and its ends.
#include "agent/member/running_membership.h"

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "agent/member/testing/founded_node.h"
#include "agent/state/testing/commands.h"
#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/certificate/certificate.h"
#include "pki/join/join_token.h"
#include "pki/name/member_name.h"
#include "pki/name/ovn_service.h"
#include "raft/node/raft_node.h"
#include "supervisor/service/service.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;
using internal::node::v1::NodeIdentity;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr absl::Duration kMoment = absl::Milliseconds(50);

class RunningMembershipTest : public testing::Test {
 protected:
  // Starts the node, and waits until it leads.
  RunningMembership& Start() {
    auto member = node_.Start();
    EXPECT_OK(member);
    member_ = *std::move(member);
    FoundedNode::AwaitLead(*member_);
    return *member_;
  }
  void Stop() {
    member_->Stop();
    member_ = nullptr;
  }
  bool Eventually(const std::function<bool()>& condition) {
    const absl::Time end = absl::Now() + kPatience;
    while (!condition()) {
      if (absl::Now() > end) return false;
      absl::SleepFor(absl::Milliseconds(5));
    }
    return true;
  }
  // Of what is published for `service`; empty while nothing is.
  std::string Serial(const std::string& service) {
    const auto pem = ReadFile(node_.paths().Certificate(service));
    if (!pem.ok()) return "";
    const auto certificate = pki::Certificate::FromPem(*pem);
    return certificate.ok() ? certificate->serial() : "";
  }
  peerpb::IssueTokenRequest TokenFor(const std::string& name) {
    peerpb::IssueTokenRequest request;
    request.set_member_name(name);
    request.set_ttl_seconds(600);
    request.set_request_id("once");
    return request;
  }

  FoundedNode node_;
  std::shared_ptr<RunningMembership> member_;
};

TEST_F(RunningMembershipTest, TheFoundingIsInTheLogWhenItHasStarted) {
  ASSERT_EQ(node_.Identity().phase(), NodeIdentity::PHASE_FOUNDING);
  RunningMembership& member = Start();
  EXPECT_TRUE(member.state()->bootstrapped());
  EXPECT_NE(member.state()->members.Find(member.id()), nullptr);
  EXPECT_EQ(node_.Identity().phase(), NodeIdentity::PHASE_MEMBER);
  EXPECT_FALSE(node_.store().LoadFounding().ok()) << "it is in the log now";
  EXPECT_NE(node_.tls().Current(), nullptr) << "it can be called";
}

TEST_F(RunningMembershipTest, WhatWasAcknowledgedIsThereAfterARestart) {
  RunningMembership& first = Start();
  const std::string id = first.id();
  ASSERT_OK(first.Propose(SetConfigCommand("cluster.voters", "5"), kPatience));
  Stop();
  RunningMembership& second = Start();
  EXPECT_EQ(second.id(), id);
  EXPECT_EQ(second.state()->configs.Find("cluster.voters")->value(), "5");
  EXPECT_EQ(second.state()->members.size(), 1u);
}

// Its agent ended between the log and the identity on the disk.
TEST_F(RunningMembershipTest, AFoundingThatWasCutOffIsNotFoundedTwice) {
  const NodeIdentity founding = node_.Identity();
  const auto command = node_.store().LoadFounding();
  ASSERT_OK(command);
  const uint64_t revision = Start().state()->revision();
  Stop();
  ASSERT_OK(node_.store().Save(founding));
  ASSERT_OK(node_.store().SaveFounding(*command));
  RunningMembership& again = Start();
  EXPECT_EQ(again.state()->cluster().cluster_id(), founding.cluster_id());
  EXPECT_EQ(again.state()->members.size(), 1u);
  EXPECT_GE(again.state()->revision(), revision);
  EXPECT_EQ(node_.Identity().phase(), NodeIdentity::PHASE_MEMBER);
}

TEST_F(RunningMembershipTest, WhatCannotBeReadStartsNothing) {
  ASSERT_OK(node_.store().SaveFounding("\xff\xff no command"));
  EXPECT_THAT(node_.Start(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(node_.Identity().phase(), NodeIdentity::PHASE_FOUNDING)
      << "it can still be founded";
}

TEST_F(RunningMembershipTest, WithoutItsKeyItDoesNotStart) {
  Start();
  Stop();
  ASSERT_OK(RemoveTree(JoinPath(node_.paths().state(), "member.key")));
  EXPECT_FALSE(node_.Start().ok());
}

TEST_F(RunningMembershipTest, SaysInALineHowItIs) {
  RunningMembership& member = Start();
  EXPECT_EQ(member.name(), "node1");
  EXPECT_THAT(member.Describe(), HasSubstr("member node1; leads;"));
  const auto leader = member.leader();
  ASSERT_TRUE(leader.has_value());
  EXPECT_EQ(leader->member_id, member.id());
  EXPECT_EQ(leader->name, "node1");
}

TEST_F(RunningMembershipTest, SaysOfItselfWhatOthersAskFor) {
  RunningMembership& member = Start();
  const absl::Time before = absl::Now();
  const peerpb::GetLocalStatusResponse status = member.LocalStatus();
  EXPECT_EQ(status.member_id(), member.id());
  EXPECT_EQ(status.version(), "1.2.3");
  EXPECT_EQ(status.ovn_version(), "24.03");
  EXPECT_GT(status.applied_index(), 0u);
  EXPECT_GE(absl::FromUnixMillis(status.time_millis()),
            before - absl::Milliseconds(1));
  EXPECT_TRUE(status.has_log());
  const ClusterFacts facts = member.Gather(true, true, kPatience);
  EXPECT_FALSE(facts.stale);
  EXPECT_EQ(facts.leader_id, member.id());
  ASSERT_EQ(facts.answers.count(member.id()), 1u);
  EXPECT_OK(facts.answers.at(member.id()));
}

TEST_F(RunningMembershipTest, TellsThatItHasALeader) {
  Start();
  ASSERT_TRUE(Eventually(
      [this] { return !node_.quorum().empty() && node_.quorum().back(); }));
  Stop();
  const std::vector<bool> told = node_.quorum();
  for (size_t i = 1; i < told.size(); ++i) {
    EXPECT_NE(told[i], told[i - 1]) << "a change is told once";
  }
}

TEST_F(RunningMembershipTest, LivesUntilItIsStopped) {
  RunningMembership& member = Start();
  ASSERT_TRUE(Eventually([&] {
    const auto progress = member.Life().reconcile;
    return progress.has_value() &&
           progress->last_end > -absl::InfiniteDuration();
  }));
  const LifeSigns living = member.Life();
  EXPECT_TRUE(living.log_turn.has_value());
  member.Stop();
  const LifeSigns ended = member.Life();
  EXPECT_FALSE(ended.log_turn.has_value());
  EXPECT_FALSE(ended.reconcile.has_value());
}

TEST_F(RunningMembershipTest, AfterAStopEveryCallEndsAtOnce) {
  RunningMembership& member = Start();
  member.Stop();
  member.Stop();
  const absl::Time start = absl::Now();
  EXPECT_FALSE(
      member.Propose(SetConfigCommand("cluster.voters", "3"), kPatience).ok());
  EXPECT_FALSE(member.Barrier(kPatience).ok());
  EXPECT_FALSE(member.WaitConverged(1'000'000, kPatience).ok());
  EXPECT_FALSE(member.Reissue({pki::OvnService::kClient}, kPatience).ok());
  EXPECT_THAT(member.Depart(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_LT(absl::Now() - start, kPatience);
  // What it knew it still says.
  EXPECT_TRUE(member.state()->bootstrapped());
  EXPECT_TRUE(member.Gather(true, false, kMoment).stale);
}

// Handlers that wait hold a membership; its end must not wait for them.
TEST_F(RunningMembershipTest, AStopEndsWhoWaits) {
  RunningMembership& member = Start();
  std::thread converging([&] {
    EXPECT_FALSE(member.WaitConverged(1'000'000, absl::Minutes(10)).ok());
  });
  std::thread watching([&] {
    const auto next =
        member.store().WaitForRevision(1'000'000, absl::Minutes(10));
    EXPECT_FALSE(next.ok());
  });
  const absl::Time start = absl::Now();
  member.Stop();
  converging.join();
  watching.join();
  EXPECT_LT(absl::Now() - start, kPatience);
}

TEST_F(RunningMembershipTest, WaitingSaysWhatIsMissing) {
  RunningMembership& member = Start();
  const absl::Status waited = member.WaitConverged(1'000'000, kMoment);
  EXPECT_THAT(waited, StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_FALSE(waited.message().empty());
  // No program of OVN's is installed here.
  ASSERT_TRUE(Eventually([&] {
    return absl::StrContains(member.WaitConverged(1'000'000, kMoment).message(),
                             "database");
  }));
}

TEST_F(RunningMembershipTest, OvnsCertificatesAreIssuedByItselfAndReissued) {
  RunningMembership& member = Start();
  ASSERT_TRUE(Eventually([this] {
    return !Serial("client").empty() && !Serial("ovnnb").empty();
  }));
  const std::string client = Serial("client");
  const std::string northbound = Serial("ovnnb");
  ASSERT_OK(member.Reissue({pki::OvnService::kClient}, kPatience));
  EXPECT_NE(Serial("client"), client) << "published when it returns";
  EXPECT_EQ(Serial("ovnnb"), northbound) << "of which nobody spoke";
}

TEST_F(RunningMembershipTest, ATokenIsGoodForItsNameAndMadeOnce) {
  RunningMembership& member = Start();
  const auto issued = member.issuance().IssueToken(TokenFor("node2"));
  ASSERT_OK(issued);
  const auto token = pki::DecodeJoinToken(issued->encoded());
  ASSERT_OK(token);
  EXPECT_EQ(token->cluster_id, member.identity().cluster_id());
  EXPECT_OK(pki::CheckJoinToken(*token, *pki::MemberName::Parse("node2")));
  EXPECT_FALSE(
      pki::CheckJoinToken(*token, *pki::MemberName::Parse("node3")).ok());
  const auto again = member.issuance().IssueToken(TokenFor("node2"));
  ASSERT_OK(again);
  const auto repeated = pki::DecodeJoinToken(again->encoded());
  ASSERT_OK(repeated);
  EXPECT_EQ(repeated->key.public_key(), token->key.public_key());
  EXPECT_EQ(member.state()->tokens.size(), 1u);
}

TEST_F(RunningMembershipTest, WhoHasStoppedIssuesNothing) {
  RunningMembership& member = Start();
  member.Stop();
  EXPECT_FALSE(member.issuance().IssueToken(TokenFor("node2")).ok());
  peerpb::IssueCertificatesRequest request;
  request.add_demands()->set_service("client");
  EXPECT_FALSE(member.issuance().IssueCertificates(member.id(), request).ok());
  EXPECT_FALSE(member.issuance().Admit(peerpb::AdmitRequest()).ok());
}

TEST_F(RunningMembershipTest, CertificatesAreIssuedToMembersOnly) {
  RunningMembership& member = Start();
  peerpb::IssueCertificatesRequest request;
  request.add_demands()->set_service("client");
  EXPECT_FALSE(
      member.issuance().IssueCertificates(TestId("nobody"), request).ok());
}

TEST_F(RunningMembershipTest, DepartingStopsEverythingAndKeepsABackup) {
  RunningMembership& member = Start();
  ASSERT_TRUE(Eventually([this] { return !Serial("client").empty(); }));
  ASSERT_OK(node_.driver().Enable(supervisor::Service::kSwitch));
  ASSERT_OK(member.Depart());
  for (const supervisor::Service service : supervisor::kAllServices) {
    const auto seen = node_.driver().Observe(service);
    ASSERT_OK(seen);
    EXPECT_EQ(seen->pid, 0) << supervisor::ServiceName(service);
    EXPECT_FALSE(seen->enabled) << supervisor::ServiceName(service);
  }
  EXPECT_EQ(Serial("client"), "");
  const auto names = ListDirectory(node_.paths().root());
  ASSERT_OK(names);
  int backups = 0;
  for (const std::string& name : *names) {
    if (!absl::StartsWith(name, "backup_")) continue;
    ++backups;
    const auto keys = ListDirectory(
        JoinPath(JoinPath(node_.paths().root(), name), "data/pki"));
    for (const std::string& file : keys.value_or(std::vector<std::string>())) {
      EXPECT_FALSE(absl::StrContains(file, "privkey")) << file;
    }
  }
  EXPECT_EQ(backups, 1);
  EXPECT_FALSE(node_.removed().HasBeenNotified()) << "it knew";
}

// An expired key is judged by the membership that is there, and by none after.
TEST_F(RunningMembershipTest, NobodysExpiredKeyIsGoodAfterItsEnd) {
  RunningMembership& member = Start();
  const auto credentials = node_.store().LoadCredentials();
  ASSERT_OK(credentials);
  const auto own = pki::Certificate::FromPem(credentials->certificate_pem);
  ASSERT_OK(own);
  const auto accepts = [&] {
    return node_.tls().registry()->Accepts(ExpiredUse::kLog, member.id(), *own);
  };
  EXPECT_TRUE(accepts());
  EXPECT_FALSE(node_.tls().registry()->Accepts(ExpiredUse::kLog,
                                               TestId("another"), *own));
  member.Stop();
  EXPECT_FALSE(accepts());
}

TEST_F(RunningMembershipTest, AMemberInTheStateHasJoined) {
  RunningMembership& member = Start();
  EXPECT_OK(member.CompleteJoin(kPatience));
  EXPECT_EQ(node_.Identity().phase(), NodeIdentity::PHASE_MEMBER);
}

// A joiner whose log does not come: nobody reaches it.
TEST_F(RunningMembershipTest, AJoinWhoseLogDoesNotArriveSaysSo) {
  NodeIdentity joiner = node_.Identity();
  ASSERT_OK(RemoveTree(node_.store().log_directory()));
  ASSERT_OK(raft::RaftNode::CreateJoiner(
      node_.store().log_directory(), ClusterIdOf(joiner.cluster_id()),
      MemberIdOf(joiner.member_id()), raft::Incarnation(7)));
  joiner.set_phase(NodeIdentity::PHASE_JOINING);
  ASSERT_OK(node_.store().Save(joiner));
  auto member = node_.Start();
  ASSERT_OK(member);
  EXPECT_FALSE((*member)->leads());
  EXPECT_EQ((*member)->leader(), std::nullopt);
  EXPECT_THAT((*member)->Describe(), HasSubstr("no member leads"));
  EXPECT_THAT((*member)->CompleteJoin(kMoment),
              HasReason("LOG_DID_NOT_ARRIVE"));
  EXPECT_EQ(node_.Identity().phase(), NodeIdentity::PHASE_JOINING)
      << "it has promised nothing";
  EXPECT_THAT(node_.quorum(), ElementsAre(false));
  (*member)->StopConfirming();
  (*member)->Stop();
}

}  // namespace
}  // namespace microovn::agent
