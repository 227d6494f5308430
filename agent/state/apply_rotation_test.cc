// SPDX-License-Identifier: Apache-2.0
// A CA's rotation in the replicated state: its phases, what is waited for, how
// it is given up, and when a removal calls for one.
#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "agent/state/apply.h"
#include "agent/state/operation/operation_table.h"
#include "agent/state/operation/rotate_authority.h"
#include "agent/state/plan/plan.h"
#include "agent/state/testing/certificates.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/cluster_state.h"
#include "agent/state/values/result.h"
#include "base/status/error.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "microovn/v1/certificate.pb.h"

namespace microovn::agent {
namespace {

using statepb::Authority;
using statepb::Command;
using statepb::Operation;
using statepb::OperationStep;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr auto kOvn = statepb::PLANE_OVN;

std::string Pem(absl::string_view word) { return TestCertificatePem(word); }

class RotationTest : public testing::Test {
 protected:
  const Authority& Ca(statepb::Plane plane = kOvn) {
    return *state_.authorities.Find(AuthorityKey(plane));
  }

  Authority Successor(absl::string_view word, bool user_supplied = false) {
    Authority successor;
    successor.set_plane(kOvn);
    successor.set_certificate_pem(Pem(word));
    successor.set_sealed_key(absl::StrCat("sealed-", word));
    *successor.mutable_sealed_for() = Ca().sealed_for();
    successor.set_user_supplied(user_supplied);
    return successor;
  }

  Command Start(absl::string_view word, bool user_supplied = false,
                bool force = false) {
    Command command = CommandAt(kTestTime);
    *command.mutable_start_operation()->mutable_operation() =
        RotationOf(TestId(absl::StrCat("rotation-", word)),
                   Successor(word, user_supplied), force);
    return command;
  }

  std::string Refusal(const Command& command) {
    return ReasonOf(StatusOfResult(Apply(state_, command)));
  }

  const Operation& Rotation(absl::string_view word) {
    return *state_.operations.Find(TestId(absl::StrCat("rotation-", word)));
  }

  // The member has done, and seen, what the CA's record says.
  void Says(const std::string& name, bool published, bool observed) {
    Command command = ReportCommand(state_, name, true);
    statepb::MemberReport& report =
        *command.mutable_report_member()->mutable_report();
    const statepb::MemberReport* last = state_.reports.Find(TestId(name));
    if (last != nullptr) report = *last;
    if (published) report.set_ovn_published_generation(Ca().generation());
    if (observed) report.set_ovn_observed_generation(Ca().generation());
    MustApply(state_, command);
  }
  void AllSay() {
    for (const char* name : {"node1", "node2", "node3"}) Says(name, true, true);
  }

  StepOutcome Look(absl::string_view word, const std::string& step) {
    const OperationView view{state_, Rotation(word), facts_};
    for (const OperationStep& known : Rotation(word).steps()) {
      if (known.id() == step) return RotateOvnCaKind().evaluate(view, known);
    }
    ADD_FAILURE() << "no step " << step;
    return {};
  }

  // What the leader's runner does, up to `step`.
  void ReachAndFinish(absl::string_view word, const std::string& last) {
    const Operation begun = Rotation(word);
    for (const OperationStep& step : begun.steps()) {
      Finish(word, step.id());
      if (step.id() == last) return;
    }
  }
  void Finish(absl::string_view word, const std::string& step) {
    for (int i = 0; i < 20; ++i) {
      const StepOutcome outcome = Look(word, step);
      if (outcome.state == OperationStep::STATE_DONE) return;
      if (outcome.command.has_value()) {
        Command command = *outcome.command;
        command.set_format(CommandAt(kTestTime).format());
        MustApply(state_, command);
      }
      AllSay();
    }
    FAIL() << step << " does not end";
  }

  Command Cancel(absl::string_view word) {
    Command command = CommandAt(kTestTime);
    command.mutable_cancel_operation()->set_operation_id(
        TestId(absl::StrCat("rotation-", word)));
    return command;
  }

