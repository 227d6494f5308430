// SPDX-License-Identifier: Apache-2.0
#include "raft/node/open_error.h"

#include "base/status/error.h"

namespace microovn::raft {

// No repair is offered: what a damaged log has promised is not known, and the
// other members have all of it.
absl::Status DamagedError(absl::string_view detail) {
  return MakeError(absl::StatusCode::kDataLoss, detail,
                   {"STORAGE_DAMAGED",
                    "remove this member from the cluster and let it join anew",
                    {}});
}

absl::Status OpenError(const absl::Status& status) {
  if (absl::IsDataLoss(status)) return DamagedError(status.message());
  if (absl::IsUnavailable(status)) {
    return MakeError(absl::StatusCode::kUnavailable, status.message(),
                     {"STORAGE_IN_USE", "stop the other process first", {}});
  }
  return status;
}

}  // namespace microovn::raft
