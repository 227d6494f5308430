// SPDX-License-Identifier: Apache-2.0
// What every handler does around its work: find out who calls, refuse who may
// not, have done elsewhere what is not to be done here, turn the status into
// gRPC's, and record refusals and changes.
#ifndef MICROOVN_AGENT_SERVICE_CALL_GUARD_H_
#define MICROOVN_AGENT_SERVICE_CALL_GUARD_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/cluster/local_node.h"
#include "agent/security/security_log.h"
#include "agent/server/caller.h"
#include "agent/server/live_calls.h"
#include "base/time/clock.h"
#include "google/protobuf/message.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/status.h"

namespace microovn::agent {

// One for all services; thread-safe.
class CallGuard {
 public:
  // Borrowed; all outlive the server. Without `security` nothing is recorded,
  // without `calls` nobody asks for too much.
  CallGuard(LocalNode* node, const Clock* clock,
            SecurityLog* security = nullptr, const LiveCalls* calls = nullptr)
      : node_(node), clock_(clock), security_(security), calls_(calls) {}

  using Handler = std::function<absl::Status(const Caller& caller)>;
  using MemberHandler =
      std::function<absl::Status(const Caller& caller, Membership& member)>;

  // What is passed on as it is; `response` is written.
  struct Exchange {
    absl::string_view method;
    const google::protobuf::Message* request = nullptr;
    google::protobuf::Message* response = nullptr;
  };

  // For methods that also answer before bootstrap.
  grpc::Status Run(const grpc::ServerContextBase& context,
                   absl::string_view method, const Handler& handler) const;

  // For all others that are done here: NOT_BOOTSTRAPPED without a membership.
  grpc::Status RunOnMember(const grpc::ServerContextBase& context,
                           absl::string_view method,
                           const MemberHandler& handler) const;

  // For those that DoneByOf() gives to the leader: `handler` runs where this
  // member leads; elsewhere the request goes to who does (leader_call.h).
  grpc::Status RunAtLeader(const grpc::ServerContextBase& context,
                           const Exchange& exchange,
                           const MemberHandler& handler) const;

 private:
  absl::StatusOr<Caller> AdmitPassedOn(const grpc::ServerContextBase& context,
                                       const Caller& caller,
                                       absl::string_view method) const;
  absl::StatusOr<Caller> Admit(const grpc::ServerContextBase& context,
                               absl::string_view method) const;
  void RecordChange(const Caller& caller, absl::string_view method,
                    const absl::Status& outcome) const;

  LocalNode* const node_;
  const Clock* const clock_;
  SecurityLog* const security_;
  const LiveCalls* const calls_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_CALL_GUARD_H_
