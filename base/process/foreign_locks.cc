// SPDX-License-Identifier: Apache-2.0
#include "base/process/foreign_locks.h"

#include "absl/synchronization/mutex.h"

namespace microovn {

void SkipForeignLockChecks() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

}  // namespace microovn
