// SPDX-License-Identifier: Apache-2.0
// What this agent's port serves, seen as others see it.
#ifndef MICROOVN_AGENT_IDENTITY_SERVED_IDENTITY_H_
#define MICROOVN_AGENT_IDENTITY_SERVED_IDENTITY_H_

#include "absl/status/status.h"
#include "agent/identity/identity_store.h"
#include "base/text/host_port.h"
#include "base/time/clock.h"

namespace microovn::agent {

// OK when the port at `address` serves the certificate of `shown` and asks for
// clients of all its CAs; UNAVAILABLE otherwise, with what it does instead.
// Blocks for a second at the most.
absl::Status SeeServed(const HostPort& address, const ClusterCredentials& shown,
                       const Clock& clock);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_IDENTITY_SERVED_IDENTITY_H_
