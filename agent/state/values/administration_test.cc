// SPDX-License-Identifier: Apache-2.0
#include "agent/state/values/administration.h"

#include <set>
#include <string>

#include "absl/time/time.h"
#include "agent/state/apply.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/config_keys.h"
#include "agent/state/values/features.h"
#include "base/status/error.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using testing::HasSubstr;

// node1 votes, node2 stands by, node3 is a worker.
class AdministrationTest : public testing::Test {
 protected:
  AdministrationTest() {
    statepb::Member worker = *state_.members.Find(TestId("node3"));
    worker.set_worker(true);
    state_.members.Put(worker.member_id(), worker);
  }
  std::string On(const std::string& name) const {
    return ReasonOf(CheckAdministeredOn(state_, voters_, TestId(name)));
  }

  ClusterState state_ = TestCluster({"node1", "node2", "node3"});
  const std::set<std::string> voters_ = {TestId("node1")};
};

TEST_F(AdministrationTest, BySettingAndNeverOnAWorker) {
  const struct {
    const char* setting;
    const char* stand_by;
  } cases[] = {
      {"", ""},
      {"members", ""},
      {"voters", "NOT_ADMINISTERED_HERE"},
  };
  for (const auto& test : cases) {
    if (*test.setting != '\0') {
      MustApply(state_, SetConfigCommand(kConfigAdministration, test.setting));
    }
    EXPECT_EQ(On("node1"), "") << test.setting;
    EXPECT_EQ(On("node2"), test.stand_by) << test.setting;
    EXPECT_EQ(On("node3"), "NOT_ADMINISTERED_HERE") << test.setting;
  }
}

TEST_F(AdministrationTest, SaysWhyAndWhere) {
  absl::Status refused = CheckAdministeredOn(state_, voters_, TestId("node3"));
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("\"node3\" is a worker"));
  EXPECT_THAT(DetailOf(refused).remedy, HasSubstr(": node1, node2"));
  MustApply(state_, SetConfigCommand(kConfigAdministration, "voters"));
  refused = CheckAdministeredOn(state_, voters_, TestId("node2"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("does not vote"));
  EXPECT_THAT(DetailOf(refused).remedy, testing::EndsWith(": node1"));
}

TEST_F(AdministrationTest, WhoIsNoMemberAsksForNothing) {
  EXPECT_EQ(On("stranger"), "MEMBER_NOT_FOUND");
}

TEST_F(AdministrationTest, NobodyShutsHimselfOut) {
  const auto setting = [this](const char* value, const char* name) {
    return CheckStaysAdministeredOn(state_, voters_, TestId(name), value);
  };
  EXPECT_THAT(setting("members", "node2"), IsOk());
  EXPECT_THAT(setting("voters", "node1"), IsOk());
  const absl::Status refused = setting("voters", "node2");
  EXPECT_THAT(refused, HasReason("WOULD_SHUT_OUT_ASKER"));
  EXPECT_THAT(DetailOf(refused).remedy, testing::EndsWith(": node1"));
}

TEST_F(AdministrationTest, ByCertificatesAsLongAsThereIsOneThatIsGood) {
  const absl::Time begin = absl::FromUnixSeconds(kTestTime);
  const auto at = [this](absl::Time now) {
    return ReasonOf(CheckAdministeredAtSockets(state_, now));
  };
  constexpr char kRefused[] = "ADMINISTERED_BY_CERTIFICATE";
  const statepb::Command by_certificate =
      SetConfigCommand(kConfigAdministration, "certificates");
  // Nobody could do anything any more.
  EXPECT_EQ(Apply(state_, by_certificate).reason(), "NO_ADMIN_CERTIFICATE");
  MustApply(state_, AddUserCommand("otto", statepb::User::ROLE_OPERATOR));
  EXPECT_EQ(Apply(state_, by_certificate).reason(), "NO_ADMIN_CERTIFICATE");
  MustApply(state_, AddUserCommand("ada"));
  EXPECT_EQ(at(begin), "");
  MustApply(state_, by_certificate);
  EXPECT_EQ(at(begin), kRefused);
  // Of places, as with voters.
  EXPECT_EQ(On("node1"), "");
  EXPECT_EQ(On("node2"), "NOT_ADMINISTERED_HERE");
  EXPECT_EQ(On("node3"), "NOT_ADMINISTERED_HERE");
  EXPECT_EQ(at(begin + absl::Hours(25)), "") << "its time is over";
  MustApply(state_, RevokeUserCommand("ada"));
  EXPECT_EQ(at(begin), "");
  EXPECT_EQ(Apply(state_, by_certificate).reason(), "NO_ADMIN_CERTIFICATE");
}

TEST_F(AdministrationTest, OneWayLeadsBack) {
  EXPECT_TRUE(IsWayBack(kConfigAdministration, "voters"));
  EXPECT_FALSE(IsWayBack(kConfigAdministration, "members"));
  EXPECT_FALSE(IsWayBack(kConfigAdministration, ""));
  EXPECT_FALSE(IsWayBack(kConfigVoters, "voters"));
}

// Its value came later than the setting.
TEST_F(AdministrationTest, OlderMembersDoNotKnowCertificates) {
  MustApply(state_, AddUserCommand("ada"));
  state_.features.Erase(kFeatureUsers);
  EXPECT_EQ(
      Apply(state_, SetConfigCommand(kConfigAdministration, "certificates"))
          .reason(),
      "CONFIG_VALUE_INVALID");
  EXPECT_THAT(
      RequireConfigSupport(state_, kConfigAdministration, "certificates"),
      HasReason("FEATURE_NOT_SUPPORTED"));
  EXPECT_THAT(RequireConfigSupport(state_, kConfigAdministration, "voters"),
              IsOk());
}

TEST_F(AdministrationTest, TheUpgradeSlotIsEachMembersOwn) {
  const auto own = [this](const char* name, const char* value) {
    return IsOwnUpgradeSlot(state_, TestId(name), kConfigUpgradeSlot, value);
  };
  EXPECT_TRUE(own("node2", "node2"));
  EXPECT_TRUE(own("node2", ""));
  EXPECT_FALSE(own("node2", "node1"));
  EXPECT_FALSE(own("node3", "node3")) << "a worker";
  EXPECT_FALSE(own("stranger", ""));
  EXPECT_FALSE(
      IsOwnUpgradeSlot(state_, TestId("node2"), kConfigUpgrade, "node2"));
  MustApply(state_, SetConfigCommand(kConfigUpgradeSlot, "node1"));
  EXPECT_FALSE(own("node2", "node2"));
  EXPECT_FALSE(own("node2", ""));
}

// The right goes with the vote, and somebody votes always.
TEST_F(AdministrationTest, FollowsWhoVotes) {
  MustApply(state_, SetConfigCommand(kConfigAdministration, "voters"));
  EXPECT_THAT(CheckAdministeredOn(state_, {TestId("node2")}, TestId("node2")),
              IsOk());
  EXPECT_THAT(CheckAdministeredOn(state_, {TestId("node2")}, TestId("node1")),
              HasReason("NOT_ADMINISTERED_HERE"));
  EXPECT_THAT(CheckAdministeredOn(state_, {TestId("node3")}, TestId("node3")),
              HasReason("NOT_ADMINISTERED_HERE"))
      << "a worker, whatever else is believed of it";
}

}  // namespace
}  // namespace microovn::agent
