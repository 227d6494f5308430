// SPDX-License-Identifier: Apache-2.0
// A daemon of OVN as a client of one of OVN's databases: whether it is
// connected, and how it is made to forget the database; and which database
// answers at an address.
//
// Blocking, with a deadline on each question. Thread-safe as far as the
// command runner is.
#ifndef MICROOVN_AGENT_OVN_DATABASE_CLIENT_H_
#define MICROOVN_AGENT_OVN_DATABASE_CLIENT_H_

#include <sys/types.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/ovn/ovs_sockets.h"
#include "agent/ovn/remote_query.h"
#include "base/process/command_runner.h"

namespace microovn::agent {

// Copyable: it holds names only.
class DatabaseClient {
 public:
  // `daemon` is "ovn-controller" or "ovn-northd", `database` "nb" or "sb";
  // `run_directory` is where the daemons' control sockets are.
  DatabaseClient(std::string daemon, std::string database,
                 std::string run_directory, OvsSockets sockets = OvsSockets());

  const std::string& daemon() const { return daemon_; }
  const std::string& database() const { return database_; }

  // Of the process `pid`. An error when it does not answer.
  absl::StatusOr<bool> Connected(pid_t pid) const;
  // The process takes a server whatever it has seen of the database before,
  // and goes on otherwise: nothing is interrupted.
  absl::Status Forget(pid_t pid) const;

 private:
  absl::StatusOr<std::string> Ask(pid_t pid, const std::string& command) const;

  std::string daemon_;
  std::string database_;
  std::string run_directory_;
  OvsSockets sockets_;
};

// The cluster id of the database `schema` ("OVN_Southbound") that a server at
// `remotes` ("ssl:10.0.0.1:6642,...") has. UNAVAILABLE when none answers, or
// the one that does is out of touch with its cluster: then it may be of any
// past.
absl::StatusOr<std::string> AskClusterId(CommandRunner& runner,
                                         const std::string& remotes,
                                         absl::string_view schema,
                                         const TlsFiles& tls);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OVN_DATABASE_CLIENT_H_
