// SPDX-License-Identifier: Apache-2.0
// The daemon's command line. The only file of the agent that reads flags;
// everything else gets options.
#ifndef MICROOVN_AGENT_FLAGS_H_
#define MICROOVN_AGENT_FLAGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace microovn::agent {

struct AgentOptions {
  enum class Mode {
    // The agent.
    kRun,
    // Become a daemon of the catalogue.
    kLaunch,
    // End one over its control socket.
    kStopService,
    // Write systemd's unit files.
    kPrintUnits,
    // Look at a stopped node, or do what was decided about it.
    kRecover,
    // Have the running agent renew what ends soon.
    kRefreshCertificates,
    kPrintVersion,
    kPrintHelp,
  };

  Mode mode = Mode::kRun;
  // Absolute, without a slash at its end.
  std::string root;
  // "auto", "systemd" or "process".
  std::string driver = "auto";
  // "auto", "tpm2", "host" or "file".
  std::string sealing = "auto";
  // Of systemd's unit names.
  std::string unit_prefix = "microovn.";
  // For kLaunch and kStopService; one of the two below.
  std::string service;
  std::string launch;
  std::string stop_service;
  // For kPrintUnits.
  std::string unit_directory;
  // This program's path where the units will run; empty: its own.
  std::string unit_program;
  // For kRecover: the action, the member that it is for, and what is known of
  // the loss.
  bool new_sealing_key = false;
  bool end_quarantine = false;
  bool become_only_voter = false;
  std::string member;
  std::string accept_loss;
  // For kRefreshCertificates.
  int days = 10;
  // Whether security events are written, see SecurityLog.
  bool security_log = true;
  // This program's own path, for units and children.
  std::string program;
  // glog's: lines below this level are dropped; detail.
  int log_level = 0;
  int verbosity = 0;
};

// Parses and checks; nothing is printed, and nobody exits. INVALID_ARGUMENT,
// one line, for what cannot be. `arguments` are without the program's name.
absl::StatusOr<AgentOptions> ParseFlags(
    const std::vector<std::string>& arguments);

// Has glog do what the options say; before it is initialized.
void SetUpLogging(const AgentOptions& options);

// What --help prints.
std::string HelpText();

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_FLAGS_H_
