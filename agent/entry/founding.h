// SPDX-License-Identifier: Apache-2.0
// A new cluster, as data: ids, keys, authorities, certificates and the first
// command. Nothing is written or started here.
#ifndef MICROOVN_AGENT_ENTRY_FOUNDING_H_
#define MICROOVN_AGENT_ENTRY_FOUNDING_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/entry/node_settings.h"
#include "agent/identity/identity_store.h"
#include "agent/state/values/cluster_state.h"
#include "base/crypto/random.h"
#include "base/crypto/secret_string.h"
#include "base/time/clock.h"
#include "microovn/internal/node/v1/node.pb.h"
#include "microovn/internal/state/v1/command.pb.h"
#include "pki/sealing/sealing_key.h"

namespace microovn::agent {

struct FoundingRequest {
  NodeSettings node;
  std::string version;
  // Both empty for a CA of our own.
  std::string ovn_ca_pem;
  SecretString ovn_ca_key_pem;
  // Who asks; that it came in at the first member is added.
  statepb::Asker asker = {};
};

struct Founding {
  internal::node::v1::NodeIdentity identity;
  ClusterCredentials credentials;
  statepb::Command command;
};

absl::StatusOr<Founding> FoundCluster(const FoundingRequest& request,
                                      const pki::SealingKey& sealing_key,
                                      const Clock& clock, RandomSource& random);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ENTRY_FOUNDING_H_
