// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/report/report_builder.h"

#include <string>

#include "agent/reconcile/testing/state_builder.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

statepb::ReportMember ReportWith(const std::string& problem) {
  StateBuilder state;
  state.Member(1, {});
  ReconcileSummary summary;
  summary.problem = problem;
  return BuildReport(state.View(1), {}, {}, summary);
}

// A report that does not parse is refused for as long as the problem lasts,
// and with it everything that waits for this member.
TEST(BuildReportTest, AProblemThatIsCutInsideACharacterCanBeRead) {
  for (size_t before = 390; before < 402; ++before) {
    const statepb::ReportMember report =
        ReportWith(std::string(before, 'a') + "\xe2\x80\x99\xe2\x80\x99");
    statepb::ReportMember read;
    ASSERT_TRUE(read.ParseFromString(report.SerializeAsString())) << before;
    EXPECT_LE(read.report().problem().size(), 400);
  }
}

TEST(BuildReportTest, AProblemOfForeignBytesCanBeRead) {
  const statepb::ReportMember report = ReportWith("ovsdb: \xff\n\x1b[1m");
  statepb::ReportMember read;
  ASSERT_TRUE(read.ParseFromString(report.SerializeAsString()));
  EXPECT_EQ(read.report().problem(), "ovsdb: \\xff\\n\\x1b[1m");
}

// Until a pass has ended well, what was said before stands: an operation that
// waits for this member would go on too early.
TEST(BuildReportTest, ARevisionIsReachedWhenAPassHasEndedWell) {
  StateBuilder state;
  state.Member(1, {});
  const auto reached = [&state](bool converged) {
    ReconcileSummary summary;
    summary.converged = converged;
    return BuildReport(state.View(1), {}, {}, summary)
        .report()
        .converged_revision();
  };
  EXPECT_EQ(reached(false), 0u) << "it has never converged";
  EXPECT_EQ(reached(true), 1u);

  ReconcileSummary summary;
  summary.converged = true;
  state.Report(BuildReport(state.View(1), {}, {}, summary));
  state.At(5);
  EXPECT_EQ(reached(false), 1u) << "and not what is wanted now";
  EXPECT_EQ(reached(true), 5u);
}

TEST(BuildReportTest, TellsHowDaemonsLive) {
  StateBuilder state;
  state.Member(1, AllStateServices());
  NodeFacts facts;
  supervisor::Observation& seen = facts.services[supervisor::Service::kSwitch];
  seen.enabled = true;
  seen.phase = supervisor::Phase::kReady;
  NodeProperties properties;
  properties.run = "one";
  state.Report(BuildReport(state.View(1), properties, facts, {}));
  const auto next = [&] {
    return BuildReport(state.View(1), properties, facts, {});
  };
  EXPECT_FALSE(IsNews(state.View(1), next()));
  seen.restarts = 3;
  seen.phase = supervisor::Phase::kBackoff;
  ASSERT_EQ(next().report().lives_size(), 1);
  EXPECT_EQ(next().report().lives(0).unit(), "switch");
  EXPECT_EQ(next().report().lives(0).restarts(), 3u);
  EXPECT_TRUE(next().report().lives(0).down());
  EXPECT_TRUE(IsNews(state.View(1), next()));
  EXPECT_FALSE(IsUrgent(state.View(1), next()));
  EXPECT_TRUE(IsOnlyOfDaemons(state.View(1), next()));
  properties.run = "two";
  EXPECT_FALSE(IsOnlyOfDaemons(state.View(1), next()));
  EXPECT_EQ(next().report().agent_run(), "two");
}

// An operation may wait for it.
TEST(BuildReportTest, WhatWasClearedIsToldAtOnce) {
  StateBuilder state;
  state.Member(1, AllStateServices()).Databases(1, {1}, "cid");
  NodeFacts facts;
  facts.nb.cleared_revision = 1;
  facts.nb.server_id = "aaaa-1111";
  state.Report(BuildReport(state.View(1), {}, facts, {}));
  statepb::ReportMember next = BuildReport(state.View(1), {}, facts, {});
  EXPECT_FALSE(IsNews(state.View(1), next));
  EXPECT_EQ(next.report().nb_server_id(), "aaaa-1111");
  facts.sb.cleared_revision = 1;
  next = BuildReport(state.View(1), {}, facts, {});
  EXPECT_TRUE(IsNews(state.View(1), next));
  EXPECT_TRUE(IsUrgent(state.View(1), next));
}

TEST(BuildReportTest, WhoWasPutOutDoesNotAskToBeCountedIn) {
  StateBuilder state;
  state.Member(1, {}).Databases(1, {}, "cid");
  NodeFacts facts;
  facts.nb.joined = true;
  const auto report = BuildReport(state.View(1), {}, facts, {});
  state.Report(report);
  EXPECT_TRUE(IsNews(state.View(1), report)) << "it is to be counted in";
  state.PutOut(1);
  EXPECT_FALSE(IsNews(state.View(1), report));
  EXPECT_FALSE(IsUrgent(state.View(1), report));
}

}  // namespace
}  // namespace microovn::agent
