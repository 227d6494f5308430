// SPDX-License-Identifier: Apache-2.0
#include "agent/service/operations_service.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "agent/api/converters.h"
#include "agent/errors/cluster_errors.h"
#include "agent/service/paging.h"
#include "agent/service/requests.h"
#include "agent/state/store/state_store.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/time/duration_proto.h"

namespace microovn::agent {
namespace {

constexpr absl::Duration kMaxWait = absl::Minutes(1);

absl::StatusOr<statepb::Operation> Require(const ClusterState& state,
                                           const std::string& id) {
  const statepb::Operation* operation = state.operations.Find(id);
  if (operation == nullptr) return OperationNotFound(id);
  return *operation;
}

// Until it is done, the timeout has passed or the caller has gone.
absl::StatusOr<google::longrunning::Operation> Wait(
    const grpc::ServerContext& context, Membership& member,
    const std::string& id, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + std::min(timeout, kMaxWait);
  StateSnapshot state = member.state();
  for (;;) {
    ASSIGN_OR_RETURN(const statepb::Operation operation, Require(*state, id));
    const absl::Duration left = deadline - absl::Now();
    if (operation.done() || left <= absl::ZeroDuration() ||
        context.IsCancelled()) {
      return DescribeOperation(*state, operation);
    }
    auto next =
        member.store().WaitForChange(state, std::min(left, absl::Seconds(1)));
    if (next.ok()) {
      state = *std::move(next);
    } else if (!absl::IsDeadlineExceeded(next.status())) {
      return next.status();
    }
  }
}

absl::Duration TimeoutOf(
    const google::longrunning::WaitOperationRequest& request) {
  if (!request.has_timeout()) return kMaxWait;
  return FromProto(request.timeout());
}

}  // namespace

grpc::Status OperationsService::ListOperations(
    grpc::ServerContext* context,
    const google::longrunning::ListOperationsRequest* request,
    google::longrunning::ListOperationsResponse* response) {
  return guard_->RunOnMember(
      *context, "google.longrunning.Operations/ListOperations",
      [&](const Caller&, Membership& member) -> absl::Status {
        PrepareRead(*context, member);
        const auto state = member.state();
        std::vector<const statepb::Operation*> operations;
        for (const auto& [id, operation] : state->operations.records()) {
          operations.push_back(operation.get());
        }
        std::stable_sort(operations.begin(), operations.end(),
                         [](const auto* a, const auto* b) {
                           return a->created_seconds() > b->created_seconds();
                         });
        ASSIGN_OR_RETURN(const Page page,
                         PageOf(static_cast<int>(operations.size()),
                                request->page_size(), request->page_token()));
        for (int i = page.begin; i < page.end; ++i) {
          *response->add_operations() =
              DescribeOperation(*state, *operations[static_cast<size_t>(i)]);
        }
        response->set_next_page_token(page.next_token);
        return absl::OkStatus();
      });
}

grpc::Status OperationsService::GetOperation(
    grpc::ServerContext* context,
    const google::longrunning::GetOperationRequest* request,
    google::longrunning::Operation* response) {
  return guard_->RunOnMember(
      *context, "google.longrunning.Operations/GetOperation",
      [&](const Caller&, Membership& member) -> absl::Status {
        ASSIGN_OR_RETURN(const std::string id,
                         ResourceId(request->name(), "operations"));
        PrepareRead(*context, member);
        const auto state = member.state();
        ASSIGN_OR_RETURN(const statepb::Operation operation,
                         Require(*state, id));
        *response = DescribeOperation(*state, operation);
        return absl::OkStatus();
      });
}

grpc::Status OperationsService::WaitOperation(
    grpc::ServerContext* context,
    const google::longrunning::WaitOperationRequest* request,
    google::longrunning::Operation* response) {
  return guard_->RunOnMember(
      *context, "google.longrunning.Operations/WaitOperation",
      [&](const Caller&, Membership& member) -> absl::Status {
        ASSIGN_OR_RETURN(const std::string id,
                         ResourceId(request->name(), "operations"));
        ASSIGN_OR_RETURN(*response,
                         Wait(*context, member, id, TimeoutOf(*request)));
        return absl::OkStatus();
      });
}

grpc::Status OperationsService::CancelOperation(
    grpc::ServerContext* context,
    const google::longrunning::CancelOperationRequest* request,
    google::protobuf::Empty* response) {
  return guard_->RunAtLeader(
      *context,
      {"google.longrunning.Operations/CancelOperation", request, response},
      [&](const Caller& caller, Membership& member) -> absl::Status {
        ASSIGN_OR_RETURN(const std::string id,
                         ResourceId(request->name(), "operations"));
        RETURN_IF_ERROR(RequireQuorum(member));
        ASSIGN_OR_RETURN(const statepb::Operation operation,
                         Require(*member.state(), id));
        if (operation.done()) return OperationEnded(id);
        statepb::Command command;
        *command.mutable_asker() = AskerOf(*context, caller, member.id());
        command.mutable_cancel_operation()->set_operation_id(id);
        return member.Propose(std::move(command), kProposeTimeout).status();
      });
}

grpc::Status OperationsService::DeleteOperation(
    grpc::ServerContext* context,
    const google::longrunning::DeleteOperationRequest*,
    google::protobuf::Empty*) {
  return guard_->RunOnMember(
      *context, "google.longrunning.Operations/DeleteOperation",
      [](const Caller&, Membership&) {
        return MakeError(absl::StatusCode::kFailedPrecondition,
                         "operations are forgotten by themselves after they "
                         "have ended",
                         {"OPERATION_NOT_DELETABLE", ""});
      });
}

}  // namespace microovn::agent
