// SPDX-License-Identifier: Apache-2.0
// How a node takes part, for bootstrap, join and init: the flags, and what
// these three do alike. Main thread.
#ifndef MICROOVN_CTL_COMMANDS_NODE_SETTINGS_H_
#define MICROOVN_CTL_COMMANDS_NODE_SETTINGS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ctl/cli/command.h"
#include "ctl/client/session.h"
#include "gflags/gflags_declare.h"
#include "microovn/v1/cluster.pb.h"

DECLARE_string(address);
DECLARE_string(name);
DECLARE_string(services);
DECLARE_string(encap_ip);
DECLARE_string(ca_cert);
DECLARE_string(ca_key);

namespace microovn::ctl {

std::vector<FlagSpec> BootstrapFlags();
std::vector<FlagSpec> JoinFlags();

// What is asked for, as text; empty for defaults.
struct NodeWords {
  std::string address;
  std::string name;
  std::string services;
  std::string encap_ip;
};

// Validated.
absl::StatusOr<v1::NodeSettings> ParseNodeSettings(const NodeWords& words);
absl::StatusOr<v1::NodeSettings> NodeSettingsFromFlags();

// Puts the files into the request; both or neither must be named.
absl::Status ReadOwnCa(const std::string& certificate_path,
                       const std::string& key_path,
                       v1::BootstrapClusterRequest* request);

// The agent finishes or undoes both by itself; who presses Ctrl-C is told so.
absl::StatusOr<v1::BootstrapClusterResponse> CallBootstrap(
    Session& session, const v1::BootstrapClusterRequest& request);
absl::StatusOr<v1::JoinClusterResponse> CallJoin(
    Session& session, const v1::JoinClusterRequest& request);

// The token for a new member.
absl::StatusOr<std::string> AddMember(Session& session, const std::string& name,
                                      absl::Duration lifetime,
                                      bool worker = false);

// On a terminal, a line on stderr before what takes some seconds.
void Announce(Session& session, const std::string& what);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_COMMANDS_NODE_SETTINGS_H_
