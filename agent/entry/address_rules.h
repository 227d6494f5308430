// SPDX-License-Identifier: Apache-2.0
// Which addresses a node can listen on: pure.
#ifndef MICROOVN_AGENT_ENTRY_ADDRESS_RULES_H_
#define MICROOVN_AGENT_ENTRY_ADDRESS_RULES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/ovn/network_facts.h"

namespace microovn::agent {

// Whether `text` is a network, "10.98.0.0/24", from which to choose.
bool IsNetwork(absl::string_view text);

// The first address of an interface that is up and no loopback within
// `network`. INVALID_ARGUMENT with reason BAD_ADDRESS for what is no network,
// ADDRESS_NOT_LOCAL when no interface has one of it.
absl::StatusOr<std::string> ChooseAddress(
    absl::string_view network, const std::vector<NetworkInterface>& interfaces);

// ADDRESS_NOT_USABLE for a port that an OVN database of this node needs.
absl::Status CheckPort(uint16_t port);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ENTRY_ADDRESS_RULES_H_
