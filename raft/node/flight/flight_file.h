// SPDX-License-Identifier: Apache-2.0
// Where flights are kept for whoever looks into a failure.
#ifndef MICROOVN_RAFT_NODE_FLIGHT_FLIGHT_FILE_H_
#define MICROOVN_RAFT_NODE_FLIGHT_FLIGHT_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace microovn::raft {

// Writes `flight` to a new file in `directory` and returns its path. Only the
// owner can read it: it has what the log has. The last few files stay.
absl::StatusOr<std::string> KeepFlight(const std::string& directory,
                                       absl::string_view flight,
                                       absl::Time now);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_FLIGHT_FLIGHT_FILE_H_
