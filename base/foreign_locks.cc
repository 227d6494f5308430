#include "base/foreign_locks.h"

#include "absl/synchronization/mutex.h"

namespace microovn {

void SkipForeignLockChecks() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

}  // namespace microovn
