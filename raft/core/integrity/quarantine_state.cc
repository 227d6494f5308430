#include "raft/core/integrity/quarantine_state.h"

namespace microovn::raft {

bool QuarantineState::Decide(LogIndex agreed, Term term) const {
  if (!active() || end_ != StorageToken(0)) return false;
  return agreed >= lost_->last.index || term > lost_->last.term;
}

void QuarantineState::Hear(StorageToken stored) {
  if (end_ == StorageToken(0) || end_ > stored) return;
  lost_.reset();
  end_ = StorageToken(0);
}

}  // namespace microovn::raft
