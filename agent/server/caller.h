// SPDX-License-Identifier: Apache-2.0
// Who makes a call, and what they may call.
//
// Roles come from the transport, never from what a caller says: the local
// socket admits administrators only, and over TLS the certificate's URI and
// the registry of issued certificates decide. Pure and thread-safe.
#ifndef MICROOVN_AGENT_SERVER_CALLER_H_
#define MICROOVN_AGENT_SERVER_CALLER_H_

#include <cstdint>
#include <optional>
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
  // Its certificate is not within its dates, by this node's clock, or is of the
  // cluster CA that was retired last.
  bool expired = false;
  // Of a user at the socket, as it was when it connected.
  std::optional<uint32_t> uid = std::nullopt;
  // The member that has passed the request on for this caller, by that member's
  // certificate; empty for who calls here itself. See passed_caller.h.
  std::string via = "";
};

// Where a request is done. Elsewhere it is passed on as it is, once, and the
// member that does it judges who asks.
enum class DoneBy {
  // By the member that is asked.
  kAsked,
  // By the member that the request names.
  kNamed,
  kLeader,
};

struct MethodRule {
  // "microovn.v1.ClusterService/ListMembers".
  absl::string_view method;
  std::vector<Role> roles;
  // A registered key is enough, although its certificate has expired.
  bool also_expired = false;
  DoneBy done_by = DoneBy::kAsked;
  // Not for who comes over the network, whatever his role.
  bool at_socket_only = false;
};

// One rule for every method of every service; what is not listed is refused.
const std::vector<MethodRule>& MethodRules();

// Whether it is a method of a service of ours, which looks at callers itself.
bool HasRule(absl::string_view method);

// Whether a certificate outside of its dates may be looked at further for this
// method: a rule of MethodRules() says so, or it is the log's stream. Refused
// for all others, those that have no rule included.
bool AcceptsExpired(absl::string_view method);

// kAsked for what has no rule.
DoneBy DoneByOf(absl::string_view method);

// Whether it is a person, or a program, that has come with a certificate.
bool IsUser(const Caller& caller);

// ROLE_TOO_SMALL: `what` takes `needed`, and who could give it.
absl::Status RoleTooSmall(const Caller& caller, Role needed,
                          absl::string_view what);

// PERMISSION_DENIED unless a rule admits the role: ROLE_TOO_SMALL where it
// would admit a user with another one, METHOD_NOT_ALLOWED otherwise;
// UNAUTHENTICATED, reason BAD_PEER_CERTIFICATE, for an expired certificate
// where none is accepted.
absl::Status Authorize(const Caller& caller, absl::string_view method);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_CALLER_H_
