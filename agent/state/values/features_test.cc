// SPDX-License-Identifier: Apache-2.0
// The feature table, and what Apply does because of it.
#include "agent/state/values/features.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "agent/state/apply.h"
#include "agent/state/store/state_codec.h"
#include "agent/state/testing/admission.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/config_keys.h"
#include "agent/state/values/result.h"
#include "base/status/error.h"
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

// What this build announces, and one more in its place.
FeatureLevels AnnouncingAllAnd(const std::string& name, uint32_t level) {
  Levels levels = {{name, level}};
  for (const KnownFeature& known : KnownFeatures()) {
    levels.emplace_back(std::string(known.name), known.level);
  }
  std::sort(levels.begin(), levels.end());
  return Announcing(levels);
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
      AnnouncingAllAnd("future", 3);
  SignAdmission(*newest.mutable_admit_member(), "node5", TestId("cluster"));
  MustApply(state, newest);
}

TEST(ApplyFeaturesTest, AHeldUpgradeSwitchesNothingOnUntilItEnds) {
  for (const bool deleted : {true, false}) {
    ClusterState state = TestCluster({"node1", "node2"});
    MustApply(state, SetConfigCommand(kConfigUpgrade, kUpgradeHeld));
    const Levels newer = {{"future", 1}, {kFeatureJoinWithdrawal, 1}};
    MustApply(state, Report(state, "node1", newer));
    MustApply(state, Report(state, "node2", newer));
    EXPECT_EQ(ActiveLevel(state, "future"), 0u);
    Command end = SetConfigCommand(kConfigUpgrade, "automatic");
    if (deleted) {
      end = CommandAt(kTestTime);
      end.mutable_delete_config()->set_key(kConfigUpgrade);
    }
    MustApply(state, end);
    EXPECT_EQ(ActiveLevel(state, "future"), 1u) << deleted;
  }
}

TEST(ApplyFeaturesTest, ReportsWithoutNewsChangeNothing) {
  ClusterState state = TestCluster({"node1"});
  const Command report = Report(state, "node1",
                                {{kFeatureCaRotation, 2},
                                 {kFeatureEvents, 1},
                                 {kFeatureJoinWithdrawal, 1},
                                 {kFeatureOperationCancel, 1},
                                 {kFeatureOvnSettings, 1},
                                 {kFeatureSealingRenewal, 1}});
  MustApply(state, report);
  const auto before = EncodeState(state);
  MustApply(state, report);
  EXPECT_EQ(EncodeState(state), before);
}

// To agents that know a newer setting and to those that do not it must be the
// same, or their states part.
TEST(ApplyFeaturesTest, ASettingOfAnInactiveLevelIsAnUnknownOne) {
  for (const ConfigKey& key : ConfigKeys()) {
    ClusterState state = TestCluster({"node1"});
    state.features.Erase(kFeatureOvnSettings);
    EXPECT_EQ(AllowsConfig(state, key.name), key.settings_level == 0);
    for (uint32_t level = 1; level < key.settings_level; ++level) {
      statepb::FeatureLevel active;
      active.set_name(kFeatureOvnSettings);
      active.set_level(level);
      state.features.Put(active.name(), active);
      EXPECT_FALSE(AllowsConfig(state, key.name)) << key.name << level;
    }
    if (key.settings_level == 0) continue;
    Command erase = CommandAt(kTestTime);
    erase.mutable_delete_config()->set_key(std::string(key.name));
    const auto before = EncodeState(state);
    for (const Command& command :
         {erase, SetConfigCommand(std::string(key.name), "no value of it"),
          SetConfigCommand(std::string(key.name),
                           std::string(key.default_value))}) {
      const statepb::Result result = Apply(state, command);
      EXPECT_EQ(result.reason(), "CONFIG_KEY_UNKNOWN") << key.name;
      ASSERT_EQ(result.arguments_size(), 1);
      EXPECT_EQ(result.arguments(0).value(), key.name);
      // Who reads it knows the key.
      EXPECT_THAT(StatusOfResult(result), HasReason("FEATURE_NOT_SUPPORTED"));
      EXPECT_EQ(EncodeState(state), before);
    }
  }
}

TEST(ConfigSupportTest, NamesWhoDoesNotKnowASetting) {
  ClusterState state = TestCluster({"node1", "node2"});
  EXPECT_OK(RequireConfigSupport(state, kConfigEncapsulation));
  state.features.Erase(kFeatureOvnSettings);
  EXPECT_OK(RequireConfigSupport(state, kConfigVoters));
  EXPECT_OK(RequireConfigSupport(state, "no.such"));
  absl::Status status = RequireConfigSupport(state, kConfigEncapsulation);
  EXPECT_THAT(status, HasReason("FEATURE_NOT_SUPPORTED"));
  EXPECT_THAT(DetailOf(status).remedy, testing::HasSubstr("finalize"));
  statepb::Member member = *state.members.Find(TestId("node2"));
  member.clear_features();
  state.members.Put(member.member_id(), member);
  status = RequireConfigSupport(state, kConfigEncapsulation);
  EXPECT_THAT(status, HasReason("FEATURE_NOT_SUPPORTED"));
  EXPECT_THAT(std::string(status.message()), testing::EndsWith(": node2"));
}

// To agents that know a newer command and to those that do not it must be the
// same, or their states part.
TEST(ApplyFeaturesTest, ACommandOfAnInactiveFeatureIsAnUnknownOne) {
  ClusterState state = TestCluster({"node1"});
  for (const KnownFeature& known : KnownFeatures()) {
    state.features.Erase(known.name);
  }
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
  EXPECT_OK(CheckSupport(state, AnnouncingAllAnd("future", 7), "it"));
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