  ClusterState state_ = TestCluster({"node1", "node2", "node3"});
  OperationFacts facts_;
};

TEST_F(RotationTest, TheSuccessorIsTrustedBeforeItIssues) {
  const Authority before = Ca();
  const uint64_t desired = state_.desired_revision();
  MustApply(state_, Start("new"));
  EXPECT_EQ(Ca().certificate_pem(), before.certificate_pem()) << "still issues";
  EXPECT_EQ(Ca().bundle_pem(),
            absl::StrCat(before.certificate_pem(), Pem("new")));
  EXPECT_EQ(Ca().other().sealed_key(), "sealed-new");
  EXPECT_EQ(Ca().generation(), before.generation() + 1);
  EXPECT_GT(state_.desired_revision(), desired) << "members look at it";
  EXPECT_FALSE(Rotation("new").has_successor()) << "no key stays in a record";
  EXPECT_THAT(Rotation("new").steps(), testing::SizeIs(5));
}

TEST_F(RotationTest, EachPhaseWaitsForWhatMembersHaveSeen) {
  MustApply(state_, Start("new"));
  Says("node1", true, true);
  Says("node2", true, false);
  facts_.silent_ids = {TestId("node3")};
  StepOutcome outcome = Look("new", "distribute-ca");
  EXPECT_EQ(outcome.state, OperationStep::STATE_RUNNING);
  EXPECT_EQ(outcome.detail, "waiting for node2, node3 (does not answer)");
  AllSay();
  EXPECT_EQ(Look("new", "distribute-ca").state, OperationStep::STATE_DONE);

  outcome = Look("new", "reissue-certificates");
  ASSERT_TRUE(outcome.command.has_value());
  outcome.command->set_format(CommandAt(kTestTime).format());
  MustApply(state_, *outcome.command);
  EXPECT_EQ(Ca().certificate_pem(), Pem("new"));
  EXPECT_EQ(Ca().sealed_key(), "sealed-new");
  EXPECT_EQ(Ca().other().sealed_key(), "sealed");
  EXPECT_THAT(Ca().bundle_pem(), testing::StartsWith(Pem("new")));
  EXPECT_THAT(Look("new", "reissue-certificates").detail, HasSubstr("node1"))
      << "an earlier word of the member does not count any more";
  for (const char* name : {"node1", "node2", "node3"}) Says(name, true, false);
  EXPECT_EQ(Look("new", "reissue-certificates").state,
            OperationStep::STATE_DONE);
  EXPECT_EQ(Look("new", "verify-certificates").state,
            OperationStep::STATE_RUNNING)
      << "published is not served";
  AllSay();
  EXPECT_EQ(Look("new", "verify-certificates").state,
            OperationStep::STATE_DONE);
  ReachAndFinish("new", "retire-ca");
  EXPECT_EQ(Ca().bundle_pem(), Pem("new"));
  EXPECT_FALSE(Ca().has_other()) << "the old key is forgotten";
}

TEST_F(RotationTest, OnlyForceSetsMembersAside) {
  MustApply(state_, Start("new"));
  Says("node1", true, true);
  Says("node2", true, true);
  facts_.silent_ids = {TestId("node3")};
  EXPECT_EQ(Look("new", "distribute-ca").state, OperationStep::STATE_RUNNING);
  MustApply(state_, Start("other", false, /*force=*/true));
  const StepOutcome outcome = Look("new", "distribute-ca");
  EXPECT_EQ(outcome.state, OperationStep::STATE_DONE);
  EXPECT_EQ(outcome.detail, "set aside: node3");
  facts_.silent_ids.clear();
  EXPECT_EQ(Look("new", "distribute-ca").state, OperationStep::STATE_RUNNING)
      << "who answers is waited for";
}

TEST_F(RotationTest, TheSecondGoesOnWithTheFirstOrIsRefused) {
  MustApply(state_, Start("new"));
  const auto again = Apply(state_, Start("newer"));
  EXPECT_OK(StatusOfResult(again));
  EXPECT_EQ(again.operation().operation_id(), TestId("rotation-new"));
  EXPECT_EQ(Refusal(Start("mine", /*user_supplied=*/true)),
            "ROTATION_UNDER_WAY");
  ReachAndFinish("new", "retire-ca");
  EXPECT_EQ(Refusal(Start("mine", true)), "ROTATION_UNDER_WAY")
      << "until its record has ended";
}

TEST_F(RotationTest, RefusesWhatCannotBe) {
  const struct {
    const char* reason;
    std::function<void(Authority&)> spoil;
  } cases[] = {
      {"AUTHORITY_CHANGED", [](Authority& ca) { ca.clear_sealed_for(); }},
      {"COMMAND_MALFORMED",
       [](Authority& ca) { ca.set_plane(statepb::PLANE_CLUSTER); }},
      {"COMMAND_MALFORMED",
       [](Authority& ca) { ca.set_sealed_key("-----BEGIN PRIVATE KEY-----"); }},
      {"CA_IN_USE",
       [&](Authority& ca) { ca.set_certificate_pem(Ca().certificate_pem()); }},
  };
  for (const auto& test : cases) {
    Command command = Start("new");
    test.spoil(*command.mutable_start_operation()
                    ->mutable_operation()
                    ->mutable_successor());
    EXPECT_EQ(Refusal(command), test.reason);
  }
  EXPECT_EQ(Ca().generation(), 1) << "nothing was changed";
}

TEST_F(RotationTest, AnAgentThatCannotFollowKeepsItFromBeginning) {
  state_.features.Erase("ca-rotation");
  EXPECT_EQ(Refusal(Start("new")), "COMMAND_MALFORMED")
      << "as an agent says that does not know the kind";
}

TEST_F(RotationTest, NobodyIsWaitedForWhenTheOldCaEnds) {
  MustApply(state_, Start("new"));
  Says("node1", true, true);
  Says("node2", true, true);
  facts_.silent_ids = {TestId("node3")};
  facts_.ending = {"cluster"};
  EXPECT_EQ(Look("new", "distribute-ca").state, OperationStep::STATE_RUNNING)
      << "another one";
  facts_.ending = {"ovn"};
  const StepOutcome outcome = Look("new", "distribute-ca");
  EXPECT_EQ(outcome.state, OperationStep::STATE_DONE);
  EXPECT_EQ(outcome.detail, "set aside: node3");
}

TEST_F(RotationTest, OneThatNearsItsEndIsToldOf) {
  Command command = Start("new");
  command.mutable_start_operation()->mutable_operation()->set_at_its_end(true);
  MustApply(state_, command);
  EXPECT_TRUE(Rotation("new").at_its_end());
  int told = 0;
  for (const auto& [key, event] : state_.events.records()) {
    told += event->type() == "CA_RENEWAL_DUE" ? 1 : 0;
  }
  EXPECT_EQ(told, 1);
}

TEST_F(RotationTest, ADueRenewalBeginsOnceAndNeverAUsersCa) {
  EXPECT_THAT(DueRotations(state_, {}), testing::IsEmpty());
  EXPECT_THAT(DueRotations(state_, {"ovn"}), testing::SizeIs(1));
  MustApply(state_, Start("new"));
  EXPECT_THAT(DueRotations(state_, {"ovn"}), testing::IsEmpty());
  ReachAndFinish("new", "retire-ca");
  Authority theirs = Ca();
  theirs.set_user_supplied(true);
  state_.authorities.Put("ovn", theirs);
  EXPECT_THAT(DueRotations(state_, {"ovn"}), testing::IsEmpty());
}

// The old CA's key is not needed for anything: who can open nothing takes a
// successor that is sealed for others.
TEST_F(RotationTest, ASealedCaIsRotatedAwayFrom) {
  Authority sealed = Ca();
  sealed.clear_sealed_for();
  state_.authorities.Put("ovn", sealed);
  Command command = Start("new");
  Authority& successor = *command.mutable_start_operation()
                              ->mutable_operation()
                              ->mutable_successor();
  EXPECT_EQ(Refusal(command), "AUTHORITY_CHANGED") << "for nobody";
  successor.add_sealed_for(TestId("stranger"));
  EXPECT_EQ(Refusal(command), "AUTHORITY_CHANGED");
  successor.set_sealed_for(0, TestId("node2"));
  MustApply(state_, command);
  EXPECT_THAT(Ca().sealed_for(), testing::IsEmpty());
  EXPECT_THAT(Ca().other().sealed_for(), ElementsAre(TestId("node2")));
  ReachAndFinish("new", "reissue-certificates");
  EXPECT_THAT(Ca().sealed_for(), ElementsAre(TestId("node2")));
  EXPECT_THAT(Ca().other().sealed_for(), testing::IsEmpty());
  ReachAndFinish("new", "retire-ca");
  EXPECT_EQ(Ca().certificate_pem(), Pem("new"));
}

TEST_F(RotationTest, WhoseSealingKeyIsOutOfReachOpensNothing) {
  Command report = ReportCommand(state_, "node1", true);
  report.mutable_report_member()
      ->mutable_report()
      ->set_sealing_key_out_of_reach(true);
  ASSERT_THAT(Ca().sealed_for(), ElementsAre(TestId("node1")));
  Command command = Start("new");
  command.mutable_start_operation()
      ->mutable_operation()
      ->mutable_successor()
      ->set_sealed_for(0, TestId("node2"));
  EXPECT_EQ(Refusal(command), "AUTHORITY_CHANGED") << "node1 can open it";
  MustApply(state_, report);
  MustApply(state_, command);
}

TEST_F(RotationTest, AKeyIsLostInEachPlaceWhereItsMemberHadIt) {
  MustApply(state_, Start("new"));
  Command lost = CommandAt(kTestTime);
  statepb::SetSealingCertificate* body = lost.mutable_set_sealing_certificate();
  body->set_member_id(TestId("node1"));
  body->set_sealing_certificate_pem(TestMember("node1").certificate_pem());
  body->add_opened("sealed-new");
  MustApply(state_, lost);
  EXPECT_THAT(Ca().sealed_for(), testing::IsEmpty());
  EXPECT_THAT(Ca().other().sealed_for(), ElementsAre(TestId("node1")));
}

Command RequestOf(absl::string_view word) {
  Command command = CommandAt(kTestTime);
  statepb::RequestAuthority* body = command.mutable_request_authority();
  body->set_plane(kOvn);
  body->set_sealed_key(absl::StrCat("sealed-", word));
  body->add_sealed_for(TestId("node1"));
  body->set_request_pem(absl::StrCat("-----BEGIN CERTIFICATE REQUEST-----\n",
                                     word,
                                     "\n-----END CERTIFICATE REQUEST-----\n"));
  return command;
}

TEST_F(RotationTest, ARequestedCaIsTakenOnceItsCertificateComes) {
  MustApply(state_, RequestOf("first"));
  MustApply(state_, RequestOf("mine"));
  EXPECT_EQ(Ca().generation(), 1) << "nothing that members do has changed";
  EXPECT_THAT(Ca().requested().request_pem(), HasSubstr("mine"));
  Command command = Start("mine", /*user_supplied=*/true);
  Authority& successor = *command.mutable_start_operation()
                              ->mutable_operation()
                              ->mutable_successor();
  successor.set_from_request(true);
  successor.set_sealed_key("sealed-first");
  EXPECT_EQ(Refusal(command), "AUTHORITY_CHANGED") << "its key is gone";
  successor.set_sealed_key("sealed-mine");
  MustApply(state_, command);
  EXPECT_EQ(Refusal(RequestOf("late")), "ROTATION_UNDER_WAY");
  ReachAndFinish("mine", "verify-certificates");
  EXPECT_TRUE(Ca().has_requested()) << "it may still be cancelled";
  ReachAndFinish("mine", "retire-ca");
  EXPECT_EQ(Ca().sealed_key(), "sealed-mine");
  EXPECT_TRUE(Ca().user_supplied());
  EXPECT_FALSE(Ca().has_requested());
  EXPECT_FALSE(Ca().from_request());
}

TEST_F(RotationTest, ARequestOutlastsAnotherCasRotation) {
  MustApply(state_, RequestOf("mine"));
  MustApply(state_, Start("new"));
  ReachAndFinish("new", "retire-ca");
  EXPECT_TRUE(Ca().has_requested());
}

TEST_F(RotationTest, AMalformedRequestIsRefused) {
  const auto with = [](auto change) {
    Command command = RequestOf("mine");
    change(*command.mutable_request_authority());
    return command;
  };
  using Body = statepb::RequestAuthority;
  for (const Command& command :
       {with([](Body& body) { body.set_plane(statepb::PLANE_CLUSTER); }),
        with([](Body& body) { body.clear_plane(); }),
        with([](Body& body) { body.clear_sealed_key(); }),
        with([](Body& body) { body.set_sealed_key("PRIVATE KEY"); }),
        with([](Body& body) { body.clear_sealed_for(); }),
        with([](Body& body) { body.set_request_pem(Pem("x")); }),
        with([](Body& body) {
          body.mutable_request_pem()->append("PRIVATE KEY");
        })}) {
    EXPECT_EQ(Refusal(command), "COMMAND_MALFORMED");
  }
  EXPECT_EQ(Refusal(with([](Body& body) {
              body.set_sealed_for(0, TestId("stranger"));
            })),
            "MEMBER_NOT_FOUND");
  state_.features.Erase("ca-request");
  EXPECT_NE(Refusal(RequestOf("mine")), "");
}

TEST_F(RotationTest, CancelledBeforeAnythingWasIssuedItIsGone) {
  const Authority before = Ca();
  MustApply(state_, Start("new"));
  MustApply(state_, Cancel("new"));
  EXPECT_EQ(Ca().certificate_pem(), before.certificate_pem());
  EXPECT_EQ(Ca().bundle_pem(), before.certificate_pem());
  EXPECT_FALSE(Ca().has_other());
  EXPECT_EQ(Ca().generation(), before.generation() + 2);
  EXPECT_OK(StatusOfResult(Apply(state_, Start("newer"))));
}

TEST_F(RotationTest, CancelledLaterItIsTrustedUntilNothingOfItIsLeft) {
  const Authority before = Ca();
  MustApply(state_, Start("new"));
  ReachAndFinish("new", "reissue-certificates");
  MustApply(state_, Cancel("new"));
  EXPECT_EQ(Ca().certificate_pem(), before.certificate_pem()) << "issues again";
  EXPECT_EQ(Ca().sealed_key(), before.sealed_key());
  EXPECT_THAT(Ca().bundle_pem(), HasSubstr(Pem("new")));
  EXPECT_EQ(Refusal(Start("newer")), "ROTATION_UNDER_WAY");
  EXPECT_FALSE(FinishUndone(state_).has_value()) << "some have not come back";
  AllSay();
  auto finish = FinishUndone(state_);
  ASSERT_TRUE(finish.has_value());
  finish->set_format(CommandAt(kTestTime).format());
  MustApply(state_, *finish);
  EXPECT_EQ(Ca().bundle_pem(), before.certificate_pem());
  EXPECT_FALSE(FinishUndone(state_).has_value());
  EXPECT_OK(StatusOfResult(Apply(state_, Start("newer"))));
}

TEST_F(RotationTest, RetiredItCannotBeCancelled) {
  MustApply(state_, Start("new"));
  ReachAndFinish("new", "retire-ca");
  EXPECT_EQ(Refusal(Cancel("new")), "OPERATION_NOT_CANCELLABLE");
  EXPECT_FALSE(FinishUndone(state_).has_value());
}

TEST_F(RotationTest, NeitherAnotherOperationNorALeapAdvancesIt) {
  MustApply(state_, Start("new"));
  Command command = CommandAt(kTestTime);
  statepb::AdvanceRotation* body = command.mutable_advance_rotation();
  body->set_plane(kOvn);
  body->set_operation_id(TestId("rotation-another"));
  body->set_to(Authority::PHASE_REISSUE);
  EXPECT_EQ(Refusal(command), "AUTHORITY_CHANGED");
  body->set_operation_id(TestId("rotation-new"));
  body->set_to(Authority::PHASE_UNSPECIFIED);
  EXPECT_EQ(Refusal(command), "AUTHORITY_CHANGED") << "nothing is issued yet";
  body->set_to(Authority::PHASE_REISSUE);
  MustApply(state_, command);
  EXPECT_EQ(Refusal(command), "AUTHORITY_CHANGED") << "twice";
}

TEST_F(RotationTest, WhatLeavesIsWaitedForBeforeTheOldCaGoes) {
  MustApply(state_, Start("new"));
  ReachAndFinish("new", "verify-certificates");
  MustApply(state_, RemovalCommand("node3", "removal"));
  const StepOutcome outcome = Look("new", "retire-ca");
  EXPECT_FALSE(outcome.command.has_value());
  EXPECT_EQ(outcome.detail, "waiting for the removal of node3");
}

TEST_F(RotationTest, AnswersWithEachMembersCertificates) {
  MustApply(state_, Start("new"));
  ReachAndFinish("new", "distribute-ca");
  Command advance = *Look("new", "reissue-certificates").command;
  advance.set_format(CommandAt(kTestTime).format());
  MustApply(state_, advance);
  Says("node1", true, true);
  Says("node2", true, true);
  google::protobuf::Any any;
  RotateOvnCaKind().result(state_, Rotation("new"), &any);
  v1::RotateAuthorityResult result;
  ASSERT_TRUE(any.UnpackTo(&result));
  EXPECT_TRUE(result.issued());
  ASSERT_EQ(result.members_size(), 3);
  EXPECT_EQ(result.members(0).member(), "node1");
  EXPECT_THAT(
      result.members(0).reissued(),
      ElementsAre("ovnnb", "ovnsb", "ovn-northd", "ovn-controller", "client"));
  EXPECT_THAT(result.members(2).reissued(), ElementsAre());
  EXPECT_THAT(result.members(2).failed(), Not(ElementsAre()));
  ASSERT_EQ(result.errors_size(), 1);
  EXPECT_THAT(result.errors(0), HasSubstr("node3 was set aside"));
}

TEST_F(RotationTest, ResealingKeepsWhatARotationHas) {
  MustApply(state_, Start("new"));
  Command command = CommandAt(kTestTime);
  statepb::SetAuthority* body = command.mutable_set_authority();
  *body->mutable_authority() = Ca();
  body->mutable_authority()->mutable_other()->set_sealed_key("sealed-again");
  body->set_expected_generation(Ca().generation());
  *body->mutable_expected_sealed_for() = Ca().sealed_for();
  MustApply(state_, command);
  EXPECT_EQ(Ca().other().sealed_key(), "sealed-again");
  EXPECT_EQ(Ca().phase(), Authority::PHASE_DISTRIBUTE);
  body->set_expected_generation(Ca().generation() - 1);
  EXPECT_EQ(Refusal(command), "AUTHORITY_CHANGED");
}

class RemovalTest : public RotationTest {
 protected:
  // Removes node3 by force; it has stopped by itself when `stopped`.
  void Remove(bool force, bool stopped, bool keeps = false) {
    Command removal = RemovalCommand("node3", "removal");
    Operation* asked = removal.mutable_start_operation()->mutable_operation();
    asked->set_force(force);
    asked->set_keeps_authorities(keeps);
    MustApply(state_, removal);
    const Operation& known = *state_.operations.Find(TestId("removal"));
    Command command = CommandAt(kTestTime);
    statepb::UpdateOperation* update = command.mutable_update_operation();
    update->set_operation_id(known.operation_id());
    update->set_expected_updates(known.updates());
    *update->mutable_steps() = known.steps();
    for (OperationStep& step : *update->mutable_steps()) {
      step.set_state(step.id() == kStepStopServices && !stopped
                         ? OperationStep::STATE_SKIPPED
                         : OperationStep::STATE_DONE);
    }
    MustApply(state_, command);
    Command forget = CommandAt(kTestTime);
    forget.mutable_remove_member()->set_member_id(TestId("node3"));
    MustApply(state_, forget);
  }

