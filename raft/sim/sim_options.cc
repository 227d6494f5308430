#include "raft/sim/sim_options.h"

#include "base/random.h"

namespace microovn::raft {
namespace {

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

Options DrawCoreOptions(Draw& draw) {
  Options core;
  core.election_timeout = draw.Between(150'000, 400'000);
  core.heartbeat_interval = draw.Between(20'000, 70'000);
  core.connection_loss_jitter = draw.Between(0, 20'000);
  core.transfer_timeout = draw.Between(100'000, 400'000);
  core.max_entries_per_message = draw.Between(1, 12);
  core.max_bytes_per_message = draw.Between(100, 4'000);
  core.max_inflight_messages = draw.Between(1, 12);
  core.max_inflight_bytes = draw.Between(500, 20'000);
  core.max_uncommitted_bytes = draw.Between(2'000, 100'000);
  core.max_unapplied_bytes = draw.Between(200, 20'000);
  core.snapshot_chunk_bytes = draw.Between(16, 200);
  core.retained_entries = draw.Between(0, 40);
  return core;
}

}  // namespace

SimOptions DrawOptions(uint64_t seed) {
  Draw draw(seed ^ 0x5eed5eed5eed5eedu);
  SimOptions options;
  options.seed = seed;
  options.core = DrawCoreOptions(draw);
  options.voters = draw.Between(1, 5);
  options.learners = draw.Maybe(40, 1, 2);
  options.max_members = draw.Between(5, 9);
  options.tick = draw.Between(5'000, 20'000);
  options.max_skew = draw.Maybe(60, 1'000, 50'000);
  options.max_delay = draw.Between(500, 20'000);
  options.slow_chance = draw.Maybe(50, 100, 20'000);
  options.loss_chance = draw.Maybe(60, 1'000, 150'000);
  options.duplicate_chance = draw.Maybe(60, 1'000, 150'000);
  options.hint_chance = draw.Maybe(60, 100'000, 1'000'000);
  options.max_sync = draw.Between(200, 30'000);
  options.max_apply = draw.Between(0, 10'000);
  options.clients = draw.Between(1, 8);
  options.client_pause = draw.Between(1'000, 20'000);
  options.checkpoint_every = draw.Between(3, 100);
  options.partition_every = draw.Maybe(70, 300'000, 4'000'000);
  options.crash_every = draw.Maybe(70, 300'000, 4'000'000);
  options.pause_every = draw.Maybe(40, 500'000, 4'000'000);
  options.membership_every = draw.Maybe(60, 100'000, 2'000'000);
  options.transfer_every = draw.Maybe(40, 200'000, 3'000'000);
  return options;
}

}  // namespace microovn::raft
