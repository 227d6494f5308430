// SPDX-License-Identifier: Apache-2.0
// The calls over TLS that are being answered, by who makes them.
//
// Handlers share a number of threads. Nobody may hold so many of them that
// others are not answered, and what a member has open ends when it is removed.
// Thread-safe.
#ifndef MICROOVN_AGENT_SERVER_LIVE_CALLS_H_
#define MICROOVN_AGENT_SERVER_LIVE_CALLS_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_interceptor.h"
#include "pki/name/peer_identity.h"

namespace microovn::agent {

class LiveCalls {
 public:
  // At once, of one caller: a third of the threads. What a member asks for
  // others, people at its socket among them, counts as its own.
  static constexpr size_t kMost = 32;
  // Of the log's service, which holds no threads.
  static constexpr size_t kMostOfLog = 64;

  // For each server whose calls count. The table outlives it.
  std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
  Counter();

  // RESOURCE_EXHAUSTED, reason TOO_MANY_CALLS, for a call beyond its caller's
  // share. One of a service that does not ask is cancelled.
  absl::Status Check(const grpc::ServerContextBase& context) const
      ABSL_LOCKS_EXCLUDED(mu_);

  // Who makes a call, by the certificate that the handshake has verified.
  struct Peer {
    pki::PeerKind kind = pki::PeerKind::kMember;
    // As in PeerIdentity: the member's id, the user's name.
    std::string id;
    // Of a user: what it is known by, and until when.
    std::string spki_sha256 = "";
    absl::Time not_after = absl::InfiniteFuture();
  };

  // Cancels the calls of those that `gone` says. Not the log's streams: a
  // removed voter is heard there until its removal is committed, and the
  // transport ends them when the log has let it go. Not on a thread of gRPC's.
  void EndWhere(const std::function<bool(const Peer& peer)>& gone)
      ABSL_LOCKS_EXCLUDED(mu_);

  size_t size() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  class Interceptor;
  class Factory;
  struct Call {
    std::string share;  // whose; calls with the same one are counted together
    Peer peer;
    bool of_log = false;
    bool beyond = false;
  };

  // Whether it is beyond its share.
  bool Enter(const grpc::ServerContextBase* context, absl::string_view method)
      ABSL_LOCKS_EXCLUDED(mu_);
  void Leave(const grpc::ServerContextBase* context) ABSL_LOCKS_EXCLUDED(mu_);

  mutable Mutex mu_;
  std::map<const grpc::ServerContextBase*, Call> calls_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, size_t> shares_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_LIVE_CALLS_H_
