// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/settings/env_reconciler.h"

#include <sys/stat.h>

#include <set>
#include <string>

#include "agent/reconcile/facts/node_facts.h"
#include "agent/reconcile/testing/state_builder.h"
#include "agent/state/values/config_keys.h"
#include "base/file/file.h"
#include "base/testing/power_cut.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/launch/env_file.h"

namespace microovn::agent {
namespace {

using testing::HasSubstr;

const std::vector<statepb::Service> kCentral = {statepb::SERVICE_CENTRAL};

class EnvReconcilerTest : public testing::Test {
 protected:
  std::string Text() {
    const auto text = ReadFile(path_);
    return text.ok() ? *text : "";
  }
  mode_t Mode(const std::string& path) {
    struct stat info = {};
    return stat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
  }
  ino_t Inode() {
    struct stat info = {};
    return stat(path_.c_str(), &info) == 0 ? info.st_ino : 0;
  }

  TempDir root_;
  const std::string path_ = root_.File("env/ovn.env");
  NodeFacts facts_;
  EnvReconciler reconciler_{path_, &facts_};
  StateBuilder state_;
};

TEST_F(EnvReconcilerTest, SaysWhereTheCentralsAre) {
  state_.Member(1, {statepb::SERVICE_CHASSIS})
      .Member(2, kCentral)
      .Member(3, kCentral);
  ASSERT_OK(reconciler_.Reconcile(state_.View(1)));
  EXPECT_TRUE(facts_.environment_written);
  EXPECT_EQ(facts_.connections.sb_connect,
            "ssl:10.0.0.2:6642,ssl:10.0.0.3:6642");
  EXPECT_THAT(
      Text(),
      HasSubstr("OVN_SB_CONNECT=\"ssl:10.0.0.2:6642,ssl:10.0.0.3:6642\"\n"));
  EXPECT_THAT(Text(), HasSubstr("OVN_LOCAL_IP=\"10.0.0.1\"\n"));
  EXPECT_EQ(Mode(path_), supervisor::kEnvFileMode);
}

TEST_F(EnvReconcilerTest, AConfiguredCentralTakesTheirPlace) {
  state_.Member(1, kCentral).Config(kConfigCentralIps, "192.0.2.1,2001:db8::1");
  ASSERT_OK(reconciler_.Reconcile(state_.View(1)));
  EXPECT_EQ(facts_.connections.nb_connect,
            "ssl:192.0.2.1:6641,ssl:[2001:db8::1]:6641");
  state_.Config(kConfigCentralIps, "nowhere");
  EXPECT_THAT(reconciler_.Reconcile(state_.View(1)),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(EnvReconcilerTest, IsWrittenWhenItDiffersOnly) {
  state_.Member(1, kCentral);
  ASSERT_OK(reconciler_.Reconcile(state_.View(1)));
  const ino_t first = Inode();
  ASSERT_OK(reconciler_.Reconcile(state_.View(1)));
  EXPECT_EQ(Inode(), first) << "it was right";
  state_.Member(2, kCentral);
  ASSERT_OK(reconciler_.Reconcile(state_.View(1)));
  EXPECT_NE(Inode(), first);
  ASSERT_OK(WriteFile(path_, "what an editor left", 0644));
  ASSERT_OK(reconciler_.Reconcile(state_.View(1)));
  EXPECT_THAT(Text(), HasSubstr("OVN_NB_CONNECT"));
}

TEST_F(EnvReconcilerTest, ALeavingNodesFileStaysAsItIs) {
  state_.Member(1, {}, statepb::Member::STATE_LEAVING).Member(2, kCentral);
  ASSERT_OK(reconciler_.Reconcile(state_.View(1)));
  EXPECT_EQ(Text(), "");
}

// OVN's daemons read it at any time.
TEST_F(EnvReconcilerTest, AWriteThatIsCutOffLeavesTheOldOrTheNew) {
  state_.Member(1, kCentral);
  ASSERT_OK(reconciler_.Reconcile(state_.View(1)));
  const std::string before = Text();
  PowerCut cut(root_.path());
  state_.Member(2, kCentral);
  ASSERT_OK(reconciler_.Reconcile(state_.View(1)));
  const std::string after = Text();
  ASSERT_NE(before, after);
  std::set<std::string> seen;
  std::string last;
  cut.Sweep([&](const std::string& found, const std::string& when) {
    const std::string path = JoinPath(found, "env/ovn.env");
    const auto text = ReadFile(path);
    ASSERT_OK(text) << when;
    EXPECT_TRUE(*text == before || *text == after) << when;
    EXPECT_EQ(Mode(path), supervisor::kEnvFileMode) << when;
    seen.insert(*text);
    last = *text;
  });
  EXPECT_EQ(seen.size(), 2u);
  EXPECT_EQ(last, after);
}

}  // namespace
}  // namespace microovn::agent
