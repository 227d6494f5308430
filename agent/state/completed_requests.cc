// SPDX-License-Identifier: Apache-2.0
#include "agent/state/completed_requests.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <vector>

#include "agent/errors/cluster_errors.h"
#include "agent/state/values/canonical.h"
#include "agent/state/values/result.h"
#include "base/crypto/digest.h"

namespace microovn::agent {
namespace {

using statepb::Command;
using statepb::CompletedRequest;
using statepb::Result;

bool Expired(const CompletedRequest& request, int64_t clock) {
  return request.completed_seconds() + kRequestLifeSeconds <= clock;
}

// Without what the tables around it take.
size_t SizeOf(const CompletedRequest& request) {
  return request.request_id().size() + request.result().size() +
         request.digest().size();
}

Result Reused(const ClusterState& state, const std::string& id) {
  Result result = ResultOf(RequestIdReused(id));
  result.set_revision(state.revision());
  return result;
}

}  // namespace

std::string RequestDigest(const google::protobuf::Message& request) {
  const std::unique_ptr<google::protobuf::Message> asked(request.New());
  asked->CopyFrom(request);
  const auto* field = asked->GetDescriptor()->FindFieldByName("request_id");
  if (field != nullptr) asked->GetReflection()->ClearField(asked.get(), field);
  DigestBuilder digest;
  digest.Add(asked->GetDescriptor()->full_name());
  digest.Add(CanonicalBytes(*asked));
  return digest.Finish();
}

std::optional<Result> FirstAnswer(const ClusterState& state, int64_t clock,
                                  const RequestIdentity& request,
                                  Command::BodyCase body) {
  if (request.id.empty()) return std::nullopt;
  const CompletedRequest* first = state.requests.Find(request.id);
  if (first == nullptr || Expired(*first, clock)) return std::nullopt;
  Result answer;
  if (first->body() != static_cast<uint32_t>(body) ||
      first->digest() != request.digest ||
      !answer.ParseFromString(first->result())) {
    return Reused(state, request.id);
  }
  return answer;
}

std::optional<Result> FirstAnswer(const ClusterState& state,
                                  const RequestIdentity& request,
                                  Command::BodyCase body) {
  return FirstAnswer(state, state.cluster().clock_seconds(), request, body);
}

absl::Status MakeRoomForRequest(ClusterState& state, int64_t clock) {
  std::vector<std::string> dropped;
  // Those that are kept by age; of the same age any, but the same everywhere.
  std::vector<std::tuple<int64_t, std::string, size_t>> kept;
  size_t bytes = 0;
  for (const auto& [id, request] : state.requests.records()) {
    if (Expired(*request, clock)) {
      dropped.push_back(id);
      continue;
    }
    const size_t size = SizeOf(*request);
    kept.emplace_back(request->completed_seconds(), id, size);
    bytes += size;
  }
  for (const std::string& id : dropped) state.requests.Erase(id);
  if (kept.size() < kMaxRequests && bytes < kMaxRequestBytes) {
    return absl::OkStatus();
  }
  std::sort(kept.begin(), kept.end());
  size_t left = kept.size();
  for (const auto& [completed, id, size] : kept) {
    if (left < kMaxRequests && bytes < kMaxRequestBytes) break;
    if (completed + kMinRequestLifeSeconds > clock) return TooManyRequests();
    state.requests.Erase(id);
    --left;
    bytes -= size;
  }
  return absl::OkStatus();
}

void RememberRequest(ClusterState& state, int64_t clock, const Command& command,
                     const Result& result) {
  CompletedRequest request;
  request.set_request_id(command.request_id());
  request.set_digest(command.request_digest());
  request.set_result(CanonicalBytes(result));
  request.set_completed_seconds(clock);
  request.set_body(static_cast<uint32_t>(command.body_case()));
  state.requests.Put(command.request_id(), request);
}

}  // namespace microovn::agent
