// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/sim/sim_options.h"

#include <algorithm>

#include "base/crypto/random.h"

namespace microovn::raft {
namespace {

// Five percent of the runs.
constexpr uint64_t kSearchEvery = 20;

class Draw {
 public:
  explicit Draw(uint64_t seed) : random_(seed) {}

  uint64_t Between(uint64_t low, uint64_t high) {
    return low + random_.Uniform(high - low + 1);
  }
  bool Chance(uint64_t percent) { return random_.Uniform(100) < percent; }
  // A value in the range, or 0 for runs without this fault.
  uint64_t Maybe(uint64_t percent, uint64_t low, uint64_t high) {
    const uint64_t value = Between(low, high);
    return Chance(percent) ? value : 0;
  }

 private:
  SeededRandom random_;
};

// Small windows and chunks, so that their ends are met all the time.
Options DrawCoreOptions(Draw& draw) {
  Options core;
  core.election_timeout = draw.Between(60'000, 300'000);
  core.heartbeat_interval = core.election_timeout / draw.Between(4, 8);
  core.connection_loss_slot = draw.Between(0, 20'000);
  core.learner_heartbeat_rounds = draw.Between(1, 8);
  core.commit_notice_delay = draw.Maybe(50, 1'000, 20'000);
  core.transfer_timeout = draw.Between(50'000, 400'000);
  core.max_entries_per_message = draw.Between(1, 12);
  core.max_bytes_per_message = draw.Between(100, 4'000);
  core.max_inflight_messages = draw.Between(1, 12);
  core.max_inflight_bytes = draw.Between(500, 20'000);
  core.max_uncommitted_bytes = draw.Between(2'000, 100'000);
  core.max_unapplied_bytes = draw.Between(200, 20'000);
  core.snapshot_chunk_bytes = draw.Between(16, 200);
  core.retained_entries =
      draw.Chance(40) ? draw.Between(0, 4) : draw.Between(5, 40);
  return core;
}

void DrawCluster(Draw& draw, SimOptions& options) {
  options.voters = draw.Chance(70) ? draw.Between(1, 5) : draw.Between(1, 9);
  options.learners = draw.Maybe(40, 1, 2);
  options.max_members = draw.Between(5, 9);
  options.tick = draw.Between(5'000, 20'000);
  options.max_skew = draw.Maybe(60, 1'000, 50'000);
  options.clients = draw.Between(1, 8);
  options.client_pause = draw.Between(1'000, 10'000);
  options.checkpoint_every =
      draw.Chance(40) ? draw.Between(1, 10) : draw.Between(3, 60);
}

void DrawNetworkAndDisk(Draw& draw, SimOptions& options) {
  options.max_delay = draw.Between(500, 15'000);
  options.slow_chance = draw.Maybe(50, 100, 20'000);
  options.loss_chance = draw.Maybe(60, 1'000, 150'000);
  options.duplicate_chance = draw.Maybe(60, 1'000, 150'000);
  options.hint_chance = draw.Maybe(60, 100'000, 1'000'000);
  options.max_sync = draw.Between(200, 20'000);
  options.max_apply = draw.Between(0, 10'000);
}

void DrawFaults(Draw& draw, SimOptions& options) {
  options.partition_every = draw.Maybe(70, 100'000, 1'500'000);
  options.crash_every = draw.Maybe(70, 100'000, 1'500'000);
  options.pause_every = draw.Maybe(40, 200'000, 2'000'000);
  options.membership_every = draw.Maybe(70, 30'000, 600'000);
  options.transfer_every = draw.Maybe(40, 100'000, 1'500'000);
  options.disk_stall_every = draw.Maybe(40, 200'000, 2'000'000);
  options.clock_jump_every = draw.Maybe(30, 200'000, 2'000'000);
  options.loss_every = draw.Maybe(40, 200'000, 2'000'000);
  options.tail_loss_every = draw.Maybe(40, 200'000, 2'000'000);
  options.core.state_mark_interval = draw.Between(4, 60);
  options.wrong_apply_every = draw.Maybe(60, 300'000, 3'000'000);
  // With few voters one of them is no minority.
  if (options.voters < 3 || options.membership_every > 0) {
    options.wrong_apply_every = 0;
  }
}

// Some lies in each election timeout, or many between two messages.
Micros DrawLies(Draw& draw) {
  return draw.Chance(50) ? draw.Between(100, 2'000)
                         : draw.Between(2'000, 50'000);
}

}  // namespace

SimOptions DrawOptions(uint64_t seed) {
  Draw draw(seed ^ 0x5eed5eed5eed5eedu);
  SimOptions options;
  options.seed = seed;
  options.core = DrawCoreOptions(draw);
  DrawCluster(draw, options);
  DrawNetworkAndDisk(draw, options);
  DrawFaults(draw, options);
  // Many short runs and a few long ones, whose logs and configurations get
  // old.
  options.duration = draw.Chance(95) ? draw.Between(1'000'000, 5'600'000)
                                     : draw.Between(10'000'000, 20'000'000);
  // An election must have a chance on this network and these disks.
  options.core.election_timeout =
      std::max(options.core.election_timeout,
               4 * (options.max_delay + options.max_sync));
  options.search_linearizability = seed % kSearchEvery == 0;
  // Last, so that the other draws are those of a run without it.
  const Micros lies = DrawLies(draw);
  if (options.learners > 0 && draw.Chance(50)) options.lie_every = lies;
  return options;
}

SimOptions DrawOptionsWithLiar(uint64_t seed) {
  SimOptions options = DrawOptions(seed);
  if (options.lie_every > 0) return options;
  Draw draw(seed);
  options.learners = std::max<size_t>(options.learners, 1);
  options.lie_every = DrawLies(draw);
  return options;
}

}  // namespace microovn::raft
