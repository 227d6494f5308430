// SPDX-License-Identifier: Apache-2.0
#include "raft/core/integrity/quarantine_state.h"

namespace microovn::raft {

bool QuarantineState::Decide(LogIndex agreed, Term term) const {
  if (!active() || end_ != StorageToken(0)) return false;
  // Part 2 of quarantine.cc: as far as the recorded end, or behind an entry of
  // a later term.
  return agreed >= lost_->last.index || term > lost_->last.term;
}

void QuarantineState::Hear(StorageToken stored) {
  if (end_ == StorageToken(0) || end_ > stored) return;
  // From here the member votes and is counted. Not earlier: a crash before
  // would find the quarantine again, and with it promises that it may have
  // forgotten.
  lost_.reset();
  end_ = StorageToken(0);
}

}  // namespace microovn::raft
