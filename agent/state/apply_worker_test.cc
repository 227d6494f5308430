// SPDX-License-Identifier: Apache-2.0
// What a member is that its token has made a worker, and what it never gets.
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "agent/state/apply.h"
#include "agent/state/store/state_codec.h"
#include "agent/state/testing/admission.h"
#include "agent/state/testing/certificates.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/arguments.h"
#include "agent/state/values/features.h"
#include "agent/state/values/key_holders.h"
#include "agent/state/values/worker.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using statepb::Command;
using testing::ElementsAre;

Command WorkerToken(const std::string& name) {
  Command token = CreateTokenCommand(name);
  token.mutable_create_token()->mutable_token()->set_worker(true);
  return token;
}

Command AdmitWith(const std::string& name,
                  const std::vector<statepb::Service>& services) {
  Command admit = AdmitCommand(name);
  statepb::AdmitMember* body = admit.mutable_admit_member();
  body->set_default_services(false);
  for (const statepb::Service service : services) {
    body->mutable_member()->add_services(service);
  }
  SignAdmission(*body, name, TestId("cluster"));
  return admit;
}

// node1 and the worker node2.
ClusterState WithWorker() {
  ClusterState state = TestCluster({"node1"});
  MustApply(state, WorkerToken("node2"));
  MustApply(state, AdmitCommand("node2"));
  MustApply(state, ConfirmCommand("node2"));
  return state;
}

const statepb::Member& MemberOf(const ClusterState& state,
                                const std::string& name) {
  return *state.members.Find(TestId(name));
}

TEST(WorkerTest, ItsTokenMakesItOneWhateverTheJoinerSays) {
  ClusterState state = WithWorker();
  EXPECT_TRUE(MemberOf(state, "node2").worker());
  EXPECT_FALSE(MemberOf(state, "node1").worker());
  // Neither does a joiner make itself one, nor anything else.
  MustApply(state, CreateTokenCommand("node3"));
  Command admit = AdmitCommand("node3");
  admit.mutable_admit_member()->mutable_member()->set_worker(true);
  MustApply(state, admit);
  EXPECT_FALSE(MemberOf(state, "node3").worker());
  MustApply(state, WorkerToken("node4"));
  admit = AdmitCommand("node4");
  admit.mutable_admit_member()->mutable_member()->set_worker(false);
  MustApply(state, admit);
  EXPECT_TRUE(MemberOf(state, "node4").worker());
}

TEST(WorkerTest, StaysOneUntilItIsRemoved) {
  ClusterState state = WithWorker();
  Command renew = CommandAt(kTestTime);
  renew.mutable_renew_member()->set_member_id(TestId("node2"));
  renew.mutable_renew_member()->set_certificate_pem(
      TestMember("node2").certificate_pem());
  renew.mutable_renew_member()->add_spki_sha256(TestKeyDigest("node2"));
  MustApply(state, renew);
  MustApply(state, ReportCommand(state, "node2", false));
  EXPECT_TRUE(MemberOf(state, "node2").worker());
  // A token for its name is no way out.
  Command token = CreateTokenCommand("node2");
  token.mutable_create_token()->mutable_token()->set_token_id(TestId("second"));
  EXPECT_EQ(Apply(state, token).reason(), "MEMBER_NAME_TAKEN");
  MustApply(state, RemovalCommand("node2", "remove"));
  Command forget = CommandAt(kTestTime);
  forget.mutable_remove_member()->set_member_id(TestId("node2"));
  MustApply(state, forget);
  MustApply(state, token);
  Command anew = AdmitCommand("node2");
  statepb::AdmitMember* body = anew.mutable_admit_member();
  body->set_token_id(TestId("second"));
  body->mutable_member()->set_member_id(TestId("another"));
  body->mutable_member()->set_spki_sha256(0, TestKeyDigest("another"));
  body->mutable_member()->set_certificate_pem(TestCertificatePem("another"));
  body->clear_certificates();
  SignAdmission(*body, "node2", TestId("cluster"));
  MustApply(state, anew);
  EXPECT_FALSE(MemberOf(state, "another").worker());
}

