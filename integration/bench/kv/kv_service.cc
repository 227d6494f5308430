// SPDX-License-Identifier: Apache-2.0
#include "integration/bench/kv/kv_service.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status/grpc_status.h"

namespace microovn::raft {
namespace {

// A caller that gave no deadline does not wait for ever.
constexpr absl::Duration kLongest = absl::Seconds(10);

absl::Duration TimeLeft(const grpc::CallbackServerContext& context) {
  return std::min(absl::FromChrono(context.deadline()) - absl::Now(), kLongest);
}

int64_t Revision(LogIndex index) { return static_cast<int64_t>(index.value()); }

}  // namespace

grpc::ServerUnaryReactor* KvService::Range(
    grpc::CallbackServerContext* context,
    const etcdserverpb::RangeRequest* request,
    etcdserverpb::RangeResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  if (request->serializable()) {
    Fill(*request, response);
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  node_->ReadBarrierAsync(
      TimeLeft(*context),
      [this, reactor, request, response](absl::StatusOr<LogIndex> index) {
        if (index.ok()) {
          response->mutable_header()->set_revision(Revision(*index));
          Fill(*request, response);
        }
        reactor->Finish(ToGrpcStatus(index.status()));
      });
  return reactor;
}

grpc::ServerUnaryReactor* KvService::Put(
    grpc::CallbackServerContext* context,
    const etcdserverpb::PutRequest* request,
    etcdserverpb::PutResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  node_->ProposeAsync(
      EncodePut(request->key(), request->value()), TimeLeft(*context),
      [reactor, response](absl::StatusOr<Proposed> proposed) {
        if (proposed.ok()) {
          response->mutable_header()->set_revision(Revision(proposed->index));
        }
        reactor->Finish(ToGrpcStatus(proposed.status()));
      });
  return reactor;
}

void KvService::Fill(const etcdserverpb::RangeRequest& request,
                     etcdserverpb::RangeResponse* response) const {
  std::optional<KvValue> found = machine_->Get(request.key());
  if (!found.has_value()) return;
  response->set_count(1);
  etcdserverpb::KeyValue& row = *response->add_kvs();
  row.set_key(request.key());
  row.set_mod_revision(Revision(found->written));
  row.set_value(std::move(found->value));
}

grpc::ServerUnaryReactor* KvMaintenance::Status(
    grpc::CallbackServerContext* context, const etcdserverpb::StatusRequest*,
    etcdserverpb::StatusResponse* response) {
  const NodeStatus status = node_->Status();
  response->mutable_header()->set_member_id(status.self.low());
  response->mutable_header()->set_raft_term(status.term.value());
  response->set_leader(status.leader.value_or(MemberId()).low());
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

}  // namespace microovn::raft
