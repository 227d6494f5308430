// SPDX-License-Identifier: Apache-2.0
#include "agent/service/requests.h"

#include <pwd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "agent/api/converters.h"
#include "agent/errors/cluster_errors.h"
#include "agent/errors/leader_errors.h"
#include "agent/errors/service_errors.h"
#include "agent/server/caller_context.h"
#include "agent/server/passed_caller.h"
#include "agent/state/operation/operation_table.h"
#include "agent/state/values/result.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"

namespace microovn::agent {
namespace {

constexpr size_t kMaxRequestId = 64;
constexpr size_t kMaxUserBytes = 200;

// Empty when the system knows none.
std::string UserName(uid_t uid) {
  std::vector<char> buffer(16 << 10);
  passwd entry = {};
  passwd* found = nullptr;
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 ||
      found == nullptr) {
    return "";
  }
  return Shown(found->pw_name, kMaxUserBytes);
}

// People know members by name; ids are the log's. A member that has left is
// known by its tombstone.
std::string NameFor(const ClusterState& state,
                    const statepb::Operation& operation,
                    const std::string& id) {
  if (id == operation.member_id()) return operation.member_name();
  const statepb::Member* member = state.members.Find(id);
  if (member != nullptr) return member->name();
  const statepb::Tombstone* tombstone = state.tombstones.Find(id);
  return tombstone == nullptr ? id : tombstone->name();
}

void NameMembers(const ClusterState& state, const statepb::Operation& operation,
                 v1::Plan& plan) {
  for (v1::Step& step : *plan.mutable_steps()) {
    for (std::string& member : *step.mutable_members()) {
      member = NameFor(state, operation, member);
    }
  }
}

}  // namespace

void PrepareRead(grpc::ServerContext& context, Membership& member) {
  if (member.leader().has_value() && member.Barrier(kReadTimeout).ok()) return;
  context.AddTrailingMetadata(kStaleMetadata, "true");
}

absl::Status CheckQuorum(const ClusterFacts& facts) {
  size_t answering = 0;
  std::vector<std::string> silent;
  for (const std::string& id : facts.voters) {
    const auto answer = facts.answers.find(id);
    if (answer != facts.answers.end() && answer->second.ok()) {
      ++answering;
    } else {
      silent.push_back(NameOfMember(*facts.state, id));
    }
  }
  if (2 * answering > facts.voters.size()) return absl::OkStatus();
  std::sort(silent.begin(), silent.end());
  return NoQuorum(answering, facts.voters.size(), silent);
}

absl::Status RequireQuorum(Membership& member) {
  if (member.leader().has_value() && member.Barrier(kReadTimeout).ok()) {
    return absl::OkStatus();
  }
  return CheckQuorum(member.Gather(/*linearizable=*/false, /*probe=*/true,
                                   kGatherTimeout - kReadTimeout));
}

absl::StatusOr<statepb::Member> RequireMember(const ClusterState& state,
                                              absl::string_view resource,
                                              absl::string_view self_id) {
  if (resource.empty()) {
    const statepb::Member* self = state.members.Find(self_id);
    if (self == nullptr) return MemberNotFound(self_id);
    return *self;
  }
  ASSIGN_OR_RETURN(const std::string name, ResourceId(resource, "members"));
  const statepb::Member* member = FindMember(state, name);
  if (member == nullptr) return MemberNotFound(name);
  return *member;
}

v1::Plan OneStep(absl::string_view description) {
  v1::Plan plan;
  v1::Step* step = plan.add_steps();
  step->set_description(std::string(description));
  step->set_state(v1::Step::STATE_PENDING);
  return plan;
}

v1::Plan ToApi(const ChangePlan& plan) {
  v1::Plan api;
  for (const statepb::OperationStep& step : plan.steps) {
    *api.add_steps() = ToApi(step);
  }
  for (const std::string& warning : plan.warnings) api.add_warnings(warning);
  for (const PlannedRisk& risk : plan.risks) {
    v1::Risk* added = api.add_risks();
    added->set_name(risk.name);
    added->set_description(risk.description);
    // What is not accepted is refused.
    added->set_accepted(true);
  }
  return api;
}

google::longrunning::Operation PlannedOperation(
    const ClusterState& state, const statepb::Operation& operation,
    const ChangePlan& plan) {
  google::longrunning::Operation api = ToApi(operation);
  v1::OperationMetadata metadata;
  api.metadata().UnpackTo(&metadata);
  *metadata.mutable_plan() = ToApi(plan);
  NameMembers(state, operation, *metadata.mutable_plan());
  // Nothing has begun or ended.
  metadata.clear_create_time();
  metadata.clear_end_time();
  api.mutable_metadata()->PackFrom(metadata);
  api.set_name("operations/planned");
  api.set_done(true);
  return api;
}

