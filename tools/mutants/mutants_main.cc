// The mutation score of one folder: each mutant runs the folder's own unit
// tests in a process of its own, until one objects. A mutant that nothing
// notices fails this test, and so does the unchanged code if anything objects
// to it.
//
// MICROOVN_MUTANT names one mutant to run alone. MICROOVN_MUTANT_SAMPLE=N runs
// N of them, drawn by MICROOVN_MUTANT_SEED.
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "raft/proof/mutants/mutant.h"

namespace microovn {
namespace {

using raft::Mutant;

constexpr char kChild[] = "MICROOVN_ACTIVE_MUTANT";
constexpr unsigned int kMostSeconds = 60;

std::string Environment(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

int Number(const char* name, int otherwise) {
  int number = 0;
  return absl::SimpleAtoi(Environment(name), &number) ? number : otherwise;
}

// Whether a test failed, crashed or did not end with this mutant active.
bool IsNoticed(int mutant) {
  const pid_t child = fork();
  if (child == 0) {
    setpgid(0, 0);
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    setenv(kChild, absl::StrCat(mutant).c_str(), 1);
    if (freopen("/dev/null", "w", stdout) == nullptr ||
        freopen("/dev/null", "w", stderr) == nullptr) {
      _exit(EXIT_FAILURE);
    }
    alarm(kMostSeconds);
    execl("/proc/self/exe", "mutant", "--gtest_fail_fast", nullptr);
    _exit(EXIT_FAILURE);
  }
  int status = 0;
  waitpid(child, &status, 0);
  // What its tests have started ends with it.
  kill(-child, SIGKILL);
  return status != 0;
}

std::vector<Mutant> Chosen() {
  std::vector<Mutant> mutants = raft::AllMutants();
  const std::string only = Environment("MICROOVN_MUTANT");
  if (!only.empty()) {
    mutants.erase(
        std::remove_if(mutants.begin(), mutants.end(),
                       [&only](const Mutant& m) { return only != m.name; }),
        mutants.end());
    return mutants;
  }
  const auto sample =
      static_cast<size_t>(std::max(0, Number("MICROOVN_MUTANT_SAMPLE", 0)));
  if (sample == 0 || sample >= mutants.size()) return mutants;
  std::mt19937 random(static_cast<uint32_t>(Number("MICROOVN_MUTANT_SEED", 1)));
  std::shuffle(mutants.begin(), mutants.end(), random);
  mutants.resize(sample);
  return mutants;
}

int RunAll(const std::string& folder) {
  if (IsNoticed(0)) {
    std::cout << "the unchanged code fails its tests" << std::endl;
    return EXIT_FAILURE;
  }
  const std::vector<Mutant> mutants = Chosen();
  size_t killed = 0;
  for (const Mutant& mutant : mutants) {
    const bool noticed = IsNoticed(mutant.number);
    killed += noticed ? 1 : 0;
    std::cout << (noticed ? "killed " : "NOTHING NOTICES ") << mutant.name
              << ": " << mutant.breaks << std::endl;
  }
  std::cout << "mutants outside raft killed " << killed << "/" << mutants.size()
            << " in " << folder << std::endl;
  return mutants.empty() || killed != mutants.size() ? EXIT_FAILURE
                                                     : EXIT_SUCCESS;
}

}  // namespace
}  // namespace microovn

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const int active = microovn::Number(microovn::kChild, -1);
  if (active >= 0) {
    microovn::raft::ActiveMutant() = active;
    return RUN_ALL_TESTS();
  }
  return microovn::RunAll(argc > 1 ? argv[1] : "?");
}
