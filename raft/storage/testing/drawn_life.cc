// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/testing/drawn_life.h"

#include <cstdlib>

#include "absl/strings/numbers.h"
#include "base/crypto/random.h"
#include "raft/storage/testing/sim_env.h"

namespace microovn::raft {
namespace {

constexpr size_t kSteps = 40;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  uint64_t value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : otherwise;
}

}  // namespace

std::vector<uint64_t> LongSeeds() {
  std::vector<uint64_t> seeds;
  if (std::getenv("MICROOVN_LONG") == nullptr) return seeds;
  const uint64_t first = FromEnvironment("MICROOVN_SEED", 1);
  const uint64_t count = FromEnvironment("MICROOVN_SEEDS", 20);
  for (uint64_t i = 0; i < count; ++i) seeds.push_back(first + i);
  return seeds;
}

std::vector<LifeStep> LifeOfSeed(uint64_t seed) {
  SeedRocksdb(static_cast<uint32_t>(seed));
  SeededRandom random(seed);
  return DrawLife(random, kSteps);
}

}  // namespace microovn::raft
