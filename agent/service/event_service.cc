#include "agent/service/event_service.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "agent/api/converters.h"
#include "agent/state/store/state_store.h"
#include "base/status_macros.h"

namespace microovn::agent {
namespace {

// How often a watcher without news looks whether its client is still there.
constexpr absl::Duration kWatchInterval = absl::Seconds(1);

absl::Status Watch(const grpc::ServerContext& context, Membership& member,
                   const v1::WatchEventsRequest& request,
                   grpc::ServerWriter<v1::WatchEventsResponse>& writer) {
  uint64_t sent = request.after_revision();
  StateSnapshot state = member.state();
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<statepb::Event> events,
                     EventsAfter(*state, sent));
    for (const statepb::Event& event : events) {
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
  return guard_->RunOnMember(*context, "microovn.v1.EventService/WatchEvents",
                             [&](const Caller&, Membership& member) {
                               return Watch(*context, member, *request,
                                            *writer);
                             });
}

}  // namespace microovn::agent
