#include "agent/reconcile/report_builder.h"

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
