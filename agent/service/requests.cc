#include "agent/service/requests.h"

#include <utility>

#include "agent/api/converters.h"
#include "agent/errors/cluster_errors.h"
#include "agent/errors/service_errors.h"
#include "agent/state/operation/operation_table.h"
#include "agent/state/values/result.h"
#include "base/error.h"
#include "base/status_macros.h"

namespace microovn::agent {
namespace {

constexpr size_t kMaxRequestId = 64;

}  // namespace

absl::Status PrepareRead(Membership& member, v1::ReadConsistency consistency) {
  if (consistency == v1::READ_CONSISTENCY_STALE_OK) return absl::OkStatus();
  return member.Barrier(kReadTimeout);
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

v1::Plan ToApi(const ChangePlan& plan) {
  v1::Plan api;
  for (const statepb::OperationStep& step : plan.steps) {
    *api.add_steps() = ToApi(step);
  }
  for (const PlannedRisk& risk : plan.risks) {
    v1::Risk* added = api.add_risks();
    added->set_name(risk.name);
    added->set_description(risk.description);
  }
  return api;
}

google::longrunning::Operation PlannedOperation(
    const statepb::Operation& operation, const ChangePlan& plan) {
  google::longrunning::Operation api = ToApi(operation);
  v1::OperationMetadata metadata;
  api.metadata().UnpackTo(&metadata);
  *metadata.mutable_plan() = ToApi(plan);
  api.mutable_metadata()->PackFrom(metadata);
  api.set_name("operations/planned");
  api.set_done(true);
  return api;
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
  if (!operation.done() || operation.error_code() != 0) return api;
  const OperationKind* kind = Operations().Find(operation);
  if (kind != nullptr) kind->result(state, operation, api.mutable_response());
  return api;
}

}  // namespace microovn::agent
