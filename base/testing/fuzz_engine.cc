// SPDX-License-Identifier: Apache-2.0
// libFuzzer's entry points. MICROOVN_FUZZ_SEEDS names a directory into which
// the seeds are written before the engine reads its corpus.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/testing/fuzz_target.h"

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* directory = std::getenv("MICROOVN_FUZZ_SEEDS");
  if (directory == nullptr) return 0;
  const std::vector<std::string> seeds = microovn::FuzzSeeds();
  for (size_t i = 0; i < seeds.size(); ++i) {
    std::ofstream file(absl::StrCat(directory, "/seed-", i), std::ios::binary);
    file << seeds[i];
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  microovn::FuzzOne({reinterpret_cast<const char*>(data), size});
  return 0;
}
