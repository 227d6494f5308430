// SPDX-License-Identifier: Apache-2.0
// Lives drawn from seeds, for tests that take long: with MICROOVN_LONG, from
// MICROOVN_SEEDS seeds, the first of which is MICROOVN_SEED.
#ifndef MICROOVN_RAFT_STORAGE_TESTING_DRAWN_LIFE_H_
#define MICROOVN_RAFT_STORAGE_TESTING_DRAWN_LIFE_H_

#include <cstdint>
#include <vector>

#include "raft/storage/testing/storage_life.h"

namespace microovn::raft {

// None without MICROOVN_LONG.
std::vector<uint64_t> LongSeeds();

// Also seeds RocksDB in the caller's thread.
std::vector<LifeStep> LifeOfSeed(uint64_t seed);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_TESTING_DRAWN_LIFE_H_
