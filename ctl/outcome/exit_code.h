// SPDX-License-Identifier: Apache-2.0
// The one table from failures to exit codes.
#ifndef MICROOVN_CTL_OUTCOME_EXIT_CODE_H_
#define MICROOVN_CTL_OUTCOME_EXIT_CODE_H_

#include "absl/status/status.h"

namespace microovn::ctl {

enum ExitCode : int {
  kExitDone = 0,
  kExitFailed = 1,
  kExitUsage = 2,
  kExitDaemonUnreachable = 3,
  kExitPermissionDenied = 4,
  kExitNotFound = 5,
  kExitConflict = 6,
  kExitPrecondition = 7,
  kExitTimedOut = 8,
  kExitAborted = 9,
  kExitDegraded = 10,
  kExitCritical = 11,
  kExitUnknown = 12,
  // The change stands; what it is to bring about does not run yet.
  kExitNotRunning = 13,
  kExitInterrupted = 130,
};

// Reasons that the command line gives itself.
inline constexpr char kReasonDaemonUnreachable[] = "DAEMON_UNREACHABLE";
inline constexpr char kReasonInterrupted[] = "INTERRUPTED";
inline constexpr char kReasonUsage[] = "USAGE";

int ExitCodeFor(const absl::Status& status);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_OUTCOME_EXIT_CODE_H_