// What was given back is the same token.
TEST(WorkerTest, AJoinThatIsTakenBackLeavesAWorkersToken) {
  ClusterState state = TestCluster({"node1"});
  MustApply(state, WorkerToken("node2"));
  MustApply(state, AdmitCommand("node2"));
  Command back = CommandAt(kTestTime);
  back.mutable_take_back_member()->set_member_id(TestId("node2"));
  MustApply(state, back);
  EXPECT_TRUE(state.tokens.Find(TestId("token-node2"))->worker());
}

TEST(WorkerTest, RunsChassisAndSwitchOnly) {
  ClusterState state = WithWorker();
  // The second of three centrals it would be.
  EXPECT_THAT(MemberOf(state, "node2").services(),
              ElementsAre(statepb::SERVICE_CHASSIS, statepb::SERVICE_SWITCH));
  EXPECT_EQ(Apply(state, ServiceCommand("node2", statepb::SERVICE_CENTRAL, true,
                                        "enable"))
                .reason(),
            "WORKER_SERVICE");
  Command set = CommandAt(kTestTime);
  set.mutable_set_member_services()->set_member_id(TestId("node2"));
  set.mutable_set_member_services()->add_services(statepb::SERVICE_CENTRAL);
  EXPECT_EQ(Apply(state, set).reason(), "WORKER_SERVICE");
  MustApply(state,
            ServiceCommand("node2", statepb::SERVICE_SWITCH, false, "disable"));

  MustApply(state, WorkerToken("node3"));
  const Command central =
      AdmitWith("node3", {statepb::SERVICE_CENTRAL, statepb::SERVICE_CHASSIS});
  EXPECT_EQ(Apply(state, central).reason(), "WORKER_SERVICE");
  EXPECT_EQ(state.tokens.Find(TestId("token-node3"))->state(),
            statepb::JoinToken::STATE_ACTIVE)
      << "the token is as good as before";
  MustApply(state, AdmitWith("node3", {statepb::SERVICE_CHASSIS}));
  EXPECT_THAT(MemberOf(state, "node3").services(),
              ElementsAre(statepb::SERVICE_CHASSIS));
}

// Neither by the leader, should it want to, nor by its own word.
TEST(WorkerTest, NoCaKeyIsSealedForIt) {
  ClusterState state = WithWorker();
  EXPECT_FALSE(CanHoldKeys(state, TestId("node2")));
  EXPECT_TRUE(CanHoldKeys(state, TestId("node1")));
  Command set = CommandAt(kTestTime);
  statepb::SetAuthority* body = set.mutable_set_authority();
  *body->mutable_authority() = *state.authorities.Find("ovn");
  body->set_expected_generation(body->authority().generation());
  body->add_expected_sealed_for(TestId("node1"));
  const auto before = EncodeState(state);
  const std::function<void(statepb::Authority&)> places[] = {
      [](statepb::Authority& a) { a.add_sealed_for(TestId("node2")); },
      [](statepb::Authority& a) {
        *a.mutable_other() = TestAuthority(statepb::PLANE_OVN,
                                           {TestId("node1"), TestId("node2")});
      },
  };
  for (const auto& place : places) {
    Command command = set;
    place(*command.mutable_set_authority()->mutable_authority());
    EXPECT_EQ(Apply(state, command).reason(), "COMMAND_MALFORMED");
  }
  Command request = CommandAt(kTestTime);
  statepb::RequestAuthority* requested = request.mutable_request_authority();
  requested->set_plane(statepb::PLANE_OVN);
  requested->set_sealed_key("sealed");
  requested->set_request_pem(
      "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n"
      "-----END CERTIFICATE REQUEST-----\n");
  requested->add_sealed_for(TestId("node2"));
  EXPECT_EQ(Apply(state, request).reason(), "COMMAND_MALFORMED");
  EXPECT_EQ(EncodeState(state), before);

  // Every member has the ciphertext, and could say that it opens it.
  Command lie = CommandAt(kTestTime);
  lie.mutable_set_sealing_certificate()->set_member_id(TestId("node2"));
  lie.mutable_set_sealing_certificate()->set_sealing_certificate_pem(
      TestMember("node2").sealing_certificate_pem());
  lie.mutable_set_sealing_certificate()->add_opened(
      state.authorities.Find("ovn")->sealed_key());
  MustApply(state, lie);
  for (const char* plane : {"ovn", "cluster"}) {
    EXPECT_THAT(state.authorities.Find(plane)->sealed_for(),
                ElementsAre(TestId("node1")));
  }
}

