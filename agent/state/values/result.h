// SPDX-License-Identifier: Apache-2.0
// absl::Status in a command's result and back. A result holds code, reason and
// arguments; message and remedy are put together where it is read, in the words
// of this version. Pure.
#ifndef MICROOVN_AGENT_STATE_VALUES_RESULT_H_
#define MICROOVN_AGENT_STATE_VALUES_RESULT_H_

#include "absl/status/status.h"
#include "agent/state/values/cluster_state.h"
#include "microovn/internal/state/v1/command.pb.h"

namespace microovn::agent {

// Only code, reason and arguments are set.
statepb::Result ResultOf(const absl::Status& status);

// OK for an admitted command.
absl::Status StatusOfResult(const statepb::Result& result);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_VALUES_RESULT_H_
