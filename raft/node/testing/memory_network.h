// SPDX-License-Identifier: Apache-2.0
// A network in memory for a TestingCluster.
#ifndef MICROOVN_RAFT_NODE_TESTING_MEMORY_NETWORK_H_
#define MICROOVN_RAFT_NODE_TESTING_MEMORY_NETWORK_H_

#include <memory>

#include "raft/core/values/types.h"
#include "raft/node/testing/testing_cluster.h"
#include "raft/transport/fake_transport.h"
#include "raft/transport/transport.h"

namespace microovn::raft {

// Thread-safe.
class MemoryNetwork final : public TestingNetwork {
 public:
  std::unique_ptr<Transport> Connect(const MemberId&) override {
    return std::make_unique<FakeTransport>(&network);
  }
  void Disconnect(const MemberId&) override {}

  // Where links are cut.
  FakeNetwork network;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_TESTING_MEMORY_NETWORK_H_
