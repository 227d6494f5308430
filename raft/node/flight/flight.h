// SPDX-License-Identifier: Apache-2.0
// A piece of a core's life: the core as it was, and what it was told then. As
// bytes for a file, and stepped through again. Pure.
#ifndef MICROOVN_RAFT_NODE_FLIGHT_FLIGHT_H_
#define MICROOVN_RAFT_NODE_FLIGHT_FLIGHT_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/raft_core.h"
#include "raft/core/values/input.h"
#include "raft/core/values/output.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

struct RecordedInput {
  Time now;
  Input input;
};

// Payloads are whole, since the chain is over them: a flight holds what the log
// holds, and is as secret.
struct FlightSegment {
  RaftCore core;
  std::vector<RecordedInput> inputs;
  size_t bytes = 0;  // of the inputs' payloads
};

// The oldest first; each ends where the next begins.
struct Flight {
  std::vector<FlightSegment> segments;
  std::optional<Fault> fault;  // what the last input led to
};

// With the version and a digest in it.
std::string EncodeFlight(const Flight& flight);
// FAILED_PRECONDITION when another version wrote it, DATA_LOSS when it is not
// whole.
absl::StatusOr<Flight> DecodeFlight(absl::string_view bytes);

// Tells a copy of the first core all inputs; `seen` hears of each step. Returns
// the core as it is then. DATA_LOSS when it does not come to where the next
// segment begins, or not to the same fault: the flight is not of this program.
// The fault itself is an outcome like any other: it is not an error here.
absl::StatusOr<RaftCore> Replay(
    const Flight& flight,
    const std::function<void(const RecordedInput&, const Output&)>& seen = {});

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_FLIGHT_FLIGHT_H_
