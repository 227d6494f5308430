// SPDX-License-Identifier: Apache-2.0
// On which TCP ports this node listens.
#ifndef MICROOVN_AGENT_PROBE_LISTENING_PORTS_H_
#define MICROOVN_AGENT_PROBE_LISTENING_PORTS_H_

#include <cstdint>
#include <set>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn::agent {

// Out of the text of /proc/net/tcp or /proc/net/tcp6. Pure; lines that are
// none are passed over.
std::set<uint16_t> ParseListeningPorts(absl::string_view table);

// In this process's network namespace. The kernel is asked for the sockets that
// listen; where that is not allowed, the tables below /proc are read.
absl::StatusOr<std::set<uint16_t>> ReadListeningPorts();

// The two ways. The tables cost the more the more memory a machine has: the
// kernel walks through its whole hash of connections, milliseconds each time.
absl::StatusOr<std::set<uint16_t>> AskForListeningPorts();
absl::StatusOr<std::set<uint16_t>> ReadListeningTables();

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_PROBE_LISTENING_PORTS_H_
