// SPDX-License-Identifier: Apache-2.0
#include "agent/service/event_service.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/api/converters.h"
#include "agent/api/words.h"
#include "agent/service/requests.h"
#include "agent/state/store/state_store.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"

namespace microovn::agent {
namespace {

// How often a watcher without news looks whether its client is still there.
constexpr absl::Duration kWatchInterval = absl::Seconds(1);
constexpr int kMaxTypes = 64;
constexpr size_t kMaxResource = 256;
constexpr size_t kMaxShown = 64;

absl::Status CheckFilter(const v1::WatchEventsRequest& request) {
  if (request.types_size() > kMaxTypes ||
      request.resource().size() > kMaxResource) {
    return MakeError(
        absl::StatusCode::kInvalidArgument,
        "the filter of the events is too long",
        {"EVENT_FILTER_INVALID", "name fewer types, or a shorter resource"});
  }
  for (const std::string& type : request.types()) {
    if (IsEventType(type)) continue;
    return MakeError(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat("no event has the type ", Shown(type, kMaxShown)),
        {"EVENT_FILTER_INVALID",
         absl::StrCat("choose from ", absl::StrJoin(EventTypes(), ", "))});
  }
  return absl::OkStatus();
}

bool Passes(const v1::WatchEventsRequest& request,
            const statepb::Event& event) {
  const auto& types = request.types();
  if (!types.empty() &&
      std::find(types.begin(), types.end(), event.type()) == types.end()) {
    return false;
  }
  const std::string& wanted = request.resource();
  if (!wanted.empty() && event.resource() != wanted &&
      !absl::StartsWith(event.resource(), absl::StrCat(wanted, "/"))) {
    return false;
  }
  return !request.has_since() ||
         event.time_seconds() >= request.since().seconds();
}

absl::Status Watch(const grpc::ServerContext& context, Membership& member,
                   const v1::WatchEventsRequest& request,
                   grpc::ServerWriter<v1::WatchEventsResponse>& writer) {
  uint64_t sent = request.after_revision();
  StateSnapshot state = member.state();
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<statepb::Event> events,
                     EventsAfter(*state, sent));
    for (const statepb::Event& event : events) {
      if (!Passes(request, event)) continue;
      v1::WatchEventsResponse response;
      *response.mutable_event() = ToApi(event);
      // The client has gone.
      if (!writer.Write(response)) return absl::OkStatus();
    }
    sent = std::max(sent, state->revision());
    if (!request.follow()) return absl::OkStatus();
    absl::StatusOr<StateSnapshot> next;
    do {
      if (context.IsCancelled()) return absl::OkStatus();
      next = member.store().WaitForRevision(sent + 1, kWatchInterval);
    } while (absl::IsDeadlineExceeded(next.status()));
    if (!next.ok()) return next.status();
    state = *std::move(next);
  }
}

}  // namespace

grpc::Status EventService::WatchEvents(
    grpc::ServerContext* context, const v1::WatchEventsRequest* request,
    grpc::ServerWriter<v1::WatchEventsResponse>* writer) {
  return guard_->RunOnMember(
      *context, "microovn.v1.EventService/WatchEvents",
      [&](const Caller&, Membership& member) -> absl::Status {
        RETURN_IF_ERROR(CheckFilter(*request));
        PrepareRead(*context, member);
        return Watch(*context, member, *request, *writer);
      });
}

}  // namespace microovn::agent
