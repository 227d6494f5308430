// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/nodesim/node_sim_options.h"

#include <algorithm>

#include "base/crypto/random.h"

namespace microovn::raft {
namespace {

class Draw {
 public:
  explicit Draw(uint64_t seed) : random_(seed) {}

  uint64_t Between(uint64_t low, uint64_t high) {
    return low + random_.Uniform(high - low + 1);
  }
  // Most runs have most faults; some runs do without one.
  Micros Every(Micros shortest, Micros longest) {
    const Micros every = Between(shortest, longest);
    return random_.Uniform(4) == 0 ? 0 : every;
  }

 private:
  SeededRandom random_;
};

}  // namespace

// A database costs a thousand times what a vector does: lives are short and
// clients slow, and the faults follow each other the faster.
NodeSimOptions DrawNodeSimOptions(uint64_t seed) {
  NodeSimOptions options;
  options.sim = DrawOptions(seed);
  Draw draw(seed ^ 0xd15cd15cd15cd15cu);
  options.sim.duration = draw.Between(1'000'000, 2'500'000);
  options.sim.voters = std::min<size_t>(options.sim.voters, 5);
  options.sim.max_members = std::min<size_t>(options.sim.max_members, 7);
  options.sim.clients = draw.Between(1, 4);
  options.sim.client_pause = draw.Between(4'000, 16'000);
  options.sim.max_sync = 200 + options.sim.max_sync / 4;
  // Of a state of some kilobytes.
  options.sim.core.snapshot_chunk_bytes = draw.Between(300, 5'000);
  options.sim.partition_every = draw.Every(300'000, 1'500'000);
  options.sim.crash_every = draw.Every(200'000, 1'500'000);
  options.sim.membership_every = draw.Every(100'000, 800'000);
  options.kill_every = draw.Every(200'000, 1'500'000);
  options.fault_every = draw.Every(200'000, 1'200'000);
  options.cut_every = draw.Every(200'000, 1'200'000);
  options.slow_every = draw.Every(400'000, 2'000'000);
  return options;
}

}  // namespace microovn::raft
