// SPDX-License-Identifier: Apache-2.0
// microovn.v1.UserService: people's certificates. Thread-safe.
#ifndef MICROOVN_AGENT_SERVICE_USER_SERVICE_H_
#define MICROOVN_AGENT_SERVICE_USER_SERVICE_H_

#include "agent/service/call_guard.h"
#include "base/time/clock.h"
#include "microovn/v1/user.grpc.pb.h"

namespace microovn::agent {

class UserService final : public v1::UserService::Service {
 public:
  // Borrowed; both outlive the server.
  UserService(const CallGuard* guard, const Clock* clock)
      : guard_(guard), clock_(clock) {}

  grpc::Status CreateUser(grpc::ServerContext* context,
                          const v1::CreateUserRequest* request,
                          v1::CreateUserResponse* response) override;
  grpc::Status ListUsers(grpc::ServerContext* context,
                         const v1::ListUsersRequest* request,
                         v1::ListUsersResponse* response) override;
  grpc::Status RevokeUser(grpc::ServerContext* context,
                          const v1::RevokeUserRequest* request,
                          v1::RevokeUserResponse* response) override;

 private:
  const CallGuard* const guard_;
  const Clock* const clock_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_USER_SERVICE_H_
