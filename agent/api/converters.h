// SPDX-License-Identifier: Apache-2.0
// Records of the replicated state as messages of the public API: pure.
#ifndef MICROOVN_AGENT_API_CONVERTERS_H_
#define MICROOVN_AGENT_API_CONVERTERS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/longrunning/operations.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "microovn/internal/state/v1/state.pb.h"
#include "microovn/v1/cluster.pb.h"
#include "microovn/v1/event.pb.h"
#include "microovn/v1/plan.pb.h"

namespace microovn::agent {

namespace statepb = ::microovn::internal::state::v1;

google::protobuf::Timestamp ToTimestamp(int64_t seconds);

v1::Service ToApi(statepb::Service service);
// INVALID_ARGUMENT, reason UNKNOWN_SERVICE, for what this build does not run.
absl::StatusOr<statepb::Service> FromApi(v1::Service service);

// What the record says; role, status and last_seen are the caller's to fill.
v1::Member ToApi(const statepb::Member& member);
v1::JoinToken ToApi(const statepb::JoinToken& token);
v1::Asker ToApi(const statepb::EventAsker& asker);
v1::Event ToApi(const statepb::Event& event);
v1::Step ToApi(const statepb::OperationStep& step);

// Name, metadata, done and, when it failed, the error. The response of one
// that succeeded is the caller's to fill.
google::longrunning::Operation ToApi(const statepb::Operation& operation);

// "members/node1" -> "node1". INVALID_ARGUMENT, reason BAD_RESOURCE_NAME,
// unless `name` is in `collection` and has one more, non-empty segment.
absl::StatusOr<std::string> ResourceId(absl::string_view name,
                                       absl::string_view collection);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_API_CONVERTERS_H_
