// SPDX-License-Identifier: Apache-2.0
// Who leads a cluster that speaks etcd's API.
#ifndef MICROOVN_INTEGRATION_BENCH_KV_KV_LEADER_H_
#define MICROOVN_INTEGRATION_BENCH_KV_KV_LEADER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/support/channel_arguments.h"
#include "integration/bench/kv/tls_files.h"

namespace microovn::raft {

// First in main of a client. gRPC works on a connection that no call waits for
// every 5 s only, too seldom to finish TLS: now it does so often.
void PrepareClient();

// For clients: a member that restarts is found again at once.
grpc::ChannelArguments ClientArguments();

// The place in `addresses` of the member that says it leads; asks until
// `timeout` has passed.
absl::StatusOr<size_t> FindLeader(const TlsFiles& tls,
                                  const std::vector<std::string>& addresses,
                                  absl::Duration timeout);

}  // namespace microovn::raft

#endif  // MICROOVN_INTEGRATION_BENCH_KV_KV_LEADER_H_
