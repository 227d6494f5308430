// The switch that a mutated source reads: raft/proof/mutants/mutate.py writes
// what asks it. Read once; the same for the whole life of a process.
#ifndef MICROOVN_TOOLS_MUTANTS_ACTIVE_MUTANT_H_
#define MICROOVN_TOOLS_MUTANTS_ACTIVE_MUTANT_H_

#include <stdlib.h>
#include <string.h>

namespace microovn {

inline bool IsActiveMutant(const char* name) {
  static const char* const active = getenv("MICROOVN_ACTIVE_MUTANT");
  return active != nullptr && strcmp(active, name) == 0;
}

}  // namespace microovn

namespace {

// What a test starts is not the code under test, and need not load it.
__attribute__((constructor)) void ForgetPreload() { unsetenv("LD_PRELOAD"); }

}  // namespace

#endif  // MICROOVN_TOOLS_MUTANTS_ACTIVE_MUTANT_H_
