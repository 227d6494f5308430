// SPDX-License-Identifier: Apache-2.0
// An OVSDB server that the test speaks for, on a socket. Takes one connection
// at a time; its calls wait ten seconds for the other end. For one thread.
#ifndef MICROOVN_AGENT_WATCH_TESTING_FAKE_DATABASE_SERVER_H_
#define MICROOVN_AGENT_WATCH_TESTING_FAKE_DATABASE_SERVER_H_

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "base/file/unique_fd.h"
#include "glog/logging.h"

namespace microovn::agent {

// What a server says that will tell of changes.
inline constexpr char kMonitorAccepted[] =
    R"({"id":"monitor","result":{},"error":null})";

class FakeDatabaseServer {
 public:
  explicit FakeDatabaseServer(std::string path) : path_(std::move(path)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    absl::SNPrintF(address.sun_path, sizeof(address.sun_path), "%s", path_);
    listener_ = UniqueFd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    PCHECK(bind(listener_.get(), reinterpret_cast<sockaddr*>(&address),
                sizeof(address)) == 0);
    PCHECK(listen(listener_.get(), 4) == 0);
    SetPatience(listener_);
  }

  const std::string& path() const { return path_; }

  // Takes the connection and what it asks for.
  std::string Accept() {
    connection_ = UniqueFd(accept(listener_.get(), nullptr, nullptr));
    SetPatience(connection_);
    return Receive();
  }
  std::string Receive() {
    char buffer[4096];
    const ssize_t got = read(connection_.get(), buffer, sizeof(buffer));
    return got <= 0 ? "" : std::string(buffer, static_cast<size_t>(got));
  }
  void Say(absl::string_view text) {
    while (!text.empty()) {
      const ssize_t sent =
          send(connection_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      text.remove_prefix(static_cast<size_t>(sent));
    }
  }

 private:
  // accept(2), too, ends by it.
  static void SetPatience(const UniqueFd& fd) {
    const timeval patience = {10, 0};
    setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }

  const std::string path_;
  UniqueFd listener_;
  UniqueFd connection_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_WATCH_TESTING_FAKE_DATABASE_SERVER_H_
