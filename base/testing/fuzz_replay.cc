// SPDX-License-Identifier: Apache-2.0
// A fuzz target without a fuzzer: its seeds, what is nearly a seed, and the
// files named on the command line, which are what a fuzzer found once.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "base/testing/fuzz_target.h"

namespace microovn {
namespace {

// So many prefixes, and so many changed bytes, of each seed.
constexpr size_t kVariants = 2000;

size_t RunNearly(const std::string& seed) {
  const size_t step = std::max<size_t>(1, seed.size() / kVariants);
  size_t runs = 0;
  for (size_t at = 0; at < seed.size(); at += step) {
    FuzzOne(absl::string_view(seed).substr(0, at));
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string changed = seed;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      FuzzOne(changed);
    }
    runs += 4;
  }
  return runs;
}

bool RunFile(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return false;
  FuzzOne(std::string(std::istreambuf_iterator<char>(file), {}));
  return true;
}

int Run(int argc, char** argv) {
  size_t runs = 0;
  for (const std::string& seed : FuzzSeeds()) {
    FuzzOne(seed);
    runs += 1 + RunNearly(seed);
  }
  for (int i = 1; i < argc; ++i) {
    if (!RunFile(argv[i])) {
      std::cerr << "cannot read " << argv[i] << std::endl;
      return EXIT_FAILURE;
    }
    ++runs;
  }
  std::cout << runs << " inputs" << std::endl;
  return runs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace microovn

int main(int argc, char** argv) { return microovn::Run(argc, argv); }
