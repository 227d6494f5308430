// SPDX-License-Identifier: Apache-2.0
#include "pki/wire/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"
#include "base/text/host_port.h"

namespace microovn::pki {
namespace {

struct Address {
  sockaddr_storage storage = {};
  socklen_t size = 0;
};

// Addresses only. A name would be resolved by whoever answers DNS, and libc's
// resolver has no deadline of ours.
absl::StatusOr<Address> ToSocketAddress(const HostPort& endpoint) {
  Address address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  if (inet_pton(AF_INET, endpoint.host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(endpoint.port);
    address.size = sizeof(*v4);
    return address;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET6, endpoint.host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(endpoint.port);
    address.size = sizeof(*v6);
    return address;
  }
  return absl::InvalidArgumentError("it is not an IP address");
}

absl::Status SocketError(int error) {
  return absl::UnavailableError(strerror(error));
}

bool WouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

absl::StatusOr<Socket> Socket::Connect(const HostPort& address,
                                       absl::Duration timeout,
                                       const Clock& clock) {
  ASSIGN_OR_RETURN(const Address to, ToSocketAddress(address));
  UniqueFd fd(socket(to.storage.ss_family,
                     SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return SocketError(errno);
  Socket result(std::move(fd), clock.Monotonic() + timeout, clock);
  const int raw = result.fd_.get();
  if (connect(raw, reinterpret_cast<const sockaddr*>(&to.storage), to.size) ==
      0) {
    return result;
  }
  if (errno != EINPROGRESS) return SocketError(errno);
  // connect(2): writable means decided, and SO_ERROR says how.
  RETURN_IF_ERROR(result.Wait(POLLOUT));
  int error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(raw, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return SocketError(error);
  return result;
}

absl::Status Socket::Wait(short events) const {  // NOLINT(google-runtime-int)
  for (;;) {
    const int64_t left =
        absl::ToInt64Milliseconds(deadline_ - clock_->Monotonic());
    if (left <= 0) return absl::DeadlineExceededError("no answer in time");
    pollfd entry = {fd_.get(), events, 0};
    // At most a minute at a time, so that the conversion to int is exact; the
    // loop goes on to the deadline.
    const int ready =
        poll(&entry, 1, static_cast<int>(std::min<int64_t>(left, 60'000)));
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno != EINTR) return SocketError(errno);
  }
}

absl::Status Socket::Send(absl::string_view data) {
  while (!data.empty()) {
    // A peer that is gone must not end the process with SIGPIPE.
    const ssize_t sent =
        send(fd_.get(), data.data(), data.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      data.remove_prefix(static_cast<size_t>(sent));
    } else if (WouldBlock(errno)) {
      RETURN_IF_ERROR(Wait(POLLOUT));
    } else if (errno != EINTR) {
      return SocketError(errno);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Socket::Receive() {
  char buffer[16 << 10];
  for (;;) {
    // Always first: a peer that never stops sending has a deadline, too.
    RETURN_IF_ERROR(Wait(POLLIN));
    const ssize_t got = recv(fd_.get(), buffer, sizeof(buffer), 0);
    if (got > 0) return std::string(buffer, static_cast<size_t>(got));
    if (got == 0) return absl::UnavailableError("it closed the connection");
    if (!WouldBlock(errno) && errno != EINTR) return SocketError(errno);
  }
}

}  // namespace microovn::pki
