// What several handlers do with a request: find the member it names, plan or
// start an operation. Functions without state.
#ifndef MICROOVN_AGENT_SERVICE_REQUESTS_H_
#define MICROOVN_AGENT_SERVICE_REQUESTS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/cluster/membership.h"
#include "agent/state/completed_requests.h"
#include "agent/state/plan/plan.h"
#include "agent/state/values/cluster_state.h"
#include "base/status_macros.h"
#include "google/longrunning/operations.pb.h"
#include "microovn/v1/cluster.pb.h"
#include "microovn/v1/plan.pb.h"

namespace microovn::agent {

// How long a read waits for a quorum before it answers stale or fails.
inline constexpr absl::Duration kReadTimeout = absl::Seconds(1);
// One second for the quorum and one and a half for the members: status
// answers within three seconds whoever is dead.
inline constexpr absl::Duration kGatherTimeout = absl::Milliseconds(2500);

// Brings state() up to date unless the caller takes what there is.
absl::Status PrepareRead(Membership& member, v1::ReadConsistency consistency);

// The record of "members/NAME"; an empty name is the asked member. The names
// of the errors are those MicroOVN's users know.
absl::StatusOr<statepb::Member> RequireMember(const ClusterState& state,
                                              absl::string_view resource,
                                              absl::string_view self_id);

v1::Plan ToApi(const ChangePlan& plan);

// An operation that is not started: done, with the plan as its metadata
// (AIP-163).
google::longrunning::Operation PlannedOperation(
    const statepb::Operation& operation, const ChangePlan& plan);

// Over-long request ids are refused (AIP-155).
absl::Status CheckRequestId(absl::string_view request_id);

// Of a message with a request_id; checks it.
template <typename Request>
absl::StatusOr<RequestIdentity> IdentityOf(const Request& request) {
  RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  return RequestIdentity{request.request_id(), RequestDigest(request)};
}

// A command that answers like its first try when it is repeated.
statepb::Command CommandFor(const RequestIdentity& identity);

// The operation that the first try of this request has started, as it is now,
// or why it was refused; nothing for a new one. Asked before anything is
// planned: the operation itself makes a second one impossible.
std::optional<absl::StatusOr<google::longrunning::Operation>> FirstOperation(
    const ClusterState& state, const RequestIdentity& identity);

// Proposes `operation`, which needs an id, and converts what came of it.
absl::StatusOr<google::longrunning::Operation> StartOperation(
    Membership& member, const statepb::Operation& operation,
    const RequestIdentity& identity);

// The API's form of an operation, with its response when it succeeded.
google::longrunning::Operation DescribeOperation(
    const ClusterState& state, const statepb::Operation& operation);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_REQUESTS_H_
