// SPDX-License-Identifier: Apache-2.0
#include "integration/bench/kv/kv_leader.h"

#include <cstdlib>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "base/process/foreign_locks.h"
#include "base/time/clock.h"
#include "etcd_kv.grpc.pb.h"
#include "grpcpp/client_context.h"

namespace microovn::raft {
namespace {

constexpr absl::Duration kCall = absl::Milliseconds(300);
constexpr absl::Duration kPause = absl::Milliseconds(10);

bool SaysItLeads(etcdserverpb::Maintenance::Stub* stub) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kCall));
  etcdserverpb::StatusResponse response;
  const grpc::Status status =
      stub->Status(&context, etcdserverpb::StatusRequest(), &response);
  return status.ok() && response.leader() != 0 &&
         response.leader() == response.header().member_id();
}

}  // namespace

void PrepareClient() {
  SkipForeignLockChecks();
  setenv("GRPC_CLIENT_CHANNEL_BACKUP_POLL_INTERVAL_MS", "10", /*overwrite=*/1);
}

grpc::ChannelArguments ClientArguments() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 20);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
  // The load shares the machine with what it loads: no more than is needed.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_MINIMAL_STACK, 1);
  return arguments;
}

absl::StatusOr<size_t> FindLeader(const TlsFiles& tls,
                                  const std::vector<std::string>& addresses,
                                  absl::Duration timeout) {
  std::vector<std::unique_ptr<etcdserverpb::Maintenance::Stub>> stubs;
  for (const std::string& address : addresses) {
    stubs.push_back(etcdserverpb::Maintenance::NewStub(
        tls.Connect(address, ClientArguments())));
  }
  const absl::Duration end = Clock::Real().Monotonic() + timeout;
  while (Clock::Real().Monotonic() < end) {
    for (size_t i = 0; i < stubs.size(); ++i) {
      if (SaysItLeads(stubs[i].get())) return i;
    }
    absl::SleepFor(kPause);
  }
  return absl::UnavailableError("no member says that it leads");
}

}  // namespace microovn::raft
