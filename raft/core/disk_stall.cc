// SPDX-License-Identifier: Apache-2.0
// What a member does whose disk does not answer (raft.md 5a.14). A leader whose
// own disk hangs can hardly lead: its entries commit only by the others, and
// nothing is applied here. So it hands over, and if that does not work it makes
// room. A member without a working disk does not campaign either: it could not
// even store its own vote.
//
// Reads go on to be confirmed. A confirmation says that a quorum still follows
// this leader and how far it has committed. Its part in that is its vote for
// itself, which was durable before it led; and what its disk has not stored it
// does not count (AdvanceLeaderCommit).
#include "absl/algorithm/container.h"
#include "raft/core/raft_core.h"

namespace microovn::raft {

bool RaftCore::DiskStalledFor(Micros time) const {
  return !unstored_.empty() && unstored_.front().issued + time < now_;
}

bool RaftCore::IsDiskStalled() const {
  // Half, so that the hand-over that it begins has the other half before the
  // leader steps down.
  return DiskStalledFor(options_.election_timeout / 2);
}

// False: it has stepped down.
bool RaftCore::YieldIfDiskStalls(Leader& leader) {
  // After a late tick the disk's answer may still be on its way.
  if (last_tick_late_ || !IsDiskStalled()) return true;
  // Its writes hang whether it leads or not.
  const bool alone = absl::c_all_of(
      InForce().voters, [this](MemberId voter) { return voter == self(); });
  // Nobody else could lead.
  if (alone) return true;
  if (DiskStalledFor(options_.election_timeout)) {
    BecomeFollower(RoleReason::kDiskStalled);
    return false;
  }
  const MemberId successor = BestSuccessor(leader);
  if (leader.hand_over.has_value() || successor.is_none()) return true;
  leader.hand_over =
      HandOver{RequestId(0), successor, now_ + options_.transfer_timeout};
  ContinueHandOver(leader);
  return true;
}

}  // namespace microovn::raft
