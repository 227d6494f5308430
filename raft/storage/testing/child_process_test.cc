// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/testing/child_process.h"

#include <cstddef>
#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace microovn::raft {
namespace {

std::string Nothing() { return std::string(); }

TEST(ChildProcessTest, SaysWhatTheWorkReturned) {
  constexpr size_t kLong = 100000;  // more than a pipe holds
  const auto said = RunInChild([] { return std::string(kLong, 'x'); }, Nothing);
  ASSERT_TRUE(said.ok()) << said.status();
  EXPECT_EQ(*said, std::string(kLong, 'x'));
}

TEST(ChildProcessTest, AnAbortHasALastWordThatSeesWhatWasDone) {
  std::string done = "nothing";
  const auto said = RunInChild(
      [&]() -> std::string {
        done = "half of it";
        std::abort();
      },
      [&] { return done; });
  ASSERT_TRUE(said.ok()) << said.status();
  EXPECT_EQ(*said, "half of it");
  EXPECT_EQ(done, "nothing");  // another process did it
}

TEST(ChildProcessTest, AnAbortInTheLastWordIsAnError) {
  const auto abort = []() -> std::string { std::abort(); };
  EXPECT_EQ(RunInChild(abort, abort).status().code(),
            absl::StatusCode::kInternal);
}

TEST(ChildProcessTest, AnExitIsAnError) {
  const auto said = RunInChild([]() -> std::string { std::_Exit(3); }, Nothing);
  EXPECT_EQ(said.status().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace microovn::raft
