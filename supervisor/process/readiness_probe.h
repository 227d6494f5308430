// SPDX-License-Identifier: Apache-2.0
// Whether a daemon that runs is of use already: it has written its pid, its
// control socket answers and so does its database socket.
// Blocking, thread-safe. It changes nothing in the daemon, so it may be asked
// at any time, from any thread.
#ifndef MICROOVN_SUPERVISOR_PROCESS_READINESS_PROBE_H_
#define MICROOVN_SUPERVISOR_PROCESS_READINESS_PROBE_H_

#include <sys/types.h>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "supervisor/service/service_spec.h"

namespace microovn::supervisor {

// OK when the daemon that runs as `pid` is ready, else an error that says what
// is missing. Blocks up to `timeout` per socket.
absl::Status ProbeReadiness(const ServiceSpec& spec, pid_t pid,
                            absl::Duration timeout = absl::Milliseconds(500));

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_PROCESS_READINESS_PROBE_H_
