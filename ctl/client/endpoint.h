// SPDX-License-Identifier: Apache-2.0
// Where the agent and its files are: from flags, environment and what exists.
// Pure but for the existence test that the caller passes in.
#ifndef MICROOVN_CTL_CLIENT_ENDPOINT_H_
#define MICROOVN_CTL_CLIENT_ENDPOINT_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace microovn::ctl {

struct EndpointOptions {
  std::string state_dir;
  // host:port of a remote agent, with the files for mutual TLS.
  std::string endpoint;
  std::string certificate;
  std::string private_key;
  std::string ca_certificate;
};

// Empty for a variable that is not set.
using GetEnvironment = std::function<std::string(const std::string& name)>;
using PathExists = std::function<bool(const std::string& path)>;

struct Endpoint {
  // A unix socket's path, or empty.
  std::string socket;
  // host:port, or empty.
  std::string address;
  std::string certificate;
  std::string private_key;
  std::string ca_certificate;

  // What to call it in a sentence.
  std::string Name() const { return socket.empty() ? address : socket; }
};

// The node's root directory: the one that MICROOVN_SOCKET lies in; else
// $SNAP_COMMON; else MicroOVN's or /var/lib/microovn, whichever has an agent's
// socket, or else a state directory.
std::string RootDirectory(const GetEnvironment& environment,
                          const PathExists& exists);

// --endpoint, else --state-dir, else MICROOVN_ENDPOINT, else MICROOVN_SOCKET,
// else the root's socket. The files of a remote agent: --cert, --key and --ca,
// else MICROOVN_CERT, MICROOVN_KEY and MICROOVN_CA; a key or a CA that is not
// named is in the certificate's file.
// INVALID_ARGUMENT when the flags do not fit together.
absl::StatusOr<Endpoint> ResolveEndpoint(const EndpointOptions& options,
                                         const GetEnvironment& environment,
                                         const PathExists& exists);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_CLIENT_ENDPOINT_H_