TEST(WorkerTest, SomebodyElseIsLeft) {
  ClusterState state = WithWorker();
  EXPECT_EQ(Apply(state, RemovalCommand("node1", "remove")).reason(),
            "ONLY_WORKERS_LEFT");
  MustApply(state, RemovalCommand("node2", "remove"));
}

// Removed by force it takes no key of a CA along.
TEST(WorkerTest, CouldOpenNoKeyWhenItIsRemoved) {
  ClusterState state = WithWorker();
  Command removal = RemovalCommand("node2", "remove");
  removal.mutable_start_operation()->mutable_operation()->set_force(true);
  MustApply(state, removal);
  EXPECT_FALSE(state.operations.Find(TestId("remove"))->could_open_keys());
  Command forget = CommandAt(kTestTime);
  forget.mutable_remove_member()->set_member_id(TestId("node2"));
  MustApply(state, forget);
  EXPECT_EQ(state.authorities.Find("ovn")->rotation_due(), "node2")
      << "it has certificates of that one";
  EXPECT_EQ(state.authorities.Find("cluster")->rotation_due(), "");
}

TEST(WorkerTest, EventsSayThatItIsOne) {
  const ClusterState state = WithWorker();
  std::vector<std::string> told;
  for (const auto& [key, event] : state.events.records()) {
    if (HasArgument(FromList(event->arguments()), "worker")) {
      told.push_back(event->type());
    }
  }
  EXPECT_THAT(told, ElementsAre("TOKEN_CREATED", "MEMBER_ADDED"));
}

// An agent of before keeps the word of a token as a field that it does not
// know, and makes its member like any other: so does every agent until the last
// of them is upgraded.
TEST(WorkerTest, UntilAllMembersKnowWorkersThereAreNone) {
  ClusterState state = TestCluster({"node1"});
  state.features.Erase(kFeatureWorkers);
  EXPECT_THAT(RequireWorkers(state), HasReason("FEATURE_NOT_SUPPORTED"));
  MustApply(state, WorkerToken("node2"));
  Command admit = AdmitCommand("node2");
  auto& features =
      *admit.mutable_admit_member()->mutable_member()->mutable_features();
  features.erase(std::remove_if(features.begin(), features.end(),
                                [](const statepb::FeatureLevel& feature) {
                                  return feature.name() == kFeatureWorkers;
                                }),
                 features.end());
  SignAdmission(*admit.mutable_admit_member(), "node2", TestId("cluster"));
  MustApply(state, admit);
  EXPECT_FALSE(MemberOf(state, "node2").worker());
  EXPECT_THAT(std::string(RequireWorkers(state).message()),
              testing::HasSubstr("node2"));
  Command report = ReportCommand(state, "node2", false);
  *report.mutable_report_member()->mutable_features() = AnnouncedFeatures();
  MustApply(state, report);
  EXPECT_THAT(RequireWorkers(state), IsOk());
  MustApply(state, WorkerToken("node3"));
  MustApply(state, AdmitCommand("node3"));
  EXPECT_TRUE(MemberOf(state, "node3").worker());
}

}  // namespace
}  // namespace microovn::agent
