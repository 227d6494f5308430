// SPDX-License-Identifier: Apache-2.0
// What the core was told last, kept so that a fault can be stepped through
// afterwards (raft.md 5a.17).
#ifndef MICROOVN_RAFT_NODE_FLIGHT_FLIGHT_RECORDER_H_
#define MICROOVN_RAFT_NODE_FLIGHT_FLIGHT_RECORDER_H_

#include <cstddef>
#include <string>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "raft/core/raft_core.h"
#include "raft/core/values/input.h"
#include "raft/core/values/output.h"
#include "raft/core/values/types.h"
#include "raft/node/flight/flight.h"

namespace microovn::raft {

// Bounds on what is kept; half of it at least is there once it was reached.
struct FlightOptions {
  size_t max_inputs = 4096;
  size_t max_bytes = 16 << 20;  // of payloads
};

// Thread-safe.
class FlightRecorder {
 public:
  // `core` has not been told anything yet.
  FlightRecorder(const FlightOptions& options, const RaftCore& core);

  // `core` is about to be told `input`.
  void Record(const RaftCore& core, Time now, const Input& input);
  void RecordFault(const Fault& fault);

  // EncodeFlight of what is kept.
  std::string Dump() const;

 private:
  const FlightOptions options_;
  mutable Mutex mu_;
  Flight flight_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_FLIGHT_FLIGHT_RECORDER_H_
