// SPDX-License-Identifier: Apache-2.0
// An agent for tests: a real gRPC server on a unix socket that answers each
// method from a function. Thread-safe; stops with the object.
#ifndef MICROOVN_CTL_TESTING_FAKE_AGENT_H_
#define MICROOVN_CTL_TESTING_FAKE_AGENT_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ctl/client/rpc.h"

namespace microovn::ctl {

class FakeAgent {
 public:
  // The messages to send, serialized.
  using Respond = std::function<absl::StatusOr<std::vector<std::string>>(
      const std::string& request)>;

  FakeAgent();
  ~FakeAgent();

  const std::string& socket() const;
  // From now on answers say that they may be old.
  void LoseQuorum();
  // "/package.Service/Method", as they came.
  std::vector<std::string> calls() const;

  struct Asked {
    std::string method;
    std::string request;  // serialized
  };
  // Those that were read; forgets them.
  std::vector<Asked> TakeAsked();

  template <class Request, class Response>
  void Answer(const Rpc<Request, Response>& rpc,
              std::function<absl::StatusOr<Response>(const Request&)> answer) {
    AnswerStream<Request, Response>(
        rpc,
        [answer](
            const Request& request) -> absl::StatusOr<std::vector<Response>> {
          auto response = answer(request);
          if (!response.ok()) return response.status();
          return std::vector<Response>{*std::move(response)};
        });
  }

  template <class Request, class Response>
  void AnswerStream(
      const Rpc<Request, Response>& rpc,
      std::function<absl::StatusOr<std::vector<Response>>(const Request&)>
          answer) {
    SetRespond(rpc.method,
               [answer](const std::string& bytes)
                   -> absl::StatusOr<std::vector<std::string>> {
                 Request request;
                 if (!request.ParseFromString(bytes)) {
                   return absl::InternalError("the request does not parse");
                 }
                 auto responses = answer(request);
                 if (!responses.ok()) return responses.status();
                 std::vector<std::string> serialized;
                 for (const Response& response : *responses) {
                   serialized.push_back(response.SerializeAsString());
                 }
                 return serialized;
               });
  }

 private:
  class Server;

  void SetRespond(const std::string& method, Respond respond);

  std::unique_ptr<Server> server_;
};

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_TESTING_FAKE_AGENT_H_
