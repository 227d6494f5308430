// SPDX-License-Identifier: Apache-2.0
// The replicated log as the agent uses it: commands in, results out, and the
// state published as it is applied. Thread-safe.
#ifndef MICROOVN_AGENT_MEMBER_REPLICATED_LOG_H_
#define MICROOVN_AGENT_MEMBER_REPLICATED_LOG_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/member/log_directory.h"
#include "agent/member/node_parts.h"
#include "agent/server/tls_identity.h"
#include "agent/state/replicated_state.h"
#include "agent/state/store/state_store.h"
#include "agent/state/values/cluster_clock.h"
#include "base/crypto/random.h"
#include "base/time/clock.h"
#include "microovn/internal/node/v1/node.pb.h"
#include "microovn/internal/state/v1/command.pb.h"
#include "raft/node/raft_node.h"
#include "raft/transport/grpc_transport.h"

namespace microovn::agent {

class ReplicatedLog {
 public:
  struct Options {
    // Of RocksDB; made by CreateFirst or CreateJoiner.
    std::string directory;
    internal::node::v1::NodeIdentity identity;
    raft::ChannelFactory channels;
    // What the channels show; borrowed like the rest.
    const TlsIdentity* tls = nullptr;
    // Borrowed; all outlive the log.
    raft::RaftService* service = nullptr;
    StateStore* store = nullptr;
    const Clock* clock = nullptr;
    RandomSource* random = nullptr;
    // See NodeParts::command_refused; may be null.
    CommandRefused refused;
  };

  static absl::StatusOr<std::unique_ptr<ReplicatedLog>> Open(Options options);
  ~ReplicatedLog();

  // Adds the format, waits until it is applied here, and makes a
  // refusal a status.
  absl::StatusOr<statepb::Result> Propose(statepb::Command command,
                                          absl::Duration timeout);
  // Afterwards the published state holds every change acknowledged before.
  absl::Status Barrier(absl::Duration timeout);

  raft::RaftNode& node() { return *node_; }

  // See raft::GrpcTransport.
  void ShowProof(std::string proof) { transport_->ShowProof(std::move(proof)); }

  // Hands leadership over and closes the store. Calls fail afterwards.
  void Stop();

 private:
  explicit ReplicatedLog(Options options);

  // Of a command that `from` has passed to this leader, or that this member
  // would pass to another one.
  absl::Status Admit(const raft::MemberId& from, const std::string& bytes);
  // As the leader, about to append it.
  std::string Stamped(const std::optional<raft::MemberId>& from,
                      const std::string& command);

  const Options options_;
  ClusterClock cluster_clock_;
  LogDirectory directory_;
  ReplicatedState machine_;
  std::unique_ptr<raft::GrpcTransport> transport_;
  std::unique_ptr<StateStore::Subscription> subscription_;
  std::unique_ptr<raft::RaftNode> node_;
};

// The ids of `identity` as the log has them; valid ids never fail.
raft::MemberId MemberIdOf(const std::string& hex);
raft::ClusterId ClusterIdOf(const std::string& hex);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_REPLICATED_LOG_H_
