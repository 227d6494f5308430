// SPDX-License-Identifier: Apache-2.0
// What a command sees of the world: its streams, the environment, the clock
// and the agent. One per process; main thread. Borrowed parts outlive it.
#ifndef MICROOVN_CTL_CLIENT_SESSION_H_
#define MICROOVN_CTL_CLIENT_SESSION_H_

#include <functional>
#include <istream>
#include <memory>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/crypto/random.h"
#include "base/process/command_runner.h"
#include "base/status/status_macros.h"
#include "base/time/clock.h"
#include "ctl/client/api.h"
#include "ctl/client/repetition.h"

namespace microovn::ctl {

struct Terminal {
  std::ostream* out = nullptr;
  std::ostream* err = nullptr;
  std::istream* in = nullptr;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  // Symbols such as a triangle can be shown.
  bool unicode = false;
  bool colour = false;
  // Of the output, when it is a terminal.
  size_t columns = 80;
};

struct SessionParts {
  Terminal terminal;
  const Clock* clock = nullptr;
  RandomSource* random = nullptr;
  CommandRunner* runner = nullptr;
  // Empty for a variable that is not set.
  std::function<std::string(const std::string& name)> environment;
  std::function<absl::StatusOr<std::unique_ptr<Api>>()> connect;
  std::function<void(absl::Duration)> sleep;
  // The defaults that `init` offers; empty when there is none.
  std::function<std::string()> host_name;
  std::function<std::string()> listen_address;
  // Whether the user has asked to stop (Ctrl-C).
  std::function<bool()> interrupted;
  // Whether nobody reads the output any more; may be empty.
  std::function<bool()> reader_is_gone;
};

class Session {
 public:
  explicit Session(SessionParts parts) : parts_(std::move(parts)) {}

  std::ostream& out() { return *parts_.terminal.out; }
  std::ostream& err() { return *parts_.terminal.err; }
  std::istream& in() { return *parts_.terminal.in; }
  const Terminal& terminal() const { return parts_.terminal; }
  const Clock& clock() const { return *parts_.clock; }
  RandomSource& random() { return *parts_.random; }
  CommandRunner& runner() { return *parts_.runner; }
  std::string Environment(const std::string& name) const {
    return parts_.environment(name);
  }
  std::string HostName() const { return parts_.host_name(); }
  std::string ListenAddress() const { return parts_.listen_address(); }
  void Sleep(absl::Duration duration) { parts_.sleep(duration); }
  bool Interrupted() const { return parts_.interrupted(); }
  bool ReaderIsGone() const {
    return parts_.reader_is_gone && parts_.reader_is_gone();
  }

  // Connects at the first call; valid as long as the session.
  absl::StatusOr<Api*> Agent() {
    if (api_ == nullptr) {
      ASSIGN_OR_RETURN(api_, parts_.connect());
    }
    return api_.get();
  }

  // A connection of its own, for polling an agent that may not be there yet.
  absl::StatusOr<std::unique_ptr<Api>> Dial() { return parts_.connect(); }

  // Calls the agent.
  template <class Request, class Response>
  absl::StatusOr<Response> Call(const Rpc<Request, Response>& rpc,
                                const Request& request) {
    ASSIGN_OR_RETURN(Api* const api, Agent());
    return api->Call(rpc, request);
  }

  // Makes a change, once however often it must be sent: gives the request an
  // id and repeats it while its outcome is unknown.
  template <class Request, class Response>
  absl::StatusOr<Response> Change(const Rpc<Request, Response>& rpc,
                                  Request request) {
    // An agent that is not there has not got the request.
    ASSIGN_OR_RETURN(Api* const api, Agent());
    request.set_request_id(random().Id());
    Response response;
    RETURN_IF_ERROR(RepeatWhileUnknown(Repetition(), [&]() -> absl::Status {
      ASSIGN_OR_RETURN(response, api->Call(rpc, request));
      return absl::OkStatus();
    }));
    return response;
  }

 private:
  RepetitionParts Repetition() {
    return {parts_.clock, parts_.sleep, parts_.interrupted,
            [this](const absl::Status& why) {
              if (!parts_.terminal.err_is_terminal) return;
              err() << why.message() << "; asking again ...\n" << std::flush;
            }};
  }

  const SessionParts parts_;
  std::unique_ptr<Api> api_;
};

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_CLIENT_SESSION_H_
