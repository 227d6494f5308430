// SPDX-License-Identifier: Apache-2.0
#include "agent/server/listener.h"

#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/server/administrators.h"
#include "base/file/file.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/text/host_port.h"
#include "glog/logging.h"

namespace microovn::agent {
namespace {

constexpr int kBacklog = 512;
constexpr char kAdminGroup[] = "microovn";

// By the credentials at connect time (unix(7), SO_PEERCRED and SO_PEERGROUPS).
bool IsAdmin(const UniqueFd& connection) {
  ucred credentials = {};
  socklen_t size = sizeof(credentials);
  if (getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &credentials,
                 &size) != 0) {
    return false;
  }
  SocketPeer peer = {credentials.uid, credentials.gid,
                     std::vector<gid_t>(1024)};
  size = static_cast<socklen_t>(peer.groups.size() * sizeof(gid_t));
  const bool known = getsockopt(connection.get(), SOL_SOCKET, SO_PEERGROUPS,
                                peer.groups.data(), &size) == 0;
  peer.groups.resize(known ? size / sizeof(gid_t) : 0);
  const group* admins = getgrnam(kAdminGroup);
  return IsAdministrator(
      peer, admins == nullptr ? std::nullopt : std::optional(admins->gr_gid));
}

std::string SourceOf(const UniqueFd& connection) {
  sockaddr_storage peer = {};
  socklen_t size = sizeof(peer);
  char host[NI_MAXHOST] = "";
  if (getpeername(connection.get(), reinterpret_cast<sockaddr*>(&peer),
                  &size) == 0) {
    getnameinfo(reinterpret_cast<sockaddr*>(&peer), size, host, sizeof(host),
                nullptr, 0, NI_NUMERICHOST);
  }
  return host;
}

// Without the group it is root's alone.
absl::Status GiveToAdministrators(const std::string& path, mode_t mode) {
  const group* admins = getgrnam(kAdminGroup);
  const gid_t owner = admins == nullptr ? getgid() : admins->gr_gid;
  if (chown(path.c_str(), static_cast<uid_t>(-1), owner) != 0) {
    return ErrnoStatus(errno, "chown", path);
  }
  if (chmod(path.c_str(), mode) != 0) return ErrnoStatus(errno, "chmod", path);
  return absl::OkStatus();
}

absl::Status BindUnix(const UniqueFd& socket, const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return MakeError(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat("the socket's path ", path, " is longer than ",
                     sizeof(address.sun_path) - 1, " bytes"),
        {"SOCKET_PATH_TOO_LONG", "choose a shorter --root"});
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  const std::string directory = path.substr(0, path.rfind('/'));
  RETURN_IF_ERROR(MakeDirectories(directory, 0700));
  unlink(path.c_str());
  if (bind(socket.get(), reinterpret_cast<sockaddr*>(&address),
           sizeof(address)) != 0) {
    return ErrnoStatus(errno, "bind", path);
  }
  // The socket first: nobody gets at it before it is as it should be.
  RETURN_IF_ERROR(GiveToAdministrators(path, 0660));
  return GiveToAdministrators(directory, 0750);
}

absl::StatusOr<UniqueFd> BindTcp(const HostPort& address) {
  const std::string shown = FormatHostPort(address);
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(
      address.host.c_str(), absl::StrCat(address.port).c_str(), &hints, &found);
  if (error != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(shown, ": ", gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found,
                                                             freeaddrinfo);
  UniqueFd fd(socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return ErrnoStatus(errno, "socket", shown);
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  // An address that comes up after the agent does (a bridge that is not there
  // yet) must not stop it.
  setsockopt(fd.get(), SOL_IP, IP_FREEBIND, &on, sizeof(on));
  if (bind(fd.get(), found->ai_addr, found->ai_addrlen) != 0) {
    return MakeError(
        absl::StatusCode::kUnavailable,
        absl::StrCat("cannot listen on ", shown, ": ", std::strerror(errno)),
        {"ADDRESS_NOT_USABLE", "choose another --address or free that port"});
  }
  return fd;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Unix(
    const std::string& path, ConnectionHandler handler) {
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return ErrnoStatus(errno, "socket", path);
  RETURN_IF_ERROR(BindUnix(fd, path));
  return Start(std::move(fd), IsAdmin, std::move(handler));
}

absl::StatusOr<std::unique_ptr<Listener>> Listener::Tcp(
    const HostPort& address, const ConnectionLimits& limits, const Clock* clock,
    MemberAddress member, ConnectionHandler handler) {
  ASSIGN_OR_RETURN(UniqueFd fd, BindTcp(address));
  auto gate = std::make_shared<ConnectionGate>(limits);
  Admission admit = [gate, clock,
                     member = std::move(member)](const UniqueFd& connection) {
    const std::string source = SourceOf(connection);
    return gate->Admit(source, member != nullptr && member(source),
                       connection.get(), clock->Monotonic());
  };
  return Start(std::move(fd), std::move(admit), std::move(handler));
}

absl::StatusOr<std::unique_ptr<Listener>> Listener::Start(
    UniqueFd socket, Admission admit, ConnectionHandler handler) {
  if (listen(socket.get(), kBacklog) != 0) {
    return ErrnoStatus(errno, "listen", "");
  }
  UniqueFd stop(eventfd(0, EFD_CLOEXEC));
  if (!stop.valid()) return ErrnoStatus(errno, "eventfd", "");
  std::unique_ptr<Listener> listener(
      new Listener(std::move(socket), std::move(admit), std::move(handler)));
  listener->stop_ = std::move(stop);
  listener->thread_ = std::thread([raw = listener.get()] { raw->Run(); });
  return listener;
}

Listener::Listener(UniqueFd socket, Admission admit, ConnectionHandler handler)
    : socket_(std::move(socket)),
      admit_(std::move(admit)),
      handler_(std::move(handler)) {}

Listener::~Listener() {
  const uint64_t one = 1;
  if (write(stop_.get(), &one, sizeof(one)) != sizeof(one)) {
    PLOG(FATAL) << "cannot stop the accept loop";
  }
  thread_.join();
}

void Listener::Run() {
  for (;;) {
    pollfd fds[2] = {{socket_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    if (poll(fds, 2, -1) < 0) continue;
    if (fds[1].revents != 0) return;
    UniqueFd connection(
        accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!connection.valid()) {
      // Out of descriptors: leave the queue alone until some are free again.
      if (errno == EMFILE || errno == ENFILE) poll(&fds[1], 1, 20);
      continue;
    }
    if (admit_(connection)) handler_(std::move(connection));
  }
}

}  // namespace microovn::agent
