// SPDX-License-Identifier: Apache-2.0
#include "agent/service/database_recovery.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "agent/service/testing/test_api.h"
#include "agent/state/values/features.h"
#include "base/status/error.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "google/longrunning/operations.pb.h"
#include "gtest/gtest.h"
#include "microovn/internal/peer/v1/peer.pb.h"
#include "microovn/v1/service.grpc.pb.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

using google::longrunning::Operation;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Services = v1::OvnService::Stub;

class DatabaseRecoveryTest : public testing::Test {
 protected:
  DatabaseRecoveryTest() {
    api_.Change([](ClusterState& state) {
      statepb::Database nb;
      nb.set_name("nb");
      nb.set_created(true);
      nb.set_ovsdb_cluster_id("nb-uuid");
      for (const char* name : {"node1", "node2", "node3"}) {
        statepb::Member member = *FindMember(state, name);
        member.clear_services();
        member.add_services(statepb::SERVICE_CENTRAL);
        state.members.Put(member.member_id(), member);
        nb.add_joined_ids(member.member_id());
      }
      nb.set_creator_id(nb.joined_ids(0));
      state.databases.Put("nb", nb);
      statepb::FeatureLevel feature;
      feature.set_name(kFeatureDatabaseRecovery);
      feature.set_level(1);
      state.features.Put(feature.name(), feature);
    });
  }

  std::string IdOf(const std::string& name) {
    return FindMember(*membership().state(), name)->member_id();
  }
  FakeMembership& membership() { return api_.membership(); }

  // A server without a leader that has entries up to `end`, of which it does
  // not know `open` to be agreed on.
  peerpb::GetLocalStatusResponse Holds(const std::string& name, uint64_t end,
                                       uint64_t open = 0) {
    peerpb::GetLocalStatusResponse answer;
    answer.set_member_id(IdOf(name));
    peerpb::LocalDatabase* nb = answer.add_databases();
    nb->set_name("nb");
    nb->set_cluster_id("nb-uuid");
    nb->set_server_id("aaaa-" + name);
    nb->set_leaderless_millis(3'600'000);
    nb->mutable_replica()->set_status("disconnected from the cluster");
    nb->mutable_replica()->set_role("candidate");
    nb->mutable_replica()->set_log_end(end);
    nb->mutable_replica()->set_not_committed(open);
    peerpb::DatabaseServer* server = nb->add_servers();
    server->set_id("aaaa-" + name);
    server->set_self(true);
    return answer;
  }
  void Silence(const std::string& name) {
    membership().Answer(IdOf(name), absl::UnavailableError("no route"));
  }
  // Two of three are gone.
  void LoseTwo() {
    membership().Answer(IdOf("node1"), Holds("node1", 40));
    Silence("node2");
    Silence("node3");
    membership().SetVoters({IdOf("node1")});
  }
  absl::StatusOr<Operation> Recover(const std::vector<std::string>& risks,
                                    const std::string& member = "",
                                    bool dry = false,
                                    const std::string& name = "databases/nb") {
    v1::RecoverDatabaseRequest request;
    request.set_name(name);
    request.set_member(member);
    for (const std::string& risk : risks) request.add_accept_risks(risk);
    request.set_validate_only(dry);
    return Ask(api_.Socket(), &Services::RecoverDatabase, request);
  }
  v1::Plan PlanIn(const Operation& operation) {
    v1::OperationMetadata metadata;
    operation.metadata().UnpackTo(&metadata);
    return metadata.plan();
  }
  std::vector<std::string> Order() {
    std::vector<std::string> names;
    for (const DatabaseCopy& copy :
         CopiesOf(membership().Gather(true, true, absl::Seconds(1)), "nb")) {
      names.push_back(copy.member);
    }
    return names;
  }

  TestApi api_;
};

TEST_F(DatabaseRecoveryTest, TheCopyThatHoldsTheMostIsTheBest) {
  membership().Answer(IdOf("node1"), Holds("node1", 40));
  membership().Answer(IdOf("node2"), Holds("node2", 44));
  membership().Answer(IdOf("node3"), Holds("node3", 44));
  EXPECT_THAT(Order(), ElementsAre("node2", "node3", "node1"));
  // What was agreed on counts more than what an old leader had begun.
  membership().Answer(IdOf("node1"), Holds("node1", 50, 12));
  EXPECT_THAT(Order(), ElementsAre("node2", "node3", "node1"));
  membership().Answer(IdOf("node2"), Holds("node2", 46, 2));
  EXPECT_THAT(Order(), ElementsAre("node2", "node3", "node1"));

  peerpb::GetLocalStatusResponse other = Holds("node2", 99);
  other.mutable_databases(0)->set_cluster_id("another");
  membership().Answer(IdOf("node2"), other);
  peerpb::GetLocalStatusResponse joining = Holds("node3", 99);
  joining.mutable_databases(0)->mutable_replica()->set_status(
      "joining cluster");
  membership().Answer(IdOf("node3"), joining);
  EXPECT_THAT(Order(), ElementsAre("node1"));
}

