// What every handler does around its work: find out who calls, refuse who may
// not, turn the status into gRPC's, and record refusals and changes.
#ifndef MICROOVN_AGENT_SERVICE_CALL_GUARD_H_
#define MICROOVN_AGENT_SERVICE_CALL_GUARD_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/cluster/local_node.h"
#include "agent/server/caller.h"
#include "base/clock.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/status.h"

namespace microovn::agent {

// One for all services; thread-safe.
class CallGuard {
 public:
  // Borrowed; both outlive the server.
  CallGuard(LocalNode* node, const Clock* clock) : node_(node), clock_(clock) {}

  using Handler = std::function<absl::Status(const Caller& caller)>;
  using MemberHandler =
      std::function<absl::Status(const Caller& caller, Membership& member)>;

  // For methods that also answer before bootstrap.
  grpc::Status Run(const grpc::ServerContextBase& context,
                   absl::string_view method, const Handler& handler) const;

  // For all others: NOT_INITIALIZED without a membership.
  grpc::Status RunOnMember(const grpc::ServerContextBase& context,
                           absl::string_view method,
                           const MemberHandler& handler) const;

 private:
  absl::StatusOr<Caller> Admit(const grpc::ServerContextBase& context,
                               absl::string_view method) const;

  LocalNode* const node_;
  const Clock* const clock_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_CALL_GUARD_H_
