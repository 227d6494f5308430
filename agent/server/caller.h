// Who makes a call, and what they may call.
//
// Roles come from the transport, never from what a caller says: the local
// socket admits administrators only, and over TLS the certificate's URI and
// the registry of issued certificates decide. Pure and thread-safe.
#ifndef MICROOVN_AGENT_SERVER_CALLER_H_
#define MICROOVN_AGENT_SERVER_CALLER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace microovn::agent {

enum class Role { kAdmin, kOperator, kViewer, kMember, kJoiner };

absl::string_view RoleName(Role role);

struct Caller {
  Role role = Role::kViewer;
  // The member's or the token's id; the operator's name; empty on the socket.
  std::string id;
  // Digest of the certificate's public key; empty on the socket.
  std::string spki_sha256;
};

struct MethodRule {
  // "microovn.v1.ClusterService/ListMembers".
  absl::string_view method;
  std::vector<Role> roles;
};

// One rule for every method of every service; what is not listed is refused.
const std::vector<MethodRule>& MethodRules();

// PERMISSION_DENIED, reason METHOD_NOT_ALLOWED, unless a rule admits the role.
absl::Status Authorize(const Caller& caller, absl::string_view method);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_CALLER_H_
