// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/space/disk_space.h"

#include <algorithm>

namespace microovn::raft {
namespace {

// A small disk is not half given away for its own safety.
constexpr uint64_t kSmallestShare = 16;

uint64_t WithSlack(uint64_t threshold) { return threshold + threshold / 2; }

SpaceLevel LevelOf(const SpaceThresholds& at, SpaceLevel before,
                   uint64_t free) {
  const bool was_read_only = before == SpaceLevel::kReadOnly;
  if (free < (was_read_only ? WithSlack(at.read_only) : at.read_only)) {
    return SpaceLevel::kReadOnly;
  }
  const bool was_low = before != SpaceLevel::kOk;
  if (free < (was_low ? WithSlack(at.low) : at.low)) return SpaceLevel::kLow;
  return SpaceLevel::kOk;
}

}  // namespace

SpaceThresholds ThresholdsOf(const SpaceOptions& options, uint64_t total) {
  SpaceThresholds at;
  at.reserve = std::min(options.reserve, total / kSmallestShare);
  // Time for somebody to look, before changes are refused.
  at.low = 4 * at.reserve;
  at.read_only = at.reserve;
  // As late as possible: it can be given back once, and then has to last for
  // what a follower is sent.
  at.release = at.reserve / 4;
  return at;
}

SpaceDecision DecideSpace(const SpaceOptions& options, SpaceLevel level,
                          const DiskSpace& space) {
  const SpaceThresholds at = ThresholdsOf(options, space.total);
  // As if the whole reserve were allocated: giving it back is no relief.
  const uint64_t missing = at.reserve - std::min(at.reserve, space.reserve);
  const uint64_t free = space.free - std::min(space.free, missing);
  SpaceDecision decision;
  decision.level = LevelOf(at, level, free);
  if (decision.level != SpaceLevel::kReadOnly) {
    if (missing > 0) decision.step = ReserveStep::kTake;
  } else if (space.reserve > 0 && space.free < at.release) {
    decision.step = ReserveStep::kRelease;
  }
  return decision;
}

}  // namespace microovn::raft
