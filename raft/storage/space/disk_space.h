// SPDX-License-Identifier: Apache-2.0
// When a member stops taking changes because its disk fills up, and when it
// gives up its reserve (raft.md 5a.14). Pure functions.
//
// A reserve of blocks is allocated while there is space. The member is
// read-only long before the disk is full; as a follower it still has to write
// what its leader appends, and when not even that fits any more it gives the
// reserve back to the file system.
#ifndef MICROOVN_RAFT_STORAGE_SPACE_DISK_SPACE_H_
#define MICROOVN_RAFT_STORAGE_SPACE_DISK_SPACE_H_

#include <cstdint>

namespace microovn::raft {

enum class SpaceLevel {
  kOk,
  kLow,       // somebody should look at it
  kReadOnly,  // no changes through this member
};

// Sizes in bytes. The thresholds follow from the reserve.
struct SpaceOptions {
  // Never more than a sixteenth of the file system. 0: nothing is watched.
  uint64_t reserve = uint64_t{64} << 20;
};

struct DiskSpace {
  uint64_t total = 0;
  uint64_t free = 0;     // for this process; without the reserve
  uint64_t reserve = 0;  // allocated now
};

struct SpaceThresholds {
  uint64_t reserve = 0;  // wanted
  // Of what is free while the whole reserve is allocated.
  uint64_t low = 0;
  uint64_t read_only = 0;
  uint64_t release = 0;
};

// kTake also completes what an interrupted allocation left.
enum class ReserveStep { kKeep, kTake, kRelease };

struct SpaceDecision {
  SpaceLevel level = SpaceLevel::kOk;
  ReserveStep step = ReserveStep::kKeep;
};

SpaceThresholds ThresholdsOf(const SpaceOptions& options, uint64_t total);

// `level` is the one of the last decision. A level is left only when there is
// half as much again as the threshold at which it was entered.
SpaceDecision DecideSpace(const SpaceOptions& options, SpaceLevel level,
                          const DiskSpace& space);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_SPACE_DISK_SPACE_H_