  void SealFor(const std::string& name) {
    for (const auto plane : {statepb::PLANE_OVN, statepb::PLANE_CLUSTER}) {
      Command command = CommandAt(kTestTime);
      statepb::SetAuthority* body = command.mutable_set_authority();
      *body->mutable_authority() = Ca(plane);
      *body->mutable_expected_sealed_for() = Ca(plane).sealed_for();
      body->set_expected_generation(Ca(plane).generation());
      body->mutable_authority()->add_sealed_for(TestId(name));
      MustApply(state_, command);
    }
  }
};

TEST_F(RemovalTest, ByForceCallsForANewOvnCa) {
  Remove(/*force=*/true, /*stopped=*/false);
  EXPECT_EQ(Ca().rotation_due(), "node3");
  EXPECT_EQ(Ca(statepb::PLANE_CLUSTER).rotation_due(), "")
      << "its registered key is gone with it";
  MustApply(state_, Start("new"));
  EXPECT_EQ(Ca().rotation_due(), "") << "begun";
}

TEST_F(RemovalTest, OfWhoCouldOpenTheKeysCallsForBoth) {
  SealFor("node3");
  Remove(true, false);
  EXPECT_EQ(Ca().rotation_due(), "node3");
  EXPECT_EQ(Ca(statepb::PLANE_CLUSTER).rotation_due(), "node3");
}

TEST_F(RemovalTest, OfWhoHasStoppedByItselfCallsForNone) {
  SealFor("node3");
  Remove(true, /*stopped=*/true);
  EXPECT_EQ(Ca().rotation_due(), "");
}

TEST_F(RemovalTest, CanBeAskedToKeepTheCas) {
  SealFor("node3");
  Remove(true, false, /*keeps=*/true);
  EXPECT_EQ(Ca().rotation_due(), "");
}

TEST_F(RemovalTest, WithoutForceCallsForNone) {
  SealFor("node3");
  Remove(false, false);
  EXPECT_EQ(Ca().rotation_due(), "");
}

}  // namespace
}  // namespace microovn::agent
