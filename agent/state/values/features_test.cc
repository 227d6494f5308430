// The feature table, and what Apply does because of it.
#include "agent/state/values/features.h"

#include <string>
#include <utility>
#include <vector>

#include "agent/state/apply.h"
#include "agent/state/store/state_codec.h"
#include "agent/state/testing/commands.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using statepb::Command;
using testing::ElementsAre;

using Levels = std::vector<std::pair<std::string, uint32_t>>;

FeatureLevels Announcing(const Levels& levels) {
  FeatureLevels features;
  for (const auto& [name, level] : levels) {
    statepb::FeatureLevel* feature = features.Add();
    feature->set_name(name);
    feature->set_level(level);
  }
  return features;
}

Command Report(const ClusterState& state, const std::string& name,
               const Levels& levels) {
  Command command = ReportCommand(state, name, true);
  *command.mutable_report_member()->mutable_features() = Announcing(levels);
  return command;
}

TEST(KnownFeaturesTest, AreSortedAndAnnounced) {
  const auto& known = KnownFeatures();
  const FeatureLevels announced = AnnouncedFeatures();
  ASSERT_EQ(static_cast<size_t>(announced.size()), known.size());
  for (size_t i = 0; i < known.size(); ++i) {
    EXPECT_EQ(announced.Get(static_cast<int>(i)).name(), known[i].name);
    EXPECT_GE(known[i].level, 1u);
    EXPECT_FALSE(known[i].description.empty());
    if (i > 0) {
      EXPECT_LT(known[i - 1].name, known[i].name);
    }
  }
}

TEST(RisingFeaturesTest, AreWhatEveryMemberHasAnnounced) {
  const struct {
    const char* what;
    std::vector<Levels> announced;
    Levels active;
    Levels rising;
  } cases[] = {
      {"one member", {{{"x", 2}}}, {}, {{"x", 2}}},
      {"the least level", {{{"x", 3}}, {{"x", 1}}, {{"x", 2}}}, {}, {{"x", 1}}},
      {"one does not know it", {{{"x", 1}}, {}, {{"x", 1}}}, {}, {}},
      {"only what is new",
       {{{"x", 1}, {"y", 1}}, {{"x", 1}, {"y", 2}}},
       {{"x", 1}},
       {{"y", 1}}},
      {"higher than now", {{{"x", 3}}, {{"x", 2}}}, {{"x", 1}}, {{"x", 2}}},
      {"never back", {{{"x", 1}}, {}}, {{"x", 2}}, {}},
  };
  for (const auto& test : cases) {
    ClusterState state;
    int ordinal = 0;
    for (const Levels& levels : test.announced) {
      statepb::Member member;
      member.set_member_id(TestId("member" + std::to_string(++ordinal)));
      *member.mutable_features() = Announcing(levels);
      state.members.Put(member.member_id(), member);
    }
    for (const statepb::FeatureLevel& active : Announcing(test.active)) {
      state.features.Put(active.name(), active);
    }
    Levels rising;
    for (const statepb::FeatureLevel& feature : RisingFeatures(state)) {
      rising.emplace_back(feature.name(), feature.level());
    }
    EXPECT_EQ(rising, test.rising) << test.what;
  }
}

TEST(ApplyFeaturesTest, TheLastAnnouncementMakesAFeatureActive) {
  ClusterState state = TestCluster({"node1", "node2", "node3"});
  const Levels known = {{kFeatureJoinWithdrawal, 1}};
  const Levels newer = {{"future", 2}, {kFeatureJoinWithdrawal, 1}};
  MustApply(state, Report(state, "node1", newer));
  MustApply(state, Report(state, "node2", newer));
  EXPECT_EQ(ActiveLevel(state, "future"), 0u);
  EXPECT_THAT(WhoLacks(state, "future", 2), ElementsAre("node3"));
  // A joiner counts from its admission on.
  MustApply(state, CreateTokenCommand("node4"));
  Command admit = AdmitCommand("node4");
  MustApply(state, admit);
  MustApply(state, Report(state, "node3", newer));
  EXPECT_EQ(ActiveLevel(state, "future"), 0u);
  Command back = CommandAt(kTestTime);
  back.mutable_take_back_member()->set_member_id(TestId("node4"));
  MustApply(state, back);
  EXPECT_EQ(ActiveLevel(state, "future"), 2u);
  EXPECT_EQ(state.events.records().rbegin()->second->type(),
            "FEATURE_ACTIVATED");
  // It stays, and who does not support it stays out.
  MustApply(state, Report(state, "node3", known));
  EXPECT_EQ(ActiveLevel(state, "future"), 2u);
  MustApply(state, CreateTokenCommand("node5"));
  EXPECT_EQ(Apply(state, AdmitCommand("node5")).reason(),
            "FEATURE_NOT_SUPPORTED");
  Command newest = AdmitCommand("node5");
  *newest.mutable_admit_member()->mutable_member()->mutable_features() =
      Announcing({{"future", 3}, {kFeatureJoinWithdrawal, 1}});
  MustApply(state, newest);
}

