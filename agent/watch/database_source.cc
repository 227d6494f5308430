// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/database_source.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"
#include "base/time/clock.h"
#include "nlohmann/json.hpp"
#include "supervisor/json_rpc/unix_socket.h"

namespace microovn::agent {
namespace {

using Json = nlohmann::json;

constexpr char kId[] = "monitor";
// Of a server's words in a status.
constexpr size_t kLongestError = 300;
// What one Read takes in at most; the rest makes the descriptor readable
// again.
constexpr int kMostPieces = 64;

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace

std::string DatabaseSource::Request() const {
  Json tables = Json::object();
  for (const auto& [table, columns] : options_.columns) {
    tables[table] =
        Json::array({{{"columns", columns}, {"select", {{"initial", false}}}}});
  }
  return Dump({{"method", "monitor"},
               {"params", Json::array({options_.database, kId, tables})},
               {"id", kId}});
}

absl::Status DatabaseSource::Open() {
  Close();
  const absl::Duration deadline = Clock::Real().Monotonic() + options_.timeout;
  ASSIGN_OR_RETURN(fd_, supervisor::ConnectUnix(options_.socket));
  RETURN_IF_ERROR(Send(Request()));
  for (;;) {
    const absl::Duration left = deadline - Clock::Real().Monotonic();
    if (left <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError("no answer to monitor in time");
    }
    pollfd entry = {fd_.get(), POLLIN, 0};
    const int64_t milliseconds = absl::ToInt64Milliseconds(left) + 1;
    if (poll(&entry, 1, static_cast<int>(milliseconds)) <= 0) continue;
    ASSIGN_OR_RETURN(const std::vector<Kind> kinds, Receive());
    if (std::find(kinds.begin(), kinds.end(), Kind::kAccepted) != kinds.end()) {
      return absl::OkStatus();
    }
  }
}

void DatabaseSource::Close() {
  fd_ = UniqueFd();
  splitter_ = MessageSplitter();
}

absl::StatusOr<bool> DatabaseSource::Read() {
  ASSIGN_OR_RETURN(const std::vector<Kind> kinds, Receive());
  return std::find(kinds.begin(), kinds.end(), Kind::kChange) != kinds.end();
}

// Messages are short, and a server that does not take them in is not one to
// wait for here.
absl::Status DatabaseSource::Send(absl::string_view message) {
  const ssize_t sent = send(fd_.get(), message.data(), message.size(),
                            MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent == static_cast<ssize_t>(message.size())) return absl::OkStatus();
  return absl::AbortedError(
      absl::StrCat("send to ", options_.socket, ": ",
                   sent < 0 ? strerror(errno) : "it is not read"));
}

absl::StatusOr<DatabaseSource::Kind> DatabaseSource::Understand(
    const std::string& message) {
  const Json json = Json::parse(message, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::DataLossError("not a JSON-RPC message");
  const auto method = json.find("method");
  const auto id = json.find("id");
  if (method != json.end() && method->is_string()) {
    if (*method != "echo") return Kind::kChange;
    Json reply = {{"result", json.value("params", Json::array())},
                  {"error", nullptr},
                  {"id", id == json.end() ? Json() : *id}};
    RETURN_IF_ERROR(Send(Dump(reply)));
    return Kind::kOther;
  }
  const auto error = json.find("error");
  if (error != json.end() && !error->is_null()) {
    return absl::FailedPreconditionError(
        absl::StrCat("monitor: ", Shown(Dump(*error), kLongestError)));
  }
  return id != json.end() && *id == kId ? Kind::kAccepted : Kind::kOther;
}

absl::StatusOr<std::vector<DatabaseSource::Kind>> DatabaseSource::Receive() {
  std::vector<Kind> kinds;
  char buffer[16 << 10];
  for (int piece = 0; piece < kMostPieces; ++piece) {
    const ssize_t got = recv(fd_.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) break;
    if (got < 0) return ErrnoStatus(errno, "recv", options_.socket);
    if (got == 0) return absl::AbortedError("the server hung up");
    ASSIGN_OR_RETURN(
        const std::vector<std::string> messages,
        splitter_.Add(absl::string_view(buffer, static_cast<size_t>(got))));
    for (const std::string& message : messages) {
      ASSIGN_OR_RETURN(const Kind kind, Understand(message));
      kinds.push_back(kind);
    }
  }
  return kinds;
}

DatabaseSource::Options SwitchSource(std::string socket) {
  DatabaseSource::Options options;
  options.socket = std::move(socket);
  options.database = "Open_vSwitch";
  options.columns = {{"Open_vSwitch", {"external_ids"}},
                     {"Bridge", {"name", "ports"}},
                     {"Port", {"name"}}};
  return options;
}

DatabaseSource::Options ClusterSource(std::string socket) {
  DatabaseSource::Options options;
  options.socket = std::move(socket);
  options.database = "_Server";
  options.columns = {
      {"Database", {"name", "connected", "leader", "cid", "sid"}}};
  return options;
}

DatabaseSource::Options ListenerSource(std::string socket,
                                       std::string database) {
  DatabaseSource::Options options;
  options.socket = std::move(socket);
  options.database = std::move(database);
  options.columns = {{"Connection", {"target"}}};
  return options;
}

}  // namespace microovn::agent
