// SPDX-License-Identifier: Apache-2.0
// One member of the simulated cluster: a core, its disk and its state, and
// what a node would hold in memory around them. A plain record that SimCluster
// works on.
#ifndef MICROOVN_RAFT_PROOF_SIM_SIM_MEMBER_H_
#define MICROOVN_RAFT_PROOF_SIM_SIM_MEMBER_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "raft/core/raft_core.h"
#include "raft/core/values/output.h"
#include "raft/proof/sim/sim_disk.h"
#include "raft/proof/sim/sim_state_machine.h"

namespace microovn::raft {

struct SnapshotFile {
  SnapshotMetadata metadata;
  std::string bytes;
};

struct WaitingWrite {
  uint64_t operation = 0;
  size_t client = 0;
  Term term;
};

struct WaitingRead {
  uint64_t operation = 0;
  size_t client = 0;
  LogIndex index;
};

struct SimMember {
  Identity identity;
  // Its data directory is gone and it will never run again. Its disk stays as
  // it was, so that one can tell what it had promised.
  bool lost = false;
  // Never runs, and says what it likes.
  bool lies = false;
  SimDisk disk;
  // A write that begins before this waits.
  Time disk_stalled_until;
  // Its clock runs at (1000000 + skew) / 1000000 of the simulation's.
  int64_t skew = 0;
  Time clock_start;

  // Of the running process; the core is absent while it is down.
  std::optional<RaftCore> core;
  uint32_t epoch = 0;  // grows with each start and crash
  Time paused_until;
  StorageToken stored;
  std::deque<Send> held;
  SimStateMachine state;
  // The next command is applied wrongly; one was, and the state is not what it
  // should be; that was noticed, and the member is stopped for good.
  bool wrong_next = false;
  bool wrong = false;
  bool stopped = false;
  LogIndex checkpointed;
  Time applied_told;  // when the core hears of what was applied last
  std::map<MemberId, SnapshotFile> outgoing;
  // Survives a crash, as a partial file may.
  std::optional<SnapshotFile> incoming;
  std::map<LogIndex, WaitingWrite> writes;
  std::vector<WaitingRead> reads;

  bool up() const { return core.has_value(); }
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_PROOF_SIM_SIM_MEMBER_H_
