// SPDX-License-Identifier: Apache-2.0
// The mutation score of the protocol code: each mutant runs the simulator's
// seeds from 1 on until the checkers object; what they cannot show, or did not
// in that many seeds, is left to the core's own tests. A mutant that nothing
// notices fails this test, and so does the unchanged code if anything objects
// to it.
//
// MICROOVN_MUTANT names one mutant to run alone, MICROOVN_MUTANT_SEEDS sets
// after how many seeds it counts as alive.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "raft/proof/mutants/mutant.h"
#include "raft/proof/sim/sim_options.h"
#include "raft/proof/sim/simulation.h"

namespace microovn::raft {
namespace {

constexpr uint64_t kDefaultSeeds = 100;
constexpr rlim_t kCpuSeconds = 60;
constexpr rlim_t kAddressSpace = rlim_t{2} << 30;
constexpr size_t kShownWords = 60;

struct Verdict {
  bool killed = false;
  std::string by;
  uint64_t seeds = 0;  // 0: no simulation noticed
  uint64_t events = 0;
};

// Lines of a child, which may end before it has said all: "seed N" when it
// begins with one, then "killed SEED EVENTS WHAT", "test NAME" or "alive".
class Report {
 public:
  explicit Report(int fd) : fd_(fd) {}

  template <typename... Parts>
  void Say(const Parts&... parts) const {
    const std::string line = absl::StrCat(parts..., "\n");
    if (write(fd_, line.data(), line.size()) < 0) _exit(EXIT_FAILURE);
  }

 private:
  const int fd_;
};

// Simulated time, members and figures differ with every change of the code.
std::string WhatWasSaid(const std::string& failure) {
  std::string what = failure;
  if (const size_t at = what.find(" us: "); at != std::string::npos) {
    what = what.substr(at + 5);
  }
  return what.substr(0, what.find_first_of("([\n"));
}

bool SimulateSeeds(uint64_t seeds, const Report& report) {
  uint64_t events = 0;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    report.Say("seed ", seed, " ", events);
    const SimulationResult result = Simulate(DrawOptions(seed));
    events += result.stats.events;
    if (result.failure.empty()) continue;
    report.Say("killed ", seed, " ", events, " ", WhatWasSaid(result.failure));
    return false;
  }
  report.Say("seed 0 ", events);
  return true;
}

class FirstFailure : public testing::EmptyTestEventListener {
 public:
  explicit FirstFailure(const Report& report) : report_(report) {}

  void OnTestStart(const testing::TestInfo& test) override {
    name_ = test.name();
    report_.Say("running ", name_);
  }
  // GoogleTest holds its lock here: it must not be asked for the name.
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (!result.failed() || reported_) return;
    reported_ = true;
    report_.Say("test ", name_);
  }

 private:
  const Report report_;
  std::string name_;
  bool reported_ = false;
};

bool RunTests(const Report& report) {
  testing::TestEventListeners& listeners =
      testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  listeners.Append(new FirstFailure(report));  // owned by the list
  return RUN_ALL_TESTS() == 0;
}

// In a process of its own, which the mutant may crash, fill or keep for ever.
[[noreturn]] void RunChild(const Mutant& mutant, uint64_t seeds, int fd) {
  const rlimit cpu{kCpuSeconds, kCpuSeconds};
  const rlimit space{kAddressSpace, kAddressSpace};
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CPU, &cpu);
  setrlimit(RLIMIT_AS, &space);
  setrlimit(RLIMIT_CORE, &no_core);
  ActiveMutant() = mutant.number;
  const Report report(fd);
  const bool simulated = mutant.by_tests || SimulateSeeds(seeds, report);
  if (simulated && RunTests(report)) report.Say("alive");
  _exit(EXIT_SUCCESS);
}

std::string HowItEnded(int status) {
  if (!WIFSIGNALED(status)) {
    return absl::StrCat("exit status ", WEXITSTATUS(status));
  }
  const int signal = WTERMSIG(status);
  return signal == SIGKILL || signal == SIGXCPU
             ? std::string("hangs")
             : absl::StrCat("crashes with signal ", signal);
}

