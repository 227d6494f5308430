// SPDX-License-Identifier: Apache-2.0
// etcd's API on a Raft node. No handler blocks a thread.
#ifndef MICROOVN_INTEGRATION_BENCH_KV_KV_SERVICE_H_
#define MICROOVN_INTEGRATION_BENCH_KV_KV_SERVICE_H_

#include "etcd_kv.grpc.pb.h"
#include "grpcpp/server_context.h"
#include "integration/bench/kv/kv_machine.h"
#include "raft/node/raft_node.h"

namespace microovn::raft {

// Thread-safe. `node` and `machine` outlive the server.
class KvService final : public etcdserverpb::KV::CallbackService {
 public:
  KvService(RaftNode* node, const KvMachine* machine)
      : node_(node), machine_(machine) {}

  grpc::ServerUnaryReactor* Range(
      grpc::CallbackServerContext* context,
      const etcdserverpb::RangeRequest* request,
      etcdserverpb::RangeResponse* response) override;
  grpc::ServerUnaryReactor* Put(grpc::CallbackServerContext* context,
                                const etcdserverpb::PutRequest* request,
                                etcdserverpb::PutResponse* response) override;

 private:
  void Fill(const etcdserverpb::RangeRequest& request,
            etcdserverpb::RangeResponse* response) const;

  RaftNode* const node_;
  const KvMachine* const machine_;
};

// Thread-safe. `node` outlives the server.
class KvMaintenance final : public etcdserverpb::Maintenance::CallbackService {
 public:
  explicit KvMaintenance(const RaftNode* node) : node_(node) {}

  grpc::ServerUnaryReactor* Status(
      grpc::CallbackServerContext* context,
      const etcdserverpb::StatusRequest* request,
      etcdserverpb::StatusResponse* response) override;

 private:
  const RaftNode* const node_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_INTEGRATION_BENCH_KV_KV_SERVICE_H_