void WarnIn(const ChangePlan& plan, google::longrunning::Operation& operation) {
  if (plan.warnings.empty()) return;
  v1::OperationMetadata metadata;
  operation.metadata().UnpackTo(&metadata);
  for (const std::string& warning : plan.warnings) {
    metadata.mutable_plan()->add_warnings(warning);
  }
  operation.mutable_metadata()->PackFrom(metadata);
}

absl::StatusOr<google::longrunning::Operation> StartOperation(
    Membership& member, const statepb::Operation& operation,
    const RequestIdentity& identity) {
  statepb::Command command = CommandFor(identity);
  *command.mutable_start_operation()->mutable_operation() = operation;
  ASSIGN_OR_RETURN(const statepb::Result result,
                   member.Propose(std::move(command), kProposeTimeout));
  return DescribeOperation(*member.state(), result.operation());
}

statepb::Asker AskerOf(const grpc::ServerContextBase& context,
                       const Caller& caller, const std::string& self_id) {
  statepb::Asker asker;
  if (!caller.via.empty()) {
    const auto& metadata = context.client_metadata();
    const auto passed = metadata.find(kAskerMetadata);
    if (passed != metadata.end() &&
        !asker.ParseFromArray(passed->second.data(),
                              static_cast<int>(passed->second.size()))) {
      asker.Clear();
    }
    // It speaks for its own users and nobody else's; what a certificate says
    // is known here.
    asker.set_member_id(caller.via);
    asker.clear_via_member_id();
    if (!caller.uid.has_value()) {
      asker.clear_user();
      asker.set_operator_(caller.id);
    }
    return asker;
  }
  asker.set_member_id(self_id);
  if (caller.uid.has_value()) {
    asker.set_uid(*caller.uid);
    asker.set_user(UserName(*caller.uid));
  } else {
    asker.set_operator_(caller.id);
  }
  return asker;
}

PassedRequest PassedRequestOf(const grpc::ServerContextBase& context,
                              const Caller& caller, const std::string& self_id,
                              absl::string_view method,
                              const google::protobuf::Message& request) {
  PassedRequest passed;
  passed.method = std::string(method);
  passed.request = &request;
  passed.asker = AskerOf(context, caller, self_id);
  if (!caller.spki_sha256.empty() && caller.via.empty()) {
    const auto certificate = CertificateOf(context);
    if (certificate.ok()) passed.asker_certificate_pem = certificate->ToPem();
  }
  return passed;
}

const std::string& AskedMember(const Caller& caller, const Membership& member) {
  return caller.via.empty() ? member.id() : caller.via;
}

absl::Status CheckRequestId(absl::string_view request_id) {
  if (request_id.size() <= kMaxRequestId) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInvalidArgument,
                   "request_id is longer than 64 bytes",
                   {"BAD_REQUEST_ID", "use a UUID"});
}

statepb::Command CommandFor(const RequestIdentity& identity) {
  statepb::Command command;
  command.set_request_id(identity.id);
  command.set_request_digest(identity.digest);
  if (identity.asker.ByteSizeLong() > 0) {
    *command.mutable_asker() = identity.asker;
  }
  return command;
}

std::optional<absl::StatusOr<google::longrunning::Operation>> FirstOperation(
    const ClusterState& state, const RequestIdentity& identity) {
  const auto first =
      FirstAnswer(state, identity, statepb::Command::kStartOperation);
  if (!first.has_value()) return std::nullopt;
  absl::Status refused = StatusOfResult(*first);
  if (!refused.ok()) return refused;
  const statepb::Operation& started = first->operation();
  const statepb::Operation* now = state.operations.Find(started.operation_id());
  return DescribeOperation(state, now == nullptr ? started : *now);
}

google::longrunning::Operation DescribeOperation(
    const ClusterState& state, const statepb::Operation& operation) {
  google::longrunning::Operation api = ToApi(operation);
  v1::OperationMetadata metadata;
  api.metadata().UnpackTo(&metadata);
  NameMembers(state, operation, *metadata.mutable_plan());
  api.mutable_metadata()->PackFrom(metadata);
  if (!operation.done() || operation.error_code() != 0) return api;
  const OperationKind* kind = Operations().Find(operation);
  if (kind != nullptr) kind->result(state, operation, api.mutable_response());
  return api;
}

}  // namespace microovn::agent
