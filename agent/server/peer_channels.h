// SPDX-License-Identifier: Apache-2.0
// Channels to other members over mutual TLS.
//
// A channel proves that the other end is the member that is meant: the
// certificate must chain to the cluster CA, carry the member's id, whatever
// address it is reached by, and be within its dates (server_check.h). Channels
// are kept and rebuilt when this agent's own certificate changes. A member with
// which there was no handshake is left alone for a while. Thread-safe.
#ifndef MICROOVN_AGENT_SERVER_PEER_CHANNELS_H_
#define MICROOVN_AGENT_SERVER_PEER_CHANNELS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/server/server_check.h"
#include "agent/server/tls_identity.h"
#include "base/mutex.h"
#include "base/text/host_port.h"
#include "base/time/clock.h"
#include "base/time/redial.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/channel_arguments.h"
#include "grpcpp/support/status.h"

namespace microovn::agent {

enum class ChannelUse {
  kCalls,
  // Asking for a new certificate of this agent: the other end's may have
  // expired as well, if its key is registered.
  kRenewal,
};

// Whom a channel leads to, and what for.
struct ChannelKey {
  std::string member_id;
  HostPort address;
  ChannelUse use = ChannelUse::kCalls;

  friend bool operator<(const ChannelKey& a, const ChannelKey& b) {
    return std::tie(a.member_id, a.address, a.use) <
           std::tie(b.member_id, b.address, b.use);
  }
};

class PeerChannels {
 public:
  // Borrowed.
  PeerChannels(const TlsIdentity* identity, const Clock* clock)
      : identity_(identity), clock_(clock) {}

  // Null while this agent has no identity. UNAVAILABLE, in gRPC's words of the
  // last try, while the member is left alone.
  absl::StatusOr<std::shared_ptr<grpc::Channel>> To(const ChannelKey& key)
      ABSL_LOCKS_EXCLUDED(mu_);

  // What a call's end says of the connection.
  enum class Turn {
    kNone,
    kRefused,  // the first handshake that failed
    kAnswers,  // the member was left alone, and that is over
  };

  // After each call over a channel of `key`: how it ended.
  Turn Report(const ChannelKey& key, const grpc::Status& status)
      ABSL_LOCKS_EXCLUDED(mu_);

  // The member has called and proved what it is: it is not left alone any more.
  void HearFrom(const std::string& member_id) ABSL_LOCKS_EXCLUDED(mu_);

  // Drops all, for instance when membership ends.
  void Clear() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Line {
    // Null while the member is left alone: gRPC would go on dialing.
    std::shared_ptr<grpc::Channel> channel;
    Redial redial;
    absl::Status refusal;
  };

  std::shared_ptr<grpc::Channel> Dial(const TlsMaterial& material,
                                      const ChannelKey& key) const;

  const TlsIdentity* const identity_;
  const Clock* const clock_;
  Mutex mu_;
  uint64_t generation_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<ChannelKey, Line> lines_ ABSL_GUARDED_BY(mu_);
};

// A channel that shows `material` to a server that must be `target_name`, a
// member's id. `arguments` add to what it sets, or overrule it.
std::shared_ptr<grpc::Channel> MutualTlsChannel(
    const TlsMaterial& material, const HostPort& address,
    const std::string& target_name, ServerCheck check,
    grpc::ChannelArguments arguments);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_PEER_CHANNELS_H_
