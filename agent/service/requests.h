// SPDX-License-Identifier: Apache-2.0
// What several handlers do with a request: find the member it names, plan or
// start an operation. Functions without state.
#ifndef MICROOVN_AGENT_SERVICE_REQUESTS_H_
#define MICROOVN_AGENT_SERVICE_REQUESTS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/cluster/membership.h"
#include "agent/cluster/peer_client.h"
#include "agent/health/facts.h"
#include "agent/server/caller.h"
#include "agent/state/completed_requests.h"
#include "agent/state/plan/plan.h"
#include "agent/state/values/cluster_state.h"
#include "base/status/status_macros.h"
#include "google/longrunning/operations.pb.h"
#include "google/protobuf/message.h"
#include "grpcpp/server_context.h"
#include "microovn/v1/cluster.pb.h"
#include "microovn/v1/plan.pb.h"

namespace microovn::agent {

// How long a read waits for a quorum before it answers stale or fails.
inline constexpr absl::Duration kReadTimeout = absl::Seconds(1);
// One second for the quorum and one and a half for the members: status
// answers within three seconds whoever is dead.
inline constexpr absl::Duration kGatherTimeout = absl::Milliseconds(2500);

// Set to "true" in the trailing metadata of a read whose message has no field
// for it: the members that answer have no quorum, and the answer may be old.
inline constexpr char kStaleMetadata[] = "microovn-stale";

// Brings state() up to date, or marks the answer as one that may be old.
void PrepareRead(grpc::ServerContext& context, Membership& member);

// Before a change is planned or made: state() is up to date, and the members
// that answer can change it. NO_QUORUM, with who does not answer, otherwise,
// within the time of a status. A cluster that is choosing a leader is not
// waited for here: a proposal waits for it.
absl::Status RequireQuorum(Membership& member);
// The same from what a probe of all members has found.
absl::Status CheckQuorum(const ClusterFacts& facts);

// The record of "members/NAME"; an empty name is the asked member. The names
// of the errors are those MicroOVN's users know.
absl::StatusOr<statepb::Member> RequireMember(const ClusterState& state,
                                              absl::string_view resource,
                                              absl::string_view self_id);

v1::Plan ToApi(const ChangePlan& plan);

// What a change of one step would do.
v1::Plan OneStep(absl::string_view description);

// An operation that is not started: done, with the plan as its metadata
// (AIP-163).
google::longrunning::Operation PlannedOperation(
    const ClusterState& state, const statepb::Operation& operation,
    const ChangePlan& plan);

// Adds the plan's warnings to the metadata of the operation that it became.
void WarnIn(const ChangePlan& plan, google::longrunning::Operation& operation);

// Over-long request ids are refused (AIP-155).
absl::Status CheckRequestId(absl::string_view request_id);

// Who asks, for the events of what comes of it: the user at this member's
// socket, the name of a certificate, or what the member that passed it on says
// of its own user or was shown by.
statepb::Asker AskerOf(const grpc::ServerContextBase& context,
                       const Caller& caller, const std::string& self_id);

// The same for a member that has to do it in this one's place.
PassedRequest PassedRequestOf(const grpc::ServerContextBase& context,
                              const Caller& caller, const std::string& self_id,
                              absl::string_view method,
                              const google::protobuf::Message& request);

// The member that a request which names none is about: the one that was asked,
// wherever it is done.
const std::string& AskedMember(const Caller& caller, const Membership& member);

// Of a message with a request_id; checks it.
template <typename Request>
absl::StatusOr<RequestIdentity> IdentityOf(const Request& request,
                                           const statepb::Asker& asker = {}) {
  RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  return RequestIdentity{request.request_id(), RequestDigest(request), asker};
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
