// SPDX-License-Identifier: Apache-2.0
// How commands reach an agent. Implemented by Connection and by the fake of
// the tests. Thread-compatible; used by the main thread.
#ifndef MICROOVN_CTL_CLIENT_API_H_
#define MICROOVN_CTL_CLIENT_API_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/status/status_macros.h"
#include "ctl/client/rpc.h"
#include "google/protobuf/message.h"

namespace microovn::ctl {

class Api {
 public:
  virtual ~Api() = default;

  // A failure that the agent did not send has reason DAEMON_UNREACHABLE.
  template <class Request, class Response>
  absl::StatusOr<Response> Call(const Rpc<Request, Response>& rpc,
                                const Request& request) {
    return Call(rpc, request, rpc.deadline);
  }

  template <class Request, class Response>
  absl::StatusOr<Response> Call(const Rpc<Request, Response>& rpc,
                                const Request& request,
                                absl::Duration deadline) {
    Response response;
    RETURN_IF_ERROR(CallMethod(rpc.method, request, deadline, &response));
    return response;
  }

  // `take` returns whether to go on. InfiniteDuration for a stream that ends
  // only with the caller.
  template <class Request, class Response>
  absl::Status Stream(const Rpc<Request, Response>& rpc, const Request& request,
                      absl::Duration deadline,
                      const std::function<bool(const Response&)>& take) {
    Response response;
    return StreamMethod(rpc.method, request, deadline, &response,
                        [&] { return take(response); });
  }

 protected:
  virtual absl::Status CallMethod(const std::string& method,
                                  const google::protobuf::Message& request,
                                  absl::Duration deadline,
                                  google::protobuf::Message* response) = 0;

  // Parses each message into `response`, then calls `take`.
  virtual absl::Status StreamMethod(const std::string& method,
                                    const google::protobuf::Message& request,
                                    absl::Duration deadline,
                                    google::protobuf::Message* response,
                                    const std::function<bool()>& take) = 0;
};

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_CLIENT_API_H_