TEST(ApplyFeaturesTest, ReportsWithoutNewsChangeNothing) {
  ClusterState state = TestCluster({"node1"});
  const Command report = Report(state, "node1", {{kFeatureJoinWithdrawal, 1}});
  MustApply(state, report);
  const auto before = EncodeState(state);
  MustApply(state, report);
  EXPECT_EQ(EncodeState(state), before);
}

// To agents that know a newer command and to those that do not it must be the
// same, or their states part.
TEST(ApplyFeaturesTest, ACommandOfAnInactiveFeatureIsAnUnknownOne) {
  ClusterState state = TestCluster({"node1"});
  state.features.Erase(kFeatureJoinWithdrawal);
  Command admit = AdmitCommand("node2");
  admit.mutable_admit_member()->mutable_member()->clear_features();
  MustApply(state, CreateTokenCommand("node2"));
  MustApply(state, admit);
  Command withdraw = CommandAt(kTestTime + 100);
  withdraw.set_clock_seconds(100);
  withdraw.set_request_id("r");
  withdraw.mutable_withdraw_member()->set_member_id(TestId("node2"));
  withdraw.mutable_withdraw_member()->set_reason("it gave up");
  // What an agent without this command reads: a field that it does not know.
  Command unknown = CommandAt(kTestTime + 100);
  unknown.set_clock_seconds(100);
  unknown.set_request_id("r");
  std::string bytes = unknown.SerializeAsString();
  bytes += std::string("\xa2\x38\x03xyz", 6);  // field 900, three bytes
  Command newer;
  ASSERT_TRUE(newer.ParseFromString(bytes));
  ASSERT_EQ(newer.body_case(), Command::BODY_NOT_SET);

  const auto before = EncodeState(state);
  ClusterState twin = state;
  const statepb::Result gated = Apply(state, withdraw);
  const statepb::Result strange = Apply(twin, newer);
  EXPECT_EQ(gated.reason(), "COMMAND_MALFORMED");
  EXPECT_EQ(gated.SerializeAsString(), strange.SerializeAsString());
  EXPECT_EQ(EncodeState(state), before);
  EXPECT_EQ(EncodeState(twin), before);

  // The entry with the last announcement switches it.
  Command report = ReportCommand(state, "node2", false);
  *report.mutable_report_member()->mutable_features() = AnnouncedFeatures();
  MustApply(state, report);
  MustApply(state, withdraw);
  EXPECT_EQ(state.members.Find(TestId("node2"))->withdrawal(), "it gave up");
}

TEST(CheckSupportTest, AnAgentThatIsTooOldIsTold) {
  ClusterState state = TestCluster({"node1"});
  EXPECT_OK(CheckSupport(state, AnnouncedFeatures(), "this agent"));
  statepb::FeatureLevel future;
  future.set_name("future");
  future.set_level(7);
  state.features.Put(future.name(), future);
  EXPECT_THAT(CheckSupport(state, AnnouncedFeatures(), "this agent"),
              HasReason("FEATURE_NOT_SUPPORTED"));
  EXPECT_OK(CheckSupport(
      state, Announcing({{"future", 7}, {kFeatureJoinWithdrawal, 1}}), "it"));
}

TEST(ApplyFeaturesTest, MalformedAnnouncementsAreRefused) {
  const Levels cases[] = {
      {{"", 1}},
      {{"x", 0}},
      {{"x", 1}, {"x", 2}},
      {{"y", 1}, {"x", 1}},
      {{"Not A Name", 1}},
      Levels(65, {"x", 1}),
  };
  for (const Levels& levels : cases) {
    ClusterState state = TestCluster({"node1"});
    EXPECT_EQ(Apply(state, Report(state, "node1", levels)).reason(),
              "COMMAND_MALFORMED");
  }
}

}  // namespace
}  // namespace microovn::agent
