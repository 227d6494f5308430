// SPDX-License-Identifier: Apache-2.0
// Sessions: what each request with an id was answered, so that a repeated
// request gets the answer of its first try and has no effect of its own.
//
//  * The same id with other content is refused, whatever became of the first.
//  * Refusals are kept like results: a copy of a refused request that the log
//    holds a second time must not take effect after its caller was told.
//  * Answers are kept for kRequestLifeSeconds of the cluster's clock. When
//    there are too many, the oldest make room, but none that is younger than
//    kMinRequestLifeSeconds: then new requests are refused instead.
//
// Pure; the records are a part of the replicated state.
#ifndef MICROOVN_AGENT_STATE_COMPLETED_REQUESTS_H_
#define MICROOVN_AGENT_STATE_COMPLETED_REQUESTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "agent/state/values/cluster_state.h"
#include "google/protobuf/message.h"
#include "microovn/internal/state/v1/command.pb.h"

namespace microovn::agent {

inline constexpr size_t kMaxRequests = 4096;
inline constexpr size_t kMaxRequestBytes = size_t{4} << 20;
inline constexpr int64_t kRequestLifeSeconds = 3600;
// Longer than any client repeats a request.
inline constexpr int64_t kMinRequestLifeSeconds = 300;

// What makes two requests the same.
struct RequestIdentity {
  std::string id;
  // RequestDigest of what was asked.
  std::string digest;
  // Who asks, which makes no difference to what is asked.
  statepb::Asker asker = {};
};

// 32 bytes that are equal for requests that ask for the same: their
// request_id does not count.
std::string RequestDigest(const google::protobuf::Message& request);

// The answer of the first try, or REQUEST_ID_REUSED; nothing when the request
// is new or has no id. `clock` is the cluster's, in seconds.
std::optional<statepb::Result> FirstAnswer(const ClusterState& state,
                                           int64_t clock,
                                           const RequestIdentity& request,
                                           statepb::Command::BodyCase body);
// By the clock that the state has.
std::optional<statepb::Result> FirstAnswer(const ClusterState& state,
                                           const RequestIdentity& request,
                                           statepb::Command::BodyCase body);

// Forgets what is too old, and the oldest when there are too many.
// TOO_MANY_REQUESTS when all are young.
absl::Status MakeRoomForRequest(ClusterState& state, int64_t clock);

void RememberRequest(ClusterState& state, int64_t clock,
                     const statepb::Command& command,
                     const statepb::Result& result);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_COMPLETED_REQUESTS_H_
