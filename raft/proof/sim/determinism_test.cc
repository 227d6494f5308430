// SPDX-License-Identifier: Apache-2.0
// The same seed gives the same run, event by event, whatever the compiler and
// its optimizations: the hashes of some runs are recorded in
// testdata/trace_hashes.golden.
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"
#include "raft/proof/sim/sim_options.h"
#include "raft/proof/sim/simulation.h"

namespace microovn::raft {
namespace {

constexpr char kFolder[] = "raft/proof/sim/testdata";
constexpr char kName[] = "trace_hashes.golden";
constexpr uint64_t kSeeds = 20;

std::string TraceHashes() {
  std::string lines;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const SimulationResult result = Simulate(DrawOptions(seed));
    EXPECT_EQ(result.failure, "") << "seed " << seed;
    absl::StrAppend(&lines, "seed ", seed, " events ", result.stats.events,
                    " hash ", absl::Hex(result.stats.trace, absl::kZeroPad16),
                    "\n");
  }
  return lines;
}

TEST(DeterminismTest, RunsAreAsRecorded) {
  const std::string hashes = TraceHashes();
  const char* rewrite = std::getenv("MICROOVN_REWRITE_GOLDEN");
  if (rewrite != nullptr) {
    ASSERT_OK(WriteFile(JoinPath(rewrite, kName), hashes, 0644));
    return;
  }
  const auto recorded = ReadFile(JoinPath(kFolder, kName));
  ASSERT_OK(recorded);
  EXPECT_EQ(hashes, *recorded)
      << "After a change of the core or of the simulator this is to be "
         "expected; record the new runs with\n"
         "  MICROOVN_REWRITE_GOLDEN=$PWD/raft/proof/sim/testdata "
         "bazel run //raft/proof/sim:determinism_test\n"
         "Without one, something depends on the compiler: the order of "
         "evaluation, of a container, or memory that nobody set.";
}

TEST(DeterminismTest, TheHashTellsRunsApart) {
  SimOptions options = DrawOptions(3);
  options.duration = 2'000'000;
  const uint64_t trace = Simulate(options).stats.trace;
  EXPECT_EQ(Simulate(options).stats.trace, trace);
  SimOptions other_seed = options;
  ++other_seed.seed;
  EXPECT_NE(Simulate(other_seed).stats.trace, trace);
  SimOptions other_network = options;
  ++other_network.max_delay;
  EXPECT_NE(Simulate(other_network).stats.trace, trace);
}

}  // namespace
}  // namespace microovn::raft
