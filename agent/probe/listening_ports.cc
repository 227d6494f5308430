// SPDX-License-Identifier: Apache-2.0
#include "agent/probe/listening_ports.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "base/file/file.h"
#include "base/file/unique_fd.h"
#include "base/status/status_macros.h"

namespace microovn::agent {
namespace {

constexpr char kListens[] = "0A";
// A node with very many connections.
constexpr size_t kLargestTable = 64 << 20;
// More than an answer's parts are long.
constexpr size_t kLargestPart = 32 << 10;
// The kernel answers at once.
constexpr timeval kPatience = {1, 0};

absl::Status Failed(const char* step) {
  return absl::ErrnoToStatus(errno, step);
}

absl::Status SendQuestion(int fd, uint8_t family) {
  struct {
    nlmsghdr header;
    inet_diag_req_v2 question;
  } request = {};
  request.header.nlmsg_len = sizeof(request);
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.question.sdiag_family = family;
  request.question.sdiag_protocol = IPPROTO_TCP;
  request.question.idiag_states = 1u << TCP_LISTEN;
  // To the kernel, whose address is all zeros.
  sockaddr_nl kernel = {};
  kernel.nl_family = AF_NETLINK;
  if (sendto(fd, &request, sizeof(request), 0,
             reinterpret_cast<const sockaddr*>(&kernel), sizeof(kernel)) < 0) {
    return Failed("sock_diag is not asked");
  }
  return absl::OkStatus();
}

// True when the answer is complete.
absl::StatusOr<bool> ReadPart(int fd, std::set<uint16_t>* ports) {
  alignas(nlmsghdr) std::array<char, kLargestPart> part;
  const ssize_t size = recv(fd, part.data(), part.size(), 0);
  if (size < 0) return Failed("sock_diag does not answer");
  size_t left = static_cast<size_t>(size);
  for (const auto* message = reinterpret_cast<const nlmsghdr*>(part.data());
       NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
    if (message->nlmsg_type == NLMSG_DONE) return true;
    if (message->nlmsg_type == NLMSG_ERROR ||
        message->nlmsg_len < NLMSG_LENGTH(sizeof(inet_diag_msg))) {
      return absl::UnavailableError("sock_diag refuses");
    }
    const auto* socket = static_cast<const inet_diag_msg*>(NLMSG_DATA(message));
    ports->insert(ntohs(socket->id.idiag_sport));
  }
  return false;
}

}  // namespace

// "   0: 00000000:19F1 00000000:0000 0A 00000000:00000000 ..."
std::set<uint16_t> ParseListeningPorts(absl::string_view table) {
  std::set<uint16_t> ports;
  for (absl::string_view line : absl::StrSplit(table, '\n')) {
    const std::vector<absl::string_view> fields =
        absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (fields.size() < 4 || fields[3] != kListens) continue;
    const size_t colon = fields[1].rfind(':');
    uint32_t port = 0;
    if (colon == absl::string_view::npos ||
        !absl::SimpleHexAtoi(fields[1].substr(colon + 1), &port) ||
        port > UINT16_MAX) {
      continue;
    }
    ports.insert(static_cast<uint16_t>(port));
  }
  return ports;
}

absl::StatusOr<std::set<uint16_t>> AskForListeningPorts() {
  const UniqueFd fd(
      socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!fd.valid()) return Failed("no netlink socket");
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  std::set<uint16_t> ports;
  for (const uint8_t family : {AF_INET, AF_INET6}) {
    RETURN_IF_ERROR(SendQuestion(fd.get(), family));
    for (bool complete = false; !complete;) {
      ASSIGN_OR_RETURN(complete, ReadPart(fd.get(), &ports));
    }
  }
  return ports;
}

absl::StatusOr<std::set<uint16_t>> ReadListeningTables() {
  std::set<uint16_t> ports;
  ASSIGN_OR_RETURN(const std::string four,
                   ReadFile("/proc/self/net/tcp", kLargestTable));
  ports = ParseListeningPorts(four);
  // A kernel may have no IPv6.
  const absl::StatusOr<std::string> six =
      ReadFile("/proc/self/net/tcp6", kLargestTable);
  if (six.ok()) ports.merge(ParseListeningPorts(*six));
  return ports;
}

absl::StatusOr<std::set<uint16_t>> ReadListeningPorts() {
  auto asked = AskForListeningPorts();
  return asked.ok() ? asked : ReadListeningTables();
}

}  // namespace microovn::agent
