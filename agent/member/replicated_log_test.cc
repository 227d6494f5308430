// SPDX-License-Identifier: Apache-2.0
// The log as the agent uses it, on a log of one member: over restarts, and
// what is said when it cannot go on.
#include "agent/member/replicated_log.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/member/log_directory.h"
#include "agent/member/testing/one_member_log.h"
#include "agent/server/tls_identity.h"
#include "agent/state/store/state_store.h"
#include "agent/state/testing/commands.h"
#include "base/testing/status_matchers.h"
#include "base/text/host_port.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "raft/transport/proposal_errors.h"

namespace microovn::agent {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);

class ReplicatedLogTest : public testing::Test {
 protected:
  std::string Voters() {
    const auto state = member_.store().Current();
    const auto* entry = state->configs.Find("cluster.voters");
    return entry == nullptr ? "" : entry->value();
  }
  int64_t ClockSeconds() {
    return member_.store().Current()->cluster().clock_seconds();
  }

  OneMemberLog member_;
};

TEST_F(ReplicatedLogTest, ARestartFindsWhatWasAcknowledged) {
  ASSERT_OK(member_.Propose(SetConfigCommand("cluster.voters", "5")));
  const uint64_t revision = member_.store().Current()->revision();
  member_.Reopen();
  ASSERT_OK(member_.log().Barrier(kPatience));
  EXPECT_EQ(Voters(), "5");
  EXPECT_EQ(member_.store().Current()->revision(), revision);
}

TEST_F(ReplicatedLogTest, ARepeatedRequestIsAnsweredOnceAlsoAfterARestart) {
  statepb::Command command = SetConfigCommand("cluster.voters", "5");
  command.set_request_id("once");
  command.set_request_digest(TestDigest("request"));
  ASSERT_OK(member_.Propose(command));
  ASSERT_OK(member_.Propose(SetConfigCommand("cluster.voters", "3")));
  member_.Reopen();
  EXPECT_OK(member_.Propose(command));
  EXPECT_EQ(Voters(), "3") << "it was done before";
  command.set_request_digest(TestDigest("another request"));
  EXPECT_THAT(member_.Propose(command), HasReason("REQUEST_ID_REUSED"));
}

// What lives by the cluster's clock must not die of a restart, nor live longer.
TEST_F(ReplicatedLogTest, TheClustersClockGoesOnAfterARestart) {
  ASSERT_OK(member_.Propose(SetConfigCommand("cluster.voters", "5")));
  const int64_t before = ClockSeconds();
  member_.Reopen();
  ASSERT_OK(member_.Propose(SetConfigCommand("cluster.voters", "3")));
  EXPECT_GE(ClockSeconds(), before);
  EXPECT_LT(ClockSeconds(), before + 600);
}

TEST_F(ReplicatedLogTest, EachProposalIsOneChangeWhoeverElseProposes) {
  const uint64_t before = member_.store().Current()->revision();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this, i] {
      for (int j = 0; j < 5; ++j) {
        EXPECT_OK(member_.Propose(
            CreateTokenCommand(absl::StrCat("node-", i, "-", j))));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(member_.store().Current()->tokens.size(), 40u);
  EXPECT_EQ(member_.store().Current()->revision(), before + 40);
}

TEST_F(ReplicatedLogTest, AMemberSpeaksForItselfOnly) {
  const std::string node2 = member_.Admit("node2");
  statepb::Command report;
  statepb::MemberReport* said =
      report.mutable_report_member()->mutable_report();
  said->set_member_id(node2);
  EXPECT_OK(member_.ProposeAs(node2, report));
  EXPECT_THAT(member_.refused(), testing::IsEmpty());
  const uint64_t before = member_.store().Current()->revision();
  EXPECT_THAT(member_.ProposeAs(node2, SetConfigCommand("cluster.voters", "5")),
              HasReason("METHOD_NOT_ALLOWED"));
  said->set_member_id(member_.id());
  EXPECT_THAT(member_.ProposeAs(node2, report), HasReason("IDENTITY_MISMATCH"));
  EXPECT_THAT(member_.ProposeAs(TestId("nobody"), report),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(member_.store().Current()->revision(), before);
  EXPECT_EQ(Voters(), "");
  ASSERT_EQ(member_.refused().size(), 3u);
  EXPECT_EQ(member_.refused()[0], "node2 set_config METHOD_NOT_ALLOWED");
  EXPECT_EQ(member_.refused()[1], "node2 report_member IDENTITY_MISMATCH");
  EXPECT_OK(member_.Propose(SetConfigCommand("cluster.voters", "5")))
      << "the leader's own";
}

TEST_F(ReplicatedLogTest, AStopIsSaidToBeOne) {
  member_.log().Stop();
  EXPECT_THAT(member_.Propose(SetConfigCommand("cluster.voters", "5")),
              HasReason(raft::kStoppedReason));
  EXPECT_FALSE(member_.log().Barrier(kPatience).ok());
}

TEST(LogDirectoryTest, TheStateKnowsBetterThanTheSeedsOfAJoin) {
  StateStore store;
  TlsIdentity tls;
  internal::node::v1::NodeIdentity identity;
  for (const auto& [name, address] : {std::pair("node1", "10.0.9.1:6686"),
                                      std::pair("node2", "10.0.9.2:6686")}) {
    auto* seed = identity.add_seeds();
    seed->set_member_id(TestId(name));
    seed->set_address(address);
  }
  const LogDirectory directory(&store, &tls, identity);
  const auto address = [&](const char* name) {
    const auto known = directory.AddressOf(MemberIdOf(TestId(name)));
    return known.has_value() ? FormatHostPort(*known) : "";
  };
  EXPECT_EQ(address("node1"), "10.0.9.1:6686");
  EXPECT_EQ(address("node3"), "") << "nobody has told";
  ClusterState state = TestCluster({"node1", "node3"});
  store.Publish(std::make_shared<const ClusterState>(std::move(state)));
  EXPECT_EQ(address("node1"), "10.0.0.1:6686") << "it has moved";
  EXPECT_EQ(address("node2"), "10.0.9.2:6686");
  EXPECT_EQ(address("node3"), "10.0.0.3:6686");
}

// Streams are made anew with the certificate that others know.
TEST(LogDirectoryTest, ARenewedCertificateIsAnotherGeneration) {
  StateStore store;
  TlsIdentity tls;
  const LogDirectory directory(&store, &tls, {});
  EXPECT_EQ(directory.CredentialsGeneration(), 0u);
  tls.Set(TlsMaterial());
  const uint64_t first = directory.CredentialsGeneration();
  EXPECT_NE(first, 0u);
  tls.Set(TlsMaterial());
  EXPECT_NE(directory.CredentialsGeneration(), first);
}

}  // namespace
}  // namespace microovn::agent