Verdict Judge(const std::string& said, int status) {
  Verdict verdict;
  verdict.killed = true;
  std::string last;
  for (const absl::string_view line : absl::StrSplit(said, '\n')) {
    const std::vector<std::string> words =
        absl::StrSplit(line, absl::MaxSplits(' ', 3));
    if (words.size() < 2 && words[0] != "alive") continue;
    last = words[0];
    if (last == "seed" || last == "killed") {
      verdict.seeds = std::strtoull(words[1].c_str(), nullptr, 10);
      verdict.events = std::strtoull(words[2].c_str(), nullptr, 10);
    }
    if (last == "killed") verdict.by = words[3];
    if (last == "test" || last == "running") verdict.by = words[1];
    if (last == "alive") verdict.killed = false;
    if (last == "killed" || last == "test") return verdict;
  }
  if (verdict.killed) {
    verdict.by = absl::StrCat(HowItEnded(status), " ", verdict.by);
  }
  return verdict;
}

Verdict Run(const Mutant& mutant, uint64_t seeds) {
  int ends[2];
  if (pipe(ends) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    RunChild(mutant, seeds, ends[1]);
  }
  close(ends[1]);
  std::string said;
  char buffer[4096];
  for (ssize_t n = 0; (n = read(ends[0], buffer, sizeof(buffer))) > 0;) {
    said.append(buffer, static_cast<size_t>(n));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return Judge(said, status);
}

void Print(const Mutant& mutant, const Verdict& verdict) {
  const std::string by = verdict.killed ? verdict.by : "NOTHING NOTICES";
  std::cout << absl::StreamFormat(
                   "%-46s %-*s %5s %9d  %s", mutant.name, kShownWords,
                   by.substr(0, kShownWords),
                   verdict.seeds == 0 ? "test" : absl::StrCat(verdict.seeds),
                   verdict.events, mutant.breaks)
            << std::endl;
}

// "median M max X", or nothing to tell.
std::string Summary(std::vector<uint64_t> seeds) {
  if (seeds.empty()) return "-";
  std::sort(seeds.begin(), seeds.end());
  return absl::StrCat("median ", seeds[seeds.size() / 2], " max ",
                      seeds.back());
}

uint64_t SeedsFromEnvironment() {
  const char* text = std::getenv("MICROOVN_MUTANT_SEEDS");
  uint64_t seeds = 0;
  return text != nullptr && absl::SimpleAtoi(text, &seeds) ? seeds
                                                           : kDefaultSeeds;
}

bool RunUnchanged(uint64_t seeds) {
  const Mutant unchanged{0, "(unchanged)", "", false};
  const Verdict verdict = Run(unchanged, seeds);
  std::cout << "unchanged: " << seeds << " seeds, " << verdict.events
            << " events and all tests: "
            << (verdict.killed ? "FAILED: " + verdict.by : "nothing noticed")
            << std::endl;
  return !verdict.killed;
}

int RunAll() {
  const char* only = std::getenv("MICROOVN_MUTANT");
  const uint64_t seeds = SeedsFromEnvironment();
  const auto start = std::chrono::steady_clock::now();
  bool failed = only == nullptr && !RunUnchanged(seeds);
  size_t run = 0;
  size_t killed = 0;
  std::vector<uint64_t> needed;
  for (const Mutant& mutant : AllMutants()) {
    if (only != nullptr && absl::string_view(only) != mutant.name) continue;
    const Verdict verdict = Run(mutant, seeds);
    ++run;
    if (verdict.killed) ++killed;
    if (verdict.killed && verdict.seeds > 0) needed.push_back(verdict.seeds);
    Print(mutant, verdict);
  }
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  std::cout << "by simulation " << needed.size() << ", by tests of the core "
            << killed - needed.size() << ", seconds " << took.count() << "\n"
            << "mutants killed " << killed << "/" << run << ", seeds to kill "
            << Summary(needed) << std::endl;
  failed = failed || run == 0 || killed != run;
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

}  // namespace
}  // namespace microovn::raft

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return microovn::raft::RunAll();
}
