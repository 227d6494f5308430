// SPDX-License-Identifier: Apache-2.0
// Waits for an operation. On a terminal each change of a step is a line on
// stderr; otherwise nothing is added to the output. The operation does not
// need us: Ctrl-C only ends the waiting.
#ifndef MICROOVN_CTL_CLIENT_OPERATION_FOLLOWER_H_
#define MICROOVN_CTL_CLIENT_OPERATION_FOLLOWER_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ctl/client/session.h"
#include "google/longrunning/operations.pb.h"
#include "google/rpc/status.pb.h"

namespace microovn::ctl {

// The operation when it has ended well; its error when it has not. CANCELLED
// with reason INTERRUPTED after Ctrl-C. An agent that does not answer is tried
// again for half a minute: it may be restarting.
absl::StatusOr<google::longrunning::Operation> FollowOperation(
    Session& session, google::longrunning::Operation operation);

// With its details as payloads.
absl::Status StatusFromProto(const google::rpc::Status& status);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_CLIENT_OPERATION_FOLLOWER_H_
