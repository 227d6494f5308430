// SPDX-License-Identifier: Apache-2.0
// The versions of the installed OVN and Open vSwitch.
#ifndef MICROOVN_AGENT_OVN_VERSIONS_H_
#define MICROOVN_AGENT_OVN_VERSIONS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/process/command_runner.h"

namespace microovn::agent {

// "23.03.1" out of "ovn-controller 23.03.1\nOpen vSwitch Library 3.1.0\n..."
// and "3.1.0" out of "ovs-vswitchd (Open vSwitch) 3.1.0\n": the last word of
// the first line. Pure.
absl::StatusOr<std::string> ParseVersion(absl::string_view text);

// Ask the installed programs; thread-safe.
absl::StatusOr<std::string> InstalledOvnVersion(CommandRunner& runner);
absl::StatusOr<std::string> InstalledOvsVersion(CommandRunner& runner);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OVN_VERSIONS_H_
