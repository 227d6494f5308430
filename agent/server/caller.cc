// SPDX-License-Identifier: Apache-2.0
#include "agent/server/caller.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status/error.h"

namespace microovn::agent {
namespace {

std::vector<Role> Readers() {
  return {Role::kAdmin, Role::kOperator, Role::kViewer, Role::kMember};
}

// Changes that a person with a certificate may make from afar.
std::vector<Role> Writers() { return {Role::kAdmin, Role::kOperator}; }

// Makes or ends this node's membership: only who is on the node.
std::vector<Role> Local() { return {Role::kAdmin}; }

std::vector<Role> Members() { return {Role::kMember}; }

// A change of the cluster, which its leader plans.
MethodRule AtLeader(absl::string_view method) {
  return {method, Writers(), false, DoneBy::kLeader};
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
      {"microovn.v1.ClusterService/BootstrapCluster", Local()},
      {"microovn.v1.ClusterService/JoinCluster", Local()},
      {"microovn.v1.ClusterService/GetCluster", Readers()},
      {"microovn.v1.ClusterService/ListMembers", Readers()},
      {"microovn.v1.ClusterService/GetMember", Readers()},
      AtLeader("microovn.v1.ClusterService/RemoveMember"),
      AtLeader("microovn.v1.ClusterService/CreateJoinToken"),
      {"microovn.v1.ClusterService/ListJoinTokens", Readers()},
      AtLeader("microovn.v1.ClusterService/DeleteJoinToken"),
      AtLeader("microovn.v1.ClusterService/TransferLeader"),
      AtLeader("microovn.v1.OvnService/EnableService"),
      AtLeader("microovn.v1.OvnService/DisableService"),
      {"microovn.v1.OvnService/ListServices", Readers()},
      {"microovn.v1.CertificateService/ListCertificates", Readers()},
      {"microovn.v1.CertificateService/ReissueCertificates", Writers(),
       /*also_expired=*/false, DoneBy::kNamed},
      AtLeader("microovn.v1.CertificateService/RotateAuthority"),
      AtLeader("microovn.v1.CertificateService/RequestAuthorityCertificate"),
      {"microovn.v1.ConfigService/ListConfigs", Readers()},
      {"microovn.v1.ConfigService/GetConfig", Readers()},
      AtLeader("microovn.v1.ConfigService/UpdateConfig"),
      AtLeader("microovn.v1.ConfigService/DeleteConfig"),
      {"microovn.v1.StatusService/GetStatus", Readers()},
      {"microovn.v1.StatusService/GetLog", Readers()},
      {"microovn.v1.EventService/WatchEvents", Readers()},
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

bool HasRule(absl::string_view method) {
  const std::vector<MethodRule>& rules = MethodRules();
  return std::any_of(rules.begin(), rules.end(), [method](const auto& rule) {
    return rule.method == method;
  });
}

bool AcceptsExpired(absl::string_view method) {
  // The log's voters have a check of their own (agent/member/raft_caller.h).
  if (method == "microovn.internal.raft.v1.RaftService/Deliver") return true;
  const std::vector<MethodRule>& rules = MethodRules();
  return std::any_of(rules.begin(), rules.end(), [method](const auto& rule) {
    return rule.method == method && rule.also_expired;
  });
}

DoneBy DoneByOf(absl::string_view method) {
  const std::vector<MethodRule>& rules = MethodRules();
  const auto rule = std::find_if(
      rules.begin(), rules.end(),
      [method](const MethodRule& r) { return r.method == method; });
  return rule == rules.end() ? DoneBy::kAsked : rule->done_by;
}

absl::Status Authorize(const Caller& caller, absl::string_view method) {
  if (caller.expired && !AcceptsExpired(method)) {
    return MakeError(
        absl::StatusCode::kUnauthenticated,
        absl::StrCat("the caller's certificate has expired: it may not call ",
                     method),
        {"BAD_PEER_CERTIFICATE", ""});
  }
  const std::vector<MethodRule>& rules = MethodRules();
  const auto rule = std::find_if(
      rules.begin(), rules.end(),
      [method](const MethodRule& r) { return r.method == method; });
  if (rule != rules.end() && std::find(rule->roles.begin(), rule->roles.end(),
                                       caller.role) != rule->roles.end()) {
    return absl::OkStatus();
  }
  return MakeError(
      absl::StatusCode::kPermissionDenied,
      absl::StrCat("role ", RoleName(caller.role), " may not call ", method),
      {"METHOD_NOT_ALLOWED", ""});
}

}  // namespace microovn::agent
