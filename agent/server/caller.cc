// SPDX-License-Identifier: Apache-2.0
#include "agent/server/caller.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status/error.h"

namespace microovn::agent {
namespace {

std::vector<Role> Readers() {
  return {Role::kAdmin, Role::kOperator, Role::kViewer, Role::kMember};
}

// Changes that a person with a certificate may make from afar.
std::vector<Role> Writers() { return {Role::kAdmin, Role::kOperator}; }

// What could make more of the one who does it than he was given: who is a
// member or a user, and who signs for either.
std::vector<Role> Admins() { return {Role::kAdmin}; }

std::vector<Role> Members() { return {Role::kMember}; }

// A change of the cluster, which its leader plans.
MethodRule AtLeader(absl::string_view method,
                    const std::vector<Role>& roles = Writers()) {
  return {method, roles, false, DoneBy::kLeader};
}

// Makes or ends this node's membership: only who is on the node.
MethodRule Local(absl::string_view method) {
  MethodRule rule = {method, Admins()};
  rule.at_socket_only = true;
  return rule;
}

const MethodRule* RuleOf(absl::string_view method) {
  const std::vector<MethodRule>& rules = MethodRules();
  const auto rule = std::find_if(
      rules.begin(), rules.end(),
      [method](const MethodRule& r) { return r.method == method; });
  return rule == rules.end() ? nullptr : &*rule;
}

bool Admits(const MethodRule& rule, Role role) {
  return std::find(rule.roles.begin(), rule.roles.end(), role) !=
         rule.roles.end();
}

// Of those that people have, the least one that does; none for what people do
// not do at all.
std::optional<Role> LeastRole(const MethodRule& rule) {
  for (const Role role : {Role::kViewer, Role::kOperator, Role::kAdmin}) {
    if (Admits(rule, role)) return role;
  }
  return std::nullopt;
}

absl::Status NotAllowed(const Caller& caller, absl::string_view method,
                        absl::string_view why) {
  return MakeError(absl::StatusCode::kPermissionDenied,
                   absl::StrCat("role ", RoleName(caller.role),
                                " may not call ", method, why),
                   {"METHOD_NOT_ALLOWED", ""});
}

}  // namespace

absl::string_view RoleName(Role role) {
  switch (role) {
    case Role::kAdmin:
      return "admin";
    case Role::kOperator:
      return "operator";
    case Role::kViewer:
      return "viewer";
    case Role::kMember:
      return "member";
    case Role::kJoiner:
      return "joiner";
  }
  return "unknown";
}

const std::vector<MethodRule>& MethodRules() {
  static const auto* const kRules = new std::vector<MethodRule>{
      Local("microovn.v1.ClusterService/BootstrapCluster"),
      Local("microovn.v1.ClusterService/JoinCluster"),
      {"microovn.v1.ClusterService/GetCluster", Readers()},
      {"microovn.v1.ClusterService/ListMembers", Readers()},
      {"microovn.v1.ClusterService/GetMember", Readers()},
      AtLeader("microovn.v1.ClusterService/RemoveMember", Admins()),
      AtLeader("microovn.v1.ClusterService/CreateJoinToken"),
      {"microovn.v1.ClusterService/ListJoinTokens", Readers()},
      AtLeader("microovn.v1.ClusterService/DeleteJoinToken"),
      AtLeader("microovn.v1.ClusterService/TransferLeader"),
      AtLeader("microovn.v1.ClusterService/UpdateMember"),
      AtLeader("microovn.v1.OvnService/EnableService"),
      AtLeader("microovn.v1.OvnService/DisableService"),
      AtLeader("microovn.v1.OvnService/RecoverDatabase"),
      {"microovn.v1.OvnService/ListServices", Readers()},
      {"microovn.v1.CertificateService/ListCertificates", Readers()},
      {"microovn.v1.CertificateService/ReissueCertificates", Writers(),
       /*also_expired=*/false, DoneBy::kNamed},
      AtLeader("microovn.v1.CertificateService/RotateAuthority", Admins()),
      AtLeader("microovn.v1.CertificateService/RequestAuthorityCertificate",
               Admins()),
      {"microovn.v1.ConfigService/ListConfigs", Readers()},
      {"microovn.v1.ConfigService/GetConfig", Readers()},
      AtLeader("microovn.v1.ConfigService/UpdateConfig"),
      AtLeader("microovn.v1.ConfigService/DeleteConfig"),
      {"microovn.v1.StatusService/GetStatus", Readers()},
      {"microovn.v1.StatusService/GetLog", Readers()},
      {"microovn.v1.EventService/WatchEvents", Readers()},
      AtLeader("microovn.v1.UserService/CreateUser", Admins()),
      {"microovn.v1.UserService/ListUsers", Readers()},
      AtLeader("microovn.v1.UserService/RevokeUser", Admins()),
      {"google.longrunning.Operations/ListOperations", Readers()},
      {"google.longrunning.Operations/GetOperation", Readers()},
      {"google.longrunning.Operations/WaitOperation", Readers()},
      AtLeader("google.longrunning.Operations/CancelOperation"),
      {"google.longrunning.Operations/DeleteOperation", Writers()},
      {"microovn.internal.peer.v1.PeerService/Admit",
       {Role::kJoiner, Role::kMember}},
      {"microovn.internal.peer.v1.PeerService/Withdraw", Members()},
      {"microovn.internal.peer.v1.PeerService/IssueCertificates", Members(),
       /*also_expired=*/true},
      {"microovn.internal.peer.v1.PeerService/GetLocalStatus", Members()},
  };
  return *kRules;
}

bool HasRule(absl::string_view method) { return RuleOf(method) != nullptr; }

bool AcceptsExpired(absl::string_view method) {
  // The log's voters have a check of their own (agent/member/raft_caller.h).
  if (method == "microovn.internal.raft.v1.RaftService/Deliver") return true;
  const MethodRule* rule = RuleOf(method);
  return rule != nullptr && rule->also_expired;
}

DoneBy DoneByOf(absl::string_view method) {
  const MethodRule* rule = RuleOf(method);
  return rule == nullptr ? DoneBy::kAsked : rule->done_by;
}

bool IsUser(const Caller& caller) {
  return !caller.spki_sha256.empty() && caller.role != Role::kMember &&
         caller.role != Role::kJoiner;
}

absl::Status RoleTooSmall(const Caller& caller, Role needed,
                          absl::string_view what) {
  const std::string who =
      caller.id.empty() ? "a user" : absl::StrCat("\"", caller.id, "\"");
  return MakeError(
      absl::StatusCode::kPermissionDenied,
      absl::StrCat(who, " is ", RoleName(caller.role), ", and ", what,
                   " needs the role ", RoleName(needed)),
      {"ROLE_TOO_SMALL",
       absl::StrCat("ask an administrator to do it, or for a certificate with "
                    "that role: microovn cluster user add NAME --role ",
                    RoleName(needed), " --output DIR")});
}

absl::Status Authorize(const Caller& caller, absl::string_view method) {
  if (caller.expired && !AcceptsExpired(method)) {
    return MakeError(
        absl::StatusCode::kUnauthenticated,
        absl::StrCat("the caller's certificate has expired: it may not call ",
                     method),
        {"BAD_PEER_CERTIFICATE",
         IsUser(caller) ? "ask an administrator for a new one: microovn "
                          "cluster user add NAME --role ROLE --output DIR"
                        : ""});
  }
  const MethodRule* rule = RuleOf(method);
  if (rule == nullptr) return NotAllowed(caller, method, "");
  if (Admits(*rule, caller.role)) {
    if (rule->at_socket_only && !caller.spki_sha256.empty()) {
      return NotAllowed(caller, method, " from afar");
    }
    return absl::OkStatus();
  }
  const std::optional<Role> needed = LeastRole(*rule);
  const bool person =
      caller.role == Role::kViewer || caller.role == Role::kOperator;
  if (!person || !needed.has_value() || rule->at_socket_only) {
    return NotAllowed(caller, method, "");
  }
  return RoleTooSmall(caller, *needed, method);
}

}  // namespace microovn::agent
