// SPDX-License-Identifier: Apache-2.0
// The switch between mutants, and the list of them. mutate.py writes what
// reads the switch, and the list. Owned by the one thread of mutants_test.
#ifndef MICROOVN_RAFT_PROOF_MUTANTS_MUTANT_H_
#define MICROOVN_RAFT_PROOF_MUTANTS_MUTANT_H_

#include <vector>

namespace microovn::raft {

struct Mutant {
  int number = 0;  // 0: the code as it is
  const char* name = "";
  const char* breaks = "";  // the rule, and where it is written
  // It costs liveness or breaks a refusal; no history shows it.
  bool by_tests = false;
};

const std::vector<Mutant>& AllMutants();

// Which one this process runs.
inline int& ActiveMutant() {
  static int active = 0;
  return active;
}

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_PROOF_MUTANTS_MUTANT_H_
