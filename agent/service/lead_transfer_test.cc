// SPDX-License-Identifier: Apache-2.0
#include "agent/service/lead_transfer.h"

#include <set>
#include <string>

#include "absl/status/status.h"
#include "agent/service/testing/test_api.h"
#include "base/status/error.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "microovn/v1/cluster.grpc.pb.h"

namespace microovn::agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Cluster = v1::ClusterService::Stub;

class LeadTransferTest : public testing::Test {
 protected:
  std::string IdOf(const std::string& name) const {
    return FindMember(*membership_.state(), name)->member_id();
  }
  ClusterFacts Facts() {
    return membership_.Gather(/*linearizable=*/true, /*probe=*/true,
                              absl::Seconds(1));
  }
  void Silence(const std::string& name) {
    membership_.Answer(IdOf(name), absl::UnavailableError("no route to host"));
  }
  absl::StatusOr<v1::TransferLeaderResponse> Transfer(const std::string& name,
                                                      bool dry = false) {
    v1::TransferLeaderRequest request;
    request.set_name(name);
    request.set_validate_only(dry);
    return Ask(api_.Socket(), &Cluster::TransferLeader, request);
  }

  TestApi api_;
  FakeMembership& membership_ = api_.membership();
};

TEST_F(LeadTransferTest, WhoIsToLead) {
  const ClusterFacts all = Facts();
  EXPECT_EQ(*SuccessorOf(all, ""), "") << "the log knows who is best";
  EXPECT_EQ(*SuccessorOf(all, IdOf("node2")), IdOf("node2"));
  EXPECT_EQ(*SuccessorOf(all, IdOf("node1")), IdOf("node1"))
      << "it leads already";

  ClusterFacts two = all;
  two.voters.erase(IdOf("node3"));
  const auto standby = SuccessorOf(two, IdOf("node3"));
  EXPECT_THAT(standby.status(), HasReason("MEMBER_NOT_VOTER"));
  EXPECT_THAT(DetailOf(standby.status()).remedy, HasSubstr("node1 and node2"));

  ClusterFacts alone = all;
  alone.voters = {IdOf("node1")};
  EXPECT_THAT(SuccessorOf(alone, "").status(), HasReason("NO_OTHER_VOTER"));
}

TEST_F(LeadTransferTest, WhoDoesNotAnswerDoesNotLead) {
  Silence("node2");
  EXPECT_EQ(*SuccessorOf(Facts(), ""), "") << "node3 can";
  EXPECT_THAT(SuccessorOf(Facts(), IdOf("node2")).status(),
              HasReason("MEMBER_UNREACHABLE"));
  Silence("node3");
  const auto nobody = SuccessorOf(Facts(), "");
  EXPECT_THAT(nobody.status(), HasReason("NO_OTHER_VOTER"));
  EXPECT_EQ(nobody.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(DetailOf(nobody.status()).remedy, HasSubstr("node2 and node3"));
  // Its own word is not asked for what it has.
  Silence("node1");
  EXPECT_EQ(*SuccessorOf(Facts(), IdOf("node1")), IdOf("node1"));
}

TEST_F(LeadTransferTest, TheAnswerNamesWhoLeads) {
  const auto named = Transfer("members/node3");
  ASSERT_OK(named);
  EXPECT_EQ(named->leader(), "node3");
  EXPECT_THAT(membership_.transfers(), ElementsAre(IdOf("node3")));
}

TEST_F(LeadTransferTest, WithoutANameTheLogChooses) {
  const auto any = Transfer("");
  ASSERT_OK(any);
  EXPECT_NE(any->leader(), "node1");
  EXPECT_THAT(membership_.transfers(), ElementsAre(""));
}

TEST_F(LeadTransferTest, WhoLeadsAlreadyIsLeftAlone) {
  const auto same = Transfer("members/node1");
  ASSERT_OK(same);
  EXPECT_EQ(same->leader(), "node1");
  EXPECT_THAT(membership_.transfers(), IsEmpty());
}

TEST_F(LeadTransferTest, ATrialSaysWhatWouldBeDone) {
  const auto named = Transfer("members/node2", /*dry=*/true);
  ASSERT_OK(named);
  EXPECT_EQ(named->leader(), "");
  EXPECT_EQ(named->plan().steps(0).description(),
            "hand the lead from node1 to node2");
  EXPECT_EQ(Transfer("members/node1", true)->plan().steps(0).description(),
            "leave the lead with node1");
  EXPECT_THAT(Transfer("", true)->plan().steps(0).description(),
              HasSubstr("the most complete"));
  EXPECT_THAT(membership_.transfers(), IsEmpty());
}

TEST_F(LeadTransferTest, WhatFailsIsToldAndNothingIsTried) {
  EXPECT_THAT(Transfer("members/node9"), HasReason("MEMBER_NOT_FOUND"));
  EXPECT_FALSE(Transfer("node2").ok()) << "a resource's name";
  Silence("node2");
  EXPECT_THAT(Transfer("members/node2"), HasReason("MEMBER_UNREACHABLE"));
  EXPECT_THAT(membership_.transfers(), IsEmpty());
  membership_.FailTransfer(MakeError(absl::StatusCode::kUnavailable, "late",
                                     {"TRANSFER_FAILED", "", {}}));
  EXPECT_THAT(Transfer("members/node3"), HasReason("TRANSFER_FAILED"));
}

}  // namespace
}  // namespace microovn::agent
