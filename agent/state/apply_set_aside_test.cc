// SPDX-License-Identifier: Apache-2.0
// The cluster CA is rotated while a member is off: what the state keeps for its
// way back, for how long, and when nobody can be left behind.
#include <string>

#include "absl/strings/str_cat.h"
#include "agent/state/apply.h"
#include "agent/state/operation/operation_table.h"
#include "agent/state/operation/rotate_authority.h"
#include "agent/state/testing/certificates.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/cluster_state.h"
#include "agent/state/values/result.h"
#include "base/status/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using statepb::Authority;
using statepb::Command;
using statepb::Operation;
using statepb::OperationStep;

std::string Cross() { return TestCertificatePem("cross"); }

class SetAsideTest : public testing::Test {
 protected:
  SetAsideTest() { facts_.silent_ids = {TestId("node3")}; }

  const Authority& Ca() {
    return *state_.authorities.Find(AuthorityKey(statepb::PLANE_CLUSTER));
  }

  Command Start(const std::string& word, bool force) {
    Authority successor;
    successor.set_plane(statepb::PLANE_CLUSTER);
    successor.set_certificate_pem(TestCertificatePem(word));
    successor.set_sealed_key(absl::StrCat("sealed-", word));
    *successor.mutable_sealed_for() = Ca().sealed_for();
    Command command = CommandAt(kTestTime);
    *command.mutable_start_operation()->mutable_operation() =
        RotationOf(TestId(word), successor, force);
    return command;
  }

  void Say(const std::string& name) {
    Command command = ReportCommand(state_, name, true);
    statepb::MemberReport& report =
        *command.mutable_report_member()->mutable_report();
    report.set_cluster_published_generation(Ca().generation());
    report.set_cluster_observed_generation(Ca().generation());
    MustApply(state_, command);
  }
  void OthersSay() {
    Say("node1");
    Say("node2");
  }

  StepOutcome Look(const std::string& word, const std::string& step) {
    const Operation& operation = *state_.operations.Find(TestId(word));
    const OperationView view{state_, operation, facts_};
    for (const OperationStep& known : operation.steps()) {
      if (known.id() == step)
        return RotateClusterCaKind().evaluate(view, known);
    }
    ADD_FAILURE() << "no step " << step;
    return {};
  }
  // The command of a step, as the leader sends it.
  statepb::Result Advance(const std::string& word, const std::string& step,
                          const std::string& cross = "") {
    StepOutcome outcome = Look(word, step);
    if (!outcome.command.has_value()) {
      ADD_FAILURE() << step << " does not go on: " << outcome.detail;
      return {};
    }
    outcome.command->set_format(CommandAt(kTestTime).format());
    if (!cross.empty()) {
      outcome.command->mutable_advance_rotation()->set_cross_certificate_pem(
          cross);
    }
    return Apply(state_, *outcome.command);
  }

  // Up to where node3 alone has not followed.
  void LeaveBehind(const std::string& word) {
    MustApply(state_, Start(word, /*force=*/true));
    OthersSay();
    const StepOutcome outcome = Look(word, "distribute-ca");
    ASSERT_EQ(outcome.state, OperationStep::STATE_DONE) << outcome.detail;
    EXPECT_EQ(outcome.detail, "set aside: node3");
    ASSERT_EQ(Advance(word, "reissue-certificates", Cross()).code(), 0);
    OthersSay();
    EXPECT_EQ(Look(word, "verify-certificates").state,
              OperationStep::STATE_DONE);
    ASSERT_EQ(Advance(word, "retire-ca").code(), 0);
  }

  int Events(const std::string& type) {
    int told = 0;
    for (const auto& [key, event] : state_.events.records()) {
      told += event->type() == type ? 1 : 0;
    }
    return told;
  }

  ClusterState state_ = TestCluster({"node1", "node2", "node3"});
  OperationFacts facts_;
};

TEST_F(SetAsideTest, WhoWasLeftBehindHasItsWayBackUntilItHasFollowed) {
  const std::string before = Ca().certificate_pem();
  LeaveBehind("new");
  EXPECT_EQ(Ca().bundle_pem(), Ca().certificate_pem())
      << "the old one is trusted no more";
  EXPECT_EQ(Ca().cross_certificate_pem(), Cross());
  EXPECT_EQ(Ca().retired().certificate_pem(), before);
  EXPECT_EQ(Ca().retired().sealed_key(), "") << "its key is forgotten";
  OthersSay();
  EXPECT_EQ(Look("new", "retire-ca").state, OperationStep::STATE_DONE);
  EXPECT_TRUE(Ca().has_retired());
  EXPECT_EQ(Events("CA_FORGOTTEN"), 0);
  Say("node3");
  EXPECT_FALSE(Ca().has_retired());
  EXPECT_EQ(Ca().cross_certificate_pem(), "");
  EXPECT_EQ(Events("CA_FORGOTTEN"), 1);
}

