// SPDX-License-Identifier: Apache-2.0
// What a file of a fuzz_target (tools/fuzz.bzl) defines. The fuzzer calls
// FuzzOne with what it invents; the ordinary tests call it with the seeds, and
// with what is nearly a seed. Both in one thread.
#ifndef MICROOVN_BASE_TESTING_FUZZ_TARGET_H_
#define MICROOVN_BASE_TESTING_FUZZ_TARGET_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace microovn {

// A few inputs of each form that is accepted, made by the code under test so
// that they are of its present format.
std::vector<std::string> FuzzSeeds();

// Gives `input` to the code under test and holds what comes of it against a
// property with FuzzCheck. Keeps nothing from one call to the next.
void FuzzOne(absl::string_view input);

// Ends the process, saying `what`, unless it holds.
void FuzzCheck(bool holds, absl::string_view what);

}  // namespace microovn

#endif  // MICROOVN_BASE_TESTING_FUZZ_TARGET_H_
