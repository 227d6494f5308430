// SPDX-License-Identifier: Apache-2.0
// microovn.v1.EventService: what happened, and what happens. Thread-safe.
#ifndef MICROOVN_AGENT_SERVICE_EVENT_SERVICE_H_
#define MICROOVN_AGENT_SERVICE_EVENT_SERVICE_H_

#include "agent/service/call_guard.h"
#include "microovn/v1/event.grpc.pb.h"

namespace microovn::agent {

class EventService final : public v1::EventService::Service {
 public:
  // Borrowed; outlives the server.
  explicit EventService(const CallGuard* guard) : guard_(guard) {}

  grpc::Status WatchEvents(
      grpc::ServerContext* context, const v1::WatchEventsRequest* request,
      grpc::ServerWriter<v1::WatchEventsResponse>* writer) override;

 private:
  const CallGuard* const guard_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_EVENT_SERVICE_H_