TEST_F(DatabaseRecoveryTest, ThePlanSaysWhoseCopyItIsAndWhatIsLost) {
  LoseTwo();
  const auto planned = Recover({}, "", /*dry=*/true);
  ASSERT_OK(planned);
  const v1::Plan plan = PlanIn(*planned);
  EXPECT_EQ(plan.steps(0).description(),
            "make the Northbound database anew from the copy of node1");
  EXPECT_THAT(plan.steps(0).members(), ElementsAre("node1"));
  EXPECT_THAT(plan.steps(1).members(), ElementsAre("node2", "node3"));
  ASSERT_THAT(plan.warnings(), SizeIs(1));
  EXPECT_THAT(plan.warnings(0), HasSubstr("only node2, node3 have is lost"));
  EXPECT_EQ(plan.risks(0).name(), "data-loss");
  EXPECT_THAT(membership().proposals(), IsEmpty());

  membership().Answer(IdOf("node2"), Holds("node2", 30));
  const auto lesser = Recover({}, "members/node2", true);
  ASSERT_OK(lesser);
  EXPECT_THAT(PlanIn(*lesser).steps(0).description(), HasSubstr("node2"));
  EXPECT_THAT(PlanIn(*lesser).warnings(1),
              HasSubstr("10 entries that node1 has are lost"));
}

TEST_F(DatabaseRecoveryTest, BeginsWhenTheLossIsAccepted) {
  LoseTwo();
  EXPECT_THAT(Recover({}), HasReason("RISK_NOT_ACCEPTED"));
  EXPECT_THAT(membership().proposals(), IsEmpty());
  const auto started = Recover({"data-loss"});
  ASSERT_OK(started);
  EXPECT_FALSE(started->done());
  const statepb::Database* nb = membership().state()->databases.Find("nb");
  EXPECT_EQ(nb->creator_id(), IdOf("node1"));
  EXPECT_EQ(nb->replaced_cluster_id(), "nb-uuid");
  // The copies of the one that is given up still are the ones to choose from.
  membership().Answer(IdOf("node2"), Holds("node2", 41));
  EXPECT_THAT(Order(), ElementsAre("node2", "node1"));
  EXPECT_OK(Recover({"data-loss"}, "members/node2"));
}

TEST_F(DatabaseRecoveryTest, ADatabaseWithAQuorumIsLeftAlone) {
  LoseTwo();
  peerpb::GetLocalStatusResponse leads = Holds("node1", 40);
  leads.mutable_databases(0)->set_leader("aaaa-node1");
  leads.mutable_databases(0)->set_leaderless_millis(0);
  leads.mutable_databases(0)->mutable_servers(0)->set_address(
      "ssl:10.0.0.1:6643");
  leads.mutable_databases(0)->mutable_replica()->set_status("cluster member");
  leads.mutable_databases(0)->mutable_replica()->set_role("leader");
  membership().Answer(IdOf("node1"), leads);
  EXPECT_THAT(Recover({"data-loss"}), HasReason("DATABASE_HAS_QUORUM"));
  EXPECT_THAT(Recover({}, "", true), HasReason("DATABASE_HAS_QUORUM"));
  peerpb::GetLocalStatusResponse electing = Holds("node1", 40);
  electing.mutable_databases(0)->set_leaderless_millis(10);
  membership().Answer(IdOf("node1"), electing);
  EXPECT_THAT(Recover({"data-loss"}), HasReason("DATABASE_HAS_QUORUM"));
  const auto planned = Recover({"healthy-database"}, "", true);
  ASSERT_OK(planned);
  EXPECT_EQ(PlanIn(*planned).risks(1).name(), "healthy-database");
  EXPECT_OK(Recover({"healthy-database", "data-loss"}));
}

TEST_F(DatabaseRecoveryTest, WhatCannotBeIsRefused) {
  LoseTwo();
  EXPECT_THAT(Recover({}, "", true, "databases/xb"),
              HasReason("BAD_RESOURCE_NAME"));
  EXPECT_THAT(Recover({}, "", true, "nb"), HasReason("BAD_RESOURCE_NAME"));
  EXPECT_THAT(Recover({}, "", true, "databases/sb"),
              HasReason("NO_DATABASE_COPY"));
  EXPECT_THAT(Recover({}, "members/node9", true),
              HasReason("MEMBER_NOT_FOUND"));
  EXPECT_THAT(Recover({}, "members/node2", true),
              HasReason("NO_DATABASE_COPY"));
  Silence("node1");
  EXPECT_FALSE(Recover({}, "", true).ok());
  api_.Change([](ClusterState& state) {
    state.features.Erase(kFeatureDatabaseRecovery);
  });
  membership().SetVoters({IdOf("node1")});
  EXPECT_THAT(Recover({"data-loss"}), HasReason("FEATURE_NOT_SUPPORTED"));
}

}  // namespace
}  // namespace microovn::agent
