// SPDX-License-Identifier: Apache-2.0
// One JSON-RPC 1.0 call over a unix socket: what OVN's and Open vSwitch's
// daemons speak on their control and database sockets. A program such as
// ovs-appctl costs a hundred times as much, so what is asked often is asked
// here.
//
// Blocking up to the timeout. Free functions, thread-safe.
// The timeout is for the whole call: a daemon that sends one byte at a time
// does not hold the caller. What a daemon answers is foreign text, of at most 4
// MiB. Each call is a connection of its own, so no answer is ever taken for
// that of another call.
#ifndef MICROOVN_SUPERVISOR_JSON_RPC_JSON_RPC_H_
#define MICROOVN_SUPERVISOR_JSON_RPC_JSON_RPC_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace microovn::supervisor {

// What `ovs-appctl -t SOCKET COMMAND ARGUMENT...` prints. FAILED_PRECONDITION
// with the daemon's words when it refuses; UNAVAILABLE when nobody listens;
// DEADLINE_EXCEEDED when it does not answer and ABORTED when it hangs up,
// although it may still obey.
absl::StatusOr<std::string> Unixctl(const std::string& socket,
                                    const std::string& command,
                                    const std::vector<std::string>& arguments,
                                    absl::Duration timeout);

// The results of one OVSDB transaction as JSON: `params` is the array that
// begins with the database's name (RFC 7047, 4.1.3). Errors as of Unixctl;
// those of single operations are among the results.
absl::StatusOr<std::string> OvsdbTransact(const std::string& socket,
                                          const std::string& params,
                                          absl::Duration timeout);

// OK when an OVSDB server answers on the socket.
// By `echo` (RFC 7047, 4.1.11), which it answers without touching a database.
absl::Status PingDatabase(const std::string& socket, absl::Duration timeout);

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_JSON_RPC_JSON_RPC_H_
