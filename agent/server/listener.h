// SPDX-License-Identifier: Apache-2.0
// Accept loops of our own, which hand accepted connections to gRPC.
//
// On the local socket the peer's credentials decide who may enter; on TCP
// ConnectionGate does, and mutual TLS afterwards. Each listener has a thread,
// which ends with the listener. Thread-compatible.
#ifndef MICROOVN_AGENT_SERVER_LISTENER_H_
#define MICROOVN_AGENT_SERVER_LISTENER_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "agent/server/connection_gate.h"
#include "base/file/unique_fd.h"
#include "base/text/host_port.h"
#include "base/time/clock.h"

namespace microovn::agent {

// Takes over a connected descriptor; called on the listener's thread.
using ConnectionHandler = std::function<void(UniqueFd connection)>;
// Whether a member is at a numeric address.
using MemberAddress = std::function<bool(const std::string& address)>;

class Listener {
 public:
  // A stream socket at `path`, mode 0660, owned by root and the group
  // "microovn" where there is one, as is its directory, mode 0750, which holds
  // nothing else and is made if need be. Only root and members of that group
  // are let in. An old socket file is replaced.
  static absl::StatusOr<std::unique_ptr<Listener>> Unix(
      const std::string& path, ConnectionHandler handler);

  // `address` is HOST:PORT with a literal address, IPv6 in brackets.
  static absl::StatusOr<std::unique_ptr<Listener>> Tcp(
      const HostPort& address, const ConnectionLimits& limits,
      const Clock* clock, MemberAddress member, ConnectionHandler handler);

  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

 private:
  using Admission = std::function<bool(const UniqueFd& connection)>;
  Listener(UniqueFd socket, Admission admit, ConnectionHandler handler);
  static absl::StatusOr<std::unique_ptr<Listener>> Start(
      UniqueFd socket, Admission admit, ConnectionHandler handler);
  void Run();

  const UniqueFd socket_;
  // Becomes readable when the loop shall end.
  UniqueFd stop_;
  const Admission admit_;
  const ConnectionHandler handler_;
  std::thread thread_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_LISTENER_H_
