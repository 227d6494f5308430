// SPDX-License-Identifier: Apache-2.0
// Where members are reached: by the replicated state, and by what this node
// was told when it joined until the state has arrived. Thread-safe.
#ifndef MICROOVN_AGENT_MEMBER_LOG_DIRECTORY_H_
#define MICROOVN_AGENT_MEMBER_LOG_DIRECTORY_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "agent/identity/identity_store.h"
#include "agent/server/tls_identity.h"
#include "agent/state/store/state_store.h"
#include "agent/state/values/member_view.h"
#include "base/text/host_port.h"
#include "microovn/internal/node/v1/node.pb.h"
#include "raft/transport/peer_directory.h"

namespace microovn::agent {

class LogDirectory final : public raft::PeerDirectory {
 public:
  // `store` and `tls` are borrowed.
  LogDirectory(const StateStore* store, const TlsIdentity* tls,
               const internal::node::v1::NodeIdentity& identity)
      : store_(store), tls_(tls) {
    for (const auto& seed : identity.seeds()) {
      seeds_[seed.member_id()] = agent::AddressOf(seed);
    }
  }

  std::optional<HostPort> AddressOf(
      const raft::MemberId& member) const override {
    const std::string id = member.ToHex();
    const StateSnapshot state = store_->Current();
    const statepb::Member* known = state->members.Find(id);
    if (known != nullptr) return agent::AddressOf(*known);
    const auto seed = seeds_.find(id);
    if (seed == seeds_.end()) return std::nullopt;
    return seed->second;
  }

  uint64_t CredentialsGeneration() const override {
    const auto shown = tls_->Current();
    return shown == nullptr ? 0 : shown->generation;
  }

 private:
  const StateStore* const store_;
  const TlsIdentity* const tls_;
  std::map<std::string, HostPort> seeds_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_LOG_DIRECTORY_H_
