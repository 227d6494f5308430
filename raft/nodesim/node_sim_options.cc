#include "raft/nodesim/node_sim_options.h"

#include "base/random.h"

namespace microovn::raft {
namespace {

// Most runs have most faults; some runs do without one.
Micros Every(SeededRandom& random, Micros shortest, Micros longest) {
  const Micros every = shortest + random.Uniform(longest - shortest);
  return random.Uniform(4) == 0 ? 0 : every;
}

}  // namespace

NodeSimOptions DrawNodeSimOptions(uint64_t seed) {
  NodeSimOptions options;
  options.sim = DrawOptions(seed);
  options.sim.duration = 6'000'000;
  options.sim.max_sync = 200 + options.sim.max_sync / 4;
  SeededRandom random(seed ^ 0xd15cd15cd15cd15cu);
  options.sim.partition_every = Every(random, 500'000, 3'000'000);
  options.sim.crash_every = Every(random, 400'000, 3'000'000);
  options.sim.membership_every = Every(random, 300'000, 2'000'000);
  options.kill_every = Every(random, 500'000, 3'000'000);
  options.fault_every = Every(random, 300'000, 2'000'000);
  options.cut_every = Every(random, 300'000, 2'000'000);
  options.slow_every = Every(random, 800'000, 4'000'000);
  return options;
}

}  // namespace microovn::raft
