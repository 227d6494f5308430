// SPDX-License-Identifier: Apache-2.0
// Where members are. The agent's registry knows.
#ifndef MICROOVN_RAFT_TRANSPORT_PEER_DIRECTORY_H_
#define MICROOVN_RAFT_TRANSPORT_PEER_DIRECTORY_H_

#include <cstdint>
#include <optional>

#include "base/text/host_port.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

struct PeerEndpoint {
  MemberId member;
  HostPort address;
};

// Thread-safe. Answers may change at any time; a connection follows within a
// second. Must not block.
class PeerDirectory {
 public:
  virtual ~PeerDirectory() = default;

  // None if the member is not known.
  // Asked for every peer once a second and with each forwarded proposal: an
  // answer from memory.
  virtual std::optional<HostPort> AddressOf(const MemberId& member) const = 0;

  // Of what this member proves itself with; channels are made anew when it
  // changes.
  // A running call would keep a renewed certificate from being used until it
  // breaks.
  virtual uint64_t CredentialsGeneration() const { return 0; }
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_TRANSPORT_PEER_DIRECTORY_H_