TEST_F(SetAsideTest, ItsRemovalEndsItsWayBack) {
  LeaveBehind("new");
  OthersSay();
  MustApply(state_, RemovalCommand("node3", "removal"));
  Command forget = CommandAt(kTestTime);
  forget.mutable_remove_member()->set_member_id(TestId("node3"));
  MustApply(state_, forget);
  EXPECT_FALSE(Ca().has_retired());
}

TEST_F(SetAsideTest, NobodyIsLeftBehindTwice) {
  LeaveBehind("new");
  OthersSay();
  Operation ended = *state_.operations.Find(TestId("new"));
  ended.set_done(true);
  state_.operations.Put(TestId("new"), ended);
  MustApply(state_, Start("newer", /*force=*/true));
  OthersSay();
  EXPECT_EQ(Look("newer", "distribute-ca").detail,
            "waiting for node3 (does not answer, and cannot be set aside)");
  EXPECT_TRUE(Ca().has_retired()) << "it comes back as before";
  // It comes back, and the rotation goes on without it being waited for again.
  Say("node3");
  EXPECT_FALSE(Ca().has_retired());
  EXPECT_EQ(Look("newer", "distribute-ca").state, OperationStep::STATE_DONE);
}

TEST_F(SetAsideTest, WhereEverybodyFollowedNothingIsKept) {
  facts_.silent_ids.clear();
  MustApply(state_, Start("new", /*force=*/true));
  OthersSay();
  Say("node3");
  ASSERT_EQ(Advance("new", "reissue-certificates", Cross()).code(), 0);
  EXPECT_EQ(Ca().cross_certificate_pem(), Cross());
  OthersSay();
  Say("node3");
  ASSERT_EQ(Advance("new", "retire-ca").code(), 0);
  EXPECT_FALSE(Ca().has_retired());
  EXPECT_EQ(Ca().cross_certificate_pem(), "");
}

// It had both CAs, and went with a certificate of the old one.
TEST_F(SetAsideTest, WhoGoesLaterIsLeftBehindAsWell) {
  facts_.silent_ids.clear();
  MustApply(state_, Start("new", /*force=*/true));
  OthersSay();
  Say("node3");
  ASSERT_EQ(Advance("new", "reissue-certificates", Cross()).code(), 0);
  facts_.silent_ids = {TestId("node3")};
  OthersSay();
  EXPECT_EQ(Look("new", "verify-certificates").detail, "set aside: node3");
  ASSERT_EQ(Advance("new", "retire-ca").code(), 0);
  EXPECT_TRUE(Ca().has_retired());
}

TEST_F(SetAsideTest, WithoutWhatItComesBackByAMemberIsWaitedFor) {
  const std::string waits =
      "waiting for node3 (does not answer, and cannot be set aside)";
  MustApply(state_, Start("new", /*force=*/true));
  OthersSay();
  const ClusterState as_it_was = state_;
  Authority closed = Ca();
  closed.clear_sealed_for();
  state_.authorities.Put(AuthorityKey(statepb::PLANE_CLUSTER), closed);
  EXPECT_EQ(Look("new", "distribute-ca").detail, waits)
      << "nobody can sign for it";
  state_ = as_it_was;
  state_.features.Erase("ca-rotation");
  EXPECT_EQ(Look("new", "distribute-ca").detail, waits)
      << "an older agent would not know it";
  state_ = as_it_was;
  ASSERT_EQ(Advance("new", "reissue-certificates").code(), 0);
  EXPECT_EQ(Look("new", "verify-certificates").detail,
            absl::StrCat("waiting for node1, node2, ", waits.substr(12)))
      << "a leader that did not sign";
}

TEST_F(SetAsideTest, WhatIsNoCrossCertificateIsRefused) {
  MustApply(state_, Start("new", /*force=*/true));
  OthersSay();
  for (const std::string& wrong :
       {std::string("x"), absl::StrCat(Cross(), "PRIVATE KEY"),
        absl::StrCat(Cross(), std::string(20'000, 'x'))}) {
    EXPECT_EQ(
        ReasonOf(StatusOfResult(Advance("new", "reissue-certificates", wrong))),
        "COMMAND_MALFORMED");
  }
  const uint64_t generation = Ca().generation();
  state_.features.Erase("ca-rotation");
  Command command = CommandAt(kTestTime);
  statepb::AdvanceRotation& body = *command.mutable_advance_rotation();
  body.set_plane(statepb::PLANE_CLUSTER);
  body.set_operation_id(TestId("new"));
  body.set_to(Authority::PHASE_REISSUE);
  body.set_cross_certificate_pem(Cross());
  EXPECT_NE(Apply(state_, command).code(), 0);
  EXPECT_EQ(Ca().generation(), generation) << "nothing was changed";
}

}  // namespace
}  // namespace microovn::agent
