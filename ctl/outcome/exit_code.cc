// SPDX-License-Identifier: Apache-2.0
#include "ctl/outcome/exit_code.h"

#include "absl/strings/string_view.h"
#include "base/status/error.h"

namespace microovn::ctl {
namespace {

// Without a quorum or a leader the cluster cannot change; that is known, while
// of a member that does not answer nothing is known.
int UnavailableCode(absl::string_view reason) {
  if (reason == kReasonDaemonUnreachable) return kExitDaemonUnreachable;
  for (absl::string_view lost : {"NO_LEADER", "NO_QUORUM"}) {
    if (reason == lost) return kExitCritical;
  }
  return kExitUnknown;
}

}  // namespace

int ExitCodeFor(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  if (reason == kReasonInterrupted) return kExitInterrupted;
  if (reason == "SERVICES_NOT_RUNNING") return kExitNotRunning;
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitDone;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return kExitUsage;
    case absl::StatusCode::kUnavailable:
      return UnavailableCode(reason);
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return kExitPermissionDenied;
    case absl::StatusCode::kNotFound:
      return kExitNotFound;
    case absl::StatusCode::kAlreadyExists:
      return kExitConflict;
    case absl::StatusCode::kFailedPrecondition:
      return kExitPrecondition;
    case absl::StatusCode::kDeadlineExceeded:
      return kExitTimedOut;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kCancelled:
      return kExitAborted;
    default:
      return kExitFailed;
  }
}

}  // namespace microovn::ctl
