// SPDX-License-Identifier: Apache-2.0
// data/env/ovn.env: the connection strings that the OVN services and the
// command-line wrappers read at each start. Five shell assignments in double
// quotes; MicroOVN's consumers source the file, so its form is fixed.
//
// The agent renders it (and writes it atomically, mode 0644); the launcher
// parses it. Pure, thread-safe.
// It holds addresses and no secret, hence readable by all: wrappers run by
// people need it. A daemon sees a change at its next start only.
#ifndef MICROOVN_SUPERVISOR_LAUNCH_ENV_FILE_H_
#define MICROOVN_SUPERVISOR_LAUNCH_ENV_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn::supervisor {

struct EnvFile {
  // The central whose database clusters a new local server joins; equal to
  // `local_ip` when the local server is to create them. Bare addresses, IPv6
  // in brackets.
  std::string initial_nb;
  std::string initial_sb;
  // "ssl:10.0.0.1:6641,ssl:[fd00::2]:6641"
  std::string nb_connect;
  std::string sb_connect;
  std::string local_ip;

  friend bool operator==(const EnvFile& a, const EnvFile& b);
};

inline constexpr int kEnvFileMode = 0644;

// INVALID_ARGUMENT when a value holds anything but the characters of
// addresses and connection strings: the file is sourced by shells.
absl::StatusOr<std::string> RenderEnvFile(const EnvFile& file);

// Unknown names are ignored and missing ones are empty; INVALID_ARGUMENT names
// the line that is no assignment.
// An older or newer agent, or an operator, may have written it. Shell syntax
// beyond an assignment is refused, not evaluated.
absl::StatusOr<EnvFile> ParseEnvFile(absl::string_view text);

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_LAUNCH_ENV_FILE_H_
