// SPDX-License-Identifier: Apache-2.0
// How far a member is with its quarantine: not in one, in it, or on the way out
// with a batch that is not durable yet. What it may and may not do meanwhile,
// and why that is safe, stands in quarantine.cc. Value.
#ifndef MICROOVN_RAFT_CORE_INTEGRITY_QUARANTINE_STATE_H_
#define MICROOVN_RAFT_CORE_INTEGRITY_QUARANTINE_STATE_H_

#include <optional>
#include <tuple>

#include "raft/core/values/recovered.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

class QuarantineState {
 public:
  void Enter(const Quarantine& lost) { lost_ = lost; }

  // Also while its end is not durable: a crash would bring it back.
  bool active() const { return lost_.has_value(); }
  const std::optional<Quarantine>& lost() const { return lost_; }

  // Whether it ends now. The log agrees durably with the present leader's up to
  // `agreed`, whose entry there is of `term`.
  bool Decide(LogIndex agreed, Term term) const;
  // The batch that ends it is on its way to the disk.
  void EndWith(StorageToken batch) { end_ = batch; }
  bool EndsWith(StorageToken batch) const { return active() && end_ == batch; }
  // Everything up to `stored` is durable.
  void Hear(StorageToken stored);

  friend bool operator==(const QuarantineState& a, const QuarantineState& b) {
    return std::tie(a.lost_, a.end_) == std::tie(b.lost_, b.end_);
  }

 private:
  friend struct CoreArchive;

  std::optional<Quarantine> lost_;
  StorageToken end_;  // 0: not yet issued
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_INTEGRITY_QUARANTINE_STATE_H_
