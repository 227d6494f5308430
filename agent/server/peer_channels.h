// Channels to other members over mutual TLS.
//
// A channel proves that the other end is the member that is meant: the
// certificate must chain to the cluster CA, carry the member's id, whatever
// address it is reached by, and be within its dates (server_check.h). Channels
// are kept and rebuilt when this agent's own certificate changes. Thread-safe.
#ifndef MICROOVN_AGENT_SERVER_PEER_CHANNELS_H_
#define MICROOVN_AGENT_SERVER_PEER_CHANNELS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "absl/base/thread_annotations.h"
#include "agent/server/server_check.h"
#include "agent/server/tls_identity.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/channel_arguments.h"

namespace microovn::agent {

enum class ChannelUse {
  kCalls,
  // Asking for a new certificate of this agent: the other end's may have
  // expired as well, if its key is registered.
  kRenewal,
};

class PeerChannels {
 public:
  // Borrowed.
  PeerChannels(const TlsIdentity* identity, const Clock* clock)
      : identity_(identity), clock_(clock) {}

  // Null while this agent has no identity.
  std::shared_ptr<grpc::Channel> To(const std::string& member_id,
                                    const std::string& address,
                                    ChannelUse use = ChannelUse::kCalls)
      ABSL_LOCKS_EXCLUDED(mu_);

  // Drops all, for instance when membership ends.
  void Clear() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const TlsIdentity* const identity_;
  const Clock* const clock_;
  Mutex mu_;
  uint64_t generation_ ABSL_GUARDED_BY(mu_) = 0;
  // By member id, address and use.
  std::map<std::tuple<std::string, std::string, ChannelUse>,
           std::shared_ptr<grpc::Channel>>
      channels_ ABSL_GUARDED_BY(mu_);
};

// A channel that shows `material` to a server that must be `target_name`, a
// member's id. `arguments` add to what it sets, or overrule it.
std::shared_ptr<grpc::Channel> MutualTlsChannel(
    const TlsMaterial& material, const std::string& address,
    const std::string& target_name, ServerCheck check,
    grpc::ChannelArguments arguments);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_PEER_CHANNELS_H_
