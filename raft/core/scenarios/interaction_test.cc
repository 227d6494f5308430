// SPDX-License-Identifier: Apache-2.0
// Every script of testdata/ is a test of its own: what happens is the script,
// and what each core does about it is printed in full and compared. The first
// comment of a script says what it shows; the verbs are in
// testing/interaction_env.h, and base/testing/data_driven.h says how to have
// the expected traces written again after a change of the protocol.
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/file/file.h"
#include "base/testing/data_driven.h"
#include "gtest/gtest.h"
#include "raft/core/testing/interaction_env.h"

namespace microovn::raft {
namespace {

constexpr char kDirectory[] = "raft/core/scenarios/testdata";

std::vector<std::string> Scenarios() {
  const auto files = ListDirectory(ScriptPath(kDirectory));
  std::vector<std::string> names;
  if (!files.ok()) return names;
  for (const std::string& file : *files) {
    absl::string_view name = file;
    if (absl::ConsumeSuffix(&name, ".txt")) names.emplace_back(name);
  }
  return names;
}

std::string PathOf(const std::string& scenario) {
  return absl::StrCat(kDirectory, "/", scenario, ".txt");
}

class InteractionTest : public testing::TestWithParam<std::string> {};

TEST_P(InteractionTest, BehavesAsWritten) {
  InteractionEnv env(/*seed=*/1);
  RunScript(PathOf(GetParam()),
            [&env](const ScriptBlock& block) { return env.Run(block); });
  EXPECT_EQ(env.complaints(), "");
}

// Seeds decide how long a core waits and where its rounds begin, never what it
// does; the scripts say when timers run out.
TEST_P(InteractionTest, DoesNotDependOnTheSeed) {
  const auto text = ReadFile(ScriptPath(PathOf(GetParam())));
  ASSERT_TRUE(text.ok()) << text.status();
  const auto blocks = ParseScript(*text);
  ASSERT_TRUE(blocks.ok()) << blocks.status();
  InteractionEnv first(/*seed=*/1);
  InteractionEnv second(/*seed=*/77'777);
  InteractionEnv third(/*seed=*/987'654'321);
  for (const ScriptBlock& block : *blocks) {
    const std::string expected = first.Run(block);
    ASSERT_EQ(second.Run(block), expected) << "line " << block.line;
    ASSERT_EQ(third.Run(block), expected) << "line " << block.line;
  }
}

TEST_P(InteractionTest, SaysWhatItShows) {
  const auto text = ReadFile(ScriptPath(PathOf(GetParam())));
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_TRUE(absl::StartsWith(*text, "# "));
}

INSTANTIATE_TEST_SUITE_P(Scenarios, InteractionTest,
                         testing::ValuesIn(Scenarios()),
                         [](const auto& param) { return param.param; });

TEST(InteractionCountTest, ThereAreManyScenarios) {
  std::cout << "scenarios " << Scenarios().size() << "\n";
  EXPECT_GE(Scenarios().size(), 60u);
}

}  // namespace
}  // namespace microovn::raft
