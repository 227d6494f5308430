// SPDX-License-Identifier: Apache-2.0
// All that leaves for one member: a channel and its two streams, one for
// messages and one for snapshot chunks. It follows the member to new addresses
// and credentials, and leaves one alone for a while that refuses them.
#ifndef MICROOVN_RAFT_TRANSPORT_PEER_LINK_H_
#define MICROOVN_RAFT_TRANSPORT_PEER_LINK_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "base/text/host_port.h"
#include "base/time/redial.h"
#include "grpcpp/channel.h"
#include "raft/core/values/message.h"
#include "raft/core/values/types.h"
#include "raft/transport/lane.h"
#include "raft/transport/peer_directory.h"
#include "raft/transport/shown_proof.h"

namespace microovn::raft {

// A new channel with proof of both ends; null if there can be none now. Runs on
// the transport's thread and on the callers' of ForwardPropose; must not block.
// Channels are kept while address and credentials stay the same.
using ChannelFactory =
    std::function<std::shared_ptr<grpc::Channel>(const PeerEndpoint&)>;

// Thread-safe. Close before it dies.
class PeerLink {
 public:
  // `directory` and `proof` are borrowed. `listener` is called as a lane's is,
  // of the stream of messages; of the other one it hears kEnded alone.
  PeerLink(const MemberId& member, const PeerDirectory* directory,
           ChannelFactory channels, std::function<void(Lane::Event)> listener,
           const ShownProof* proof);
  PeerLink(const PeerLink&) = delete;
  PeerLink& operator=(const PeerLink&) = delete;

  void Send(std::vector<Message> messages);

  // Begins what is due and returns when to come again. By one thread.
  absl::Duration Maintain(absl::Duration now);

  // Null while the address is not known, or the member is left alone.
  std::shared_ptr<grpc::Channel> Channel();

  // The member has called, so the two agree as far as it is concerned. True if
  // it was left alone, which is over.
  bool TrustAgain();

  void Close();

  absl::Duration last_used();

 private:
  void OnEvent(Lane::Event event);
  // Lets go of a channel to an old address, with old credentials, or that was
  // refused. True if there was one.
  bool DropChannel();
  bool Connected();
  absl::Duration Pause(absl::Duration now);

  const MemberId member_;
  const PeerDirectory* const directory_;
  const ChannelFactory channels_;
  const std::function<void(Lane::Event)> listener_;
  Lane messages_;
  Lane bulk_;
  // Taken under the lanes' locks, never the other way round.
  Mutex mu_;
  HostPort address_ ABSL_GUARDED_BY(mu_);
  uint64_t generation_ ABSL_GUARDED_BY(mu_) = 0;
  std::shared_ptr<grpc::Channel> channel_ ABSL_GUARDED_BY(mu_);
  // The channel was refused: gRPC would dial on and on.
  bool refused_ ABSL_GUARDED_BY(mu_) = false;
  Redial redial_ ABSL_GUARDED_BY(mu_);
  absl::Duration last_used_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_TRANSPORT_PEER_LINK_H_
