// Channels to other members over mutual TLS.
//
// A channel proves that the other end is the member that is meant: the
// certificate must chain to the cluster CA and carry the member's id, whatever
// address it is reached by. Channels are kept and rebuilt when this agent's
// own certificate changes. Thread-safe.
#ifndef MICROOVN_AGENT_SERVER_PEER_CHANNELS_H_
#define MICROOVN_AGENT_SERVER_PEER_CHANNELS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "agent/server/tls_identity.h"
#include "base/mutex.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/channel_arguments.h"

namespace microovn::agent {

class PeerChannels {
 public:
  // `identity` is borrowed.
  explicit PeerChannels(const TlsIdentity* identity) : identity_(identity) {}

  // Null while this agent has no identity.
  std::shared_ptr<grpc::Channel> To(const std::string& member_id,
                                    const std::string& address)
      ABSL_LOCKS_EXCLUDED(mu_);

  // Drops all, for instance when membership ends.
  void Clear() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const TlsIdentity* const identity_;
  Mutex mu_;
  uint64_t generation_ ABSL_GUARDED_BY(mu_) = 0;
  // By member id and address.
  std::map<std::pair<std::string, std::string>, std::shared_ptr<grpc::Channel>>
      channels_ ABSL_GUARDED_BY(mu_);
};

// A channel that shows `material` to a server that must be `target_name`, a
// member's id. `arguments` add to what it sets, or overrule it.
std::shared_ptr<grpc::Channel> MutualTlsChannel(
    const TlsMaterial& material, const std::string& address,
    const std::string& target_name, grpc::ChannelArguments arguments);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_PEER_CHANNELS_H_
