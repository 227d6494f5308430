// SPDX-License-Identifier: Apache-2.0
#include "supervisor/json_rpc/json_rpc.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/file/unique_fd.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"
#include "base/time/clock.h"
#include "nlohmann/json.hpp"
#include "supervisor/json_rpc/json_rpc_reply.h"
#include "supervisor/json_rpc/unix_socket.h"

namespace microovn::supervisor {
namespace {

using Json = nlohmann::json;

// A compromised daemon must not be able to fill the agent's memory.
constexpr size_t kLargestReply = 4 << 20;
// Of what a daemon answers in a status.
constexpr size_t kLongestError = 300;

absl::Status WaitFor(int fd, short events, absl::Duration deadline) {
  for (;;) {
    const absl::Duration left = deadline - Clock::Real().Monotonic();
    if (left <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError("no answer in time");
    }
    pollfd entry = {fd, events, 0};
    // Rounded up: poll(2) with 0 would spin for the last fraction.
    const int64_t milliseconds =
        std::min<int64_t>(absl::ToInt64Milliseconds(left) + 1, 60'000);
    if (poll(&entry, 1, static_cast<int>(milliseconds)) > 0) {
      return absl::OkStatus();
    }
  }
}

// MSG_NOSIGNAL: a daemon that hangs up must not end the agent by SIGPIPE.
absl::Status Send(int fd, absl::string_view request, absl::Duration deadline) {
  while (!request.empty()) {
    const ssize_t sent =
        send(fd, request.data(), request.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      request.remove_prefix(static_cast<size_t>(sent));
    } else if (errno == EAGAIN || errno == EINTR) {
      RETURN_IF_ERROR(WaitFor(fd, POLLOUT, deadline));
    } else {
      return absl::AbortedError(absl::StrCat("send: ", strerror(errno)));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<JsonRpcReply> Receive(int fd, absl::Duration deadline) {
  std::string text;
  char buffer[16 << 10];
  for (;;) {
    RETURN_IF_ERROR(WaitFor(fd, POLLIN, deadline));
    const ssize_t got = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got <= 0) return absl::AbortedError("the daemon hung up");
    text.append(buffer, static_cast<size_t>(got));
    if (text.size() > kLargestReply) {
      return absl::ResourceExhaustedError("the reply is too long");
    }
    // The daemon's id is not compared: one call was made on this connection.
    std::optional<JsonRpcReply> reply = ParseJsonRpcReply(text);
    if (reply.has_value()) return *std::move(reply);
  }
}

absl::StatusOr<JsonRpcReply> Call(const std::string& socket,
                                  const std::string& method, Json params,
                                  absl::Duration timeout) {
  const absl::Duration deadline = Clock::Real().Monotonic() + timeout;
  ASSIGN_OR_RETURN(const UniqueFd fd, ConnectUnix(socket));
  const Json request = {
      {"method", method}, {"params", std::move(params)}, {"id", 0}};
  // In ASCII: bytes that are not UTF-8 are replaced, not thrown about.
  RETURN_IF_ERROR(Send(
      fd.get(), request.dump(-1, ' ', true, Json::error_handler_t::replace),
      deadline));
  return Receive(fd.get(), deadline);
}

}  // namespace

absl::StatusOr<std::string> Unixctl(const std::string& socket,
                                    const std::string& command,
                                    const std::vector<std::string>& arguments,
                                    absl::Duration timeout) {
  ASSIGN_OR_RETURN(JsonRpcReply reply,
                   Call(socket, command, arguments, timeout));
  if (!reply.error.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(command, ": ", Shown(reply.error, kLongestError)));
  }
  return std::move(reply.result);
}

absl::StatusOr<std::string> OvsdbTransact(const std::string& socket,
                                          const std::string& params,
                                          absl::Duration timeout) {
  Json parsed = Json::parse(params, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_array()) {
    return absl::InvalidArgumentError("a transaction is an array");
  }
  ASSIGN_OR_RETURN(JsonRpcReply reply,
                   Call(socket, "transact", std::move(parsed), timeout));
  if (!reply.error.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("transact: ", Shown(reply.error, kLongestError)));
  }
  return std::move(reply.result);
}

absl::Status PingDatabase(const std::string& socket, absl::Duration timeout) {
  return Call(socket, "echo", Json::array(), timeout).status();
}

}  // namespace microovn::supervisor
