// SPDX-License-Identifier: Apache-2.0
// Tells handlers which user is at the other end of the local socket.
//
// gRPC says nothing of a connection to a handler but what its credentials say.
// So each user gets an acceptor with credentials of its own, which add the
// user's number to every connection. Users beyond kMaxUsers share one that adds
// none. Thread-safe.
#ifndef MICROOVN_AGENT_SERVER_SOCKET_USERS_H_
#define MICROOVN_AGENT_SERVER_SOCKET_USERS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/file/unique_fd.h"
#include "base/mutex.h"
#include "grpcpp/server_builder.h"

namespace microovn::agent {

class SocketUsers {
 public:
  static constexpr size_t kMaxUsers = 16;

  // Before the server is built.
  explicit SocketUsers(grpc::ServerBuilder& builder);
  ~SocketUsers();

  // A connection that was admitted.
  void Take(UniqueFd connection) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  class Stamp;
  struct Slot;

  Slot& SlotFor(uint32_t uid) ABSL_LOCKS_EXCLUDED(mu_);

  Mutex mu_;
  // The last one is for those who have none of their own.
  std::vector<std::unique_ptr<Slot>> slots_;
  size_t used_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_SOCKET_USERS_H_
