// SPDX-License-Identifier: Apache-2.0
#include "raft/core/testing/interaction_env.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::raft {
namespace {

using ::testing::HasSubstr;

ScriptBlock Block(const std::string& command,
                  const std::vector<std::string>& arguments,
                  const std::vector<std::string>& input = {}) {
  ScriptBlock block;
  block.command = command;
  block.arguments = arguments;
  block.input = input;
  return block;
}

TEST(InteractionEnvTest, TracesWhatGoesInAndWhatComesOut) {
  InteractionEnv env(1);
  EXPECT_EQ(env.Run(Block("bootstrap", {"1"})),
            "1 follower term=1 commit=0 last=1 {voters=1 incarnations=1:101}@1 "
            "uncommitted\n");
  EXPECT_EQ(env.Run(Block("tick", {"1"})),
            "> 1 tick\n"
            "  role pre-candidate term=1 (election-timeout)\n"
            "  role candidate term=2 (pre-vote-won)\n"
            "  persist #1 term=2 vote=1\n");
  EXPECT_EQ(env.Run(Block("pause", {"1", "1ms"})), "ok\n");
  EXPECT_EQ(env.complaints(), "");
}

TEST(InteractionEnvTest, QuietCommandsAreRunWithoutATrace) {
  InteractionEnv env(1);
  EXPECT_EQ(env.Run(Block("quietly", {}, {"bootstrap 1", "tick 1"})), "ok\n");
  EXPECT_THAT(env.Run(Block("status", {})), HasSubstr("1 candidate term=2"));
  EXPECT_EQ(env.complaints(), "");
}

TEST(InteractionEnvTest, ComplainsOfWhatItDoesNotUnderstand) {
  struct Case {
    ScriptBlock block;
    std::string complaint;
  };
  const std::vector<Case> cases = {
      {Block("campain", {"1"}), "no verb campain"},
      {Block("campaign", {"2"}), "no member 2"},
      {Block("campaign", {}), "which member?"},
      {Block("campaign", {"one"}), "'one' is not a number"},
      {Block("campaign", {"1", "now"}), "nothing takes 'now'"},
      {Block("tick", {"1", "afer=1ms"}), "nothing takes 'afer=1ms'"},
      {Block("tick", {"1", "after=1s"}), "'1s' is neither us nor ms"},
      {Block("deliver", {}), "nothing to deliver"},
      {Block("forge", {"1->2", "letter"}), "no kind of message letter"},
      {Block("status", {}, {"1"}), "only 'quietly' takes input lines"},
      {Block("quietly", {}, {"campain 1"}), "no verb campain"},
  };
  for (const Case& c : cases) {
    InteractionEnv env(1);
    env.Run(Block("add-nodes", {"1"}));
    env.Run(c.block);
    EXPECT_THAT(env.complaints(), HasSubstr(c.complaint));
  }
}

}  // namespace
}  // namespace microovn::raft
